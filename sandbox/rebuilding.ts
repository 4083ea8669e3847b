import { spawn } from 'node:child_process';
import { mkdirSync, watch } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const build = join(root, 'build');
/** The compiler writes its files one after the other. */
const quietMs = 300;

/** Compiles the sources whenever they change, and calls `rebuilt` once new files are there. Stops with us. */
export function rebuildOnChange(rebuilt: () => void): { stop(): void } {
  mkdirSync(build, { recursive: true });
  const nest = join(root, 'node_modules', '.bin', 'nest');
  const options = ['build', '--watch', '--preserveWatchOutput'];
  const compiler = spawn(nest, options, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  let timer: NodeJS.Timeout | undefined;
  const watcher = watch(build, { recursive: true }, (_event, name) => {
    if (name?.endsWith('.js') !== true) return;
    clearTimeout(timer);
    timer = setTimeout(rebuilt, quietMs);
  });
  return {
    stop: () => {
      clearTimeout(timer);
      watcher.close();
      compiler.kill('SIGTERM');
    },
  };
}
