// The client package as its users have it: packed, installed outside the tree, compiled by plain tsc, run by Node 20
// and 26.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoKeys, gatewayConfig } from '../../sandbox/gateway-config.ts';
import { startVendors } from '../../sandbox/vendors.ts';
import { startBuilt } from '../built-gateway.ts';

const root = join(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'sluice-client-'));
const program = ['consumer.ts', 'double.ts', 'with-doubles.ts', 'with-sluice.ts'];
const say = (line: string) => process.stdout.write(`${line}\n`);

const run = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

/** Node 20: the system's, or the one that npm has. */
function oldNode(): string {
  const path = (process.env['PATH'] ?? '').split(':').filter((one) => !one.includes('node_modules'));
  const { stdout } = spawnSync('node', ['-p', 'process.versions.node.split(".")[0] + " " + process.execPath'], {
    encoding: 'utf8',
    env: { ...process.env, PATH: path.join(':') },
  });
  const [major, file] = (stdout || '').trim().split(' ');
  if (major === '20' && file !== undefined) return file;
  const name = `node-${process.platform}-${process.arch}`;
  run('npm', 'install', '--no-audit', '--no-fund', '--no-save', `${name}@^20`);
  return join(folder, 'node_modules', name, 'bin', 'node');
}

function install(): void {
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--pack-destination', folder], {
      cwd: join(root, 'clients', 'typescript'),
      encoding: 'utf8',
    }),
  ) as { filename: string; files: { path: string }[] }[];
  if (!packed) throw new Error('npm pack told nothing.');
  const strange = packed.files.filter(({ path }) => !/^(?:dist\/|README\.md$|LICENSE$|package\.json$)/.test(path));
  const missing = ['README.md', 'LICENSE', 'dist/sluice.js', 'dist/sluice.d.ts'].filter(
    (path) => !packed.files.some((file) => file.path === path),
  );
  if (strange.length + missing.length > 0)
    throw new Error(`The package holds ${JSON.stringify({ strange, missing })}.`);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  const compilerOptions = { strict: true, target: 'ES2022', module: 'NodeNext', types: ['node'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: program }));
  for (const file of program) copyFileSync(join(import.meta.dirname, file), join(folder, file));
  run('npm', 'install', '--no-audit', '--no-fund', `./${packed.filename}`, 'typescript@5', '@types/node@20');
  run(join(folder, 'node_modules', '.bin', 'tsc'), '-p', '.');
}

const vendors = await startVendors();
const gateway = startBuilt(gatewayConfig(vendors.urls));
let failed = 0;
try {
  install();
  const { url } = await gateway.listening();
  const env = {
    PATH: process.env['PATH'],
    SLUICE_URL: url,
    SLUICE_KEY: demoKeys.operator,
    SLUICE_VIEWER: demoKeys.viewer,
    SLUICE_TOKEN: await vendors.identity.token({ sub: 'sue', groups: ['dba'] }),
  };
  for (const node of [oldNode(), process.execPath]) {
    vendors.reset();
    // Not synchronously: the emulated vendors answer in this process.
    const { code, output } = await ended(node, env);
    say(`Node ${run(node, '--version').trim()}\n${output}`);
    if (code !== 0) failed += 1;
  }
} finally {
  await gateway.close();
  await vendors.close();
  rmSync(folder, { recursive: true, force: true });
}
say(failed === 0 ? 'The client package works.' : `${String(failed)} runs failed.`);
process.exit(failed === 0 ? 0 : 1);

async function ended(node: string, env: NodeJS.ProcessEnv): Promise<{ code: number | null; output: string }> {
  const child = spawn(node, ['consumer.js'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const pieces: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (piece: Buffer) => pieces.push(piece.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, output: pieces.join('') };
}
