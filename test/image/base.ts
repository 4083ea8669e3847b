import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Engine } from './engine.ts';

/** The names of the stand-ins: nothing is pulled, so that neither the network nor a registry is needed. */
export const standIns = { build: 'sluice-stand-in/node', runtime: 'sluice-stand-in/runtime' } as const;

const repository = join(import.meta.dirname, '..', '..');

/** The Node that runs this, which is the one of package.json. */
const node = process.execPath;

/** Copies programs of this machine, with the libraries that they need. */
function copyPrograms(root: string, programs: Readonly<Record<string, string>>): void {
  for (const [from, to] of Object.entries(programs)) {
    const listed = spawnSync('ldd', [from], { encoding: 'utf8' }).stdout;
    const libraries = [...listed.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, path = '']) => path);
    for (const [source, target] of [[from, to], ...libraries.map((path) => [path, path])] as [string, string][]) {
      mkdirSync(dirname(join(root, target)), { recursive: true });
      copyFileSync(source, join(root, target));
    }
  }
}

/** What every image has beside its programs. */
function copyCommon(root: string): void {
  for (const folder of ['tmp', 'root', 'etc/ssl/certs']) mkdirSync(join(root, folder), { recursive: true });
  chmodSync(join(root, 'tmp'), 0o1777);
  writeFileSync(
    join(root, 'etc/passwd'),
    'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532::/tmp:/sbin/nologin\n',
  );
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\nnonroot:x:65532:\n');
  const authorities = [process.env['NODE_EXTRA_CA_CERTS'], '/etc/ssl/certs/ca-certificates.crt'];
  const file = authorities.find((path) => path !== undefined && path !== '' && existsSync(path));
  writeFileSync(join(root, 'etc/ssl/certs/ca-certificates.crt'), file === undefined ? '' : readFileSync(file));
}

function importImage({ docker }: Engine, root: string, name: string, changes: readonly string[]): void {
  const archive = `${root}.tar`;
  execFileSync('tar', ['-C', root, '--owner=0', '--group=0', '--numeric-owner', '-cf', archive, '.']);
  docker('import', ...changes.flatMap((change) => ['-c', change]), archive, name);
  rmSync(archive);
}

const npmSetting = (name: string) => {
  const { stdout } = spawnSync('npm', ['config', 'get', name], { encoding: 'utf8' });
  return stdout.trim();
};

/**
 * Makes both bases from what this machine has: one to build on (Node, npm, a shell and what the Dockerfile calls), and
 * one to run on, which has Node and its libraries alone, as distroless has it.
 */
export function importStandIns(engine: Engine): void {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-base-'));
  try {
    const build = join(folder, 'build');
    const tools = ['/bin/sh', '/usr/bin/env', '/usr/bin/find', '/bin/rm'];
    // The bundler is native code: what it is linked with is part of every image that is no stand-in.
    const native = globSync('node_modules/@rolldown/binding-*/*.node', { cwd: repository }).map((path) =>
      join(repository, path),
    );
    copyPrograms(build, {
      ...Object.fromEntries([...tools, ...native].map((path) => [path, path])),
      [node]: '/usr/local/bin/node',
    });
    copyCommon(build);
    const npm = execFileSync('sh', ['-c', 'readlink -f "$(command -v npm)"'], { encoding: 'utf8' }).trim();
    cpSync(join(dirname(npm), '..'), join(build, 'usr/local/lib/npm'), { recursive: true, dereference: true });
    for (const name of ['npm', 'npx']) symlinkSync(`../lib/npm/bin/${name}-cli.js`, join(build, 'usr/local/bin', name));
    // What npm has fetched before need not be fetched again.
    const cache = join(npmSetting('cache'), '_cacache');
    if (existsSync(cache)) cpSync(cache, join(build, 'root/.npm/_cacache'), { recursive: true });
    importImage(engine, build, standIns.build, [
      'ENV PATH=/usr/local/bin:/usr/bin:/bin',
      'ENV HOME=/root',
      'ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt',
      'ENV npm_config_prefer_offline=true',
      `ENV npm_config_registry=${npmSetting('registry')}`,
    ]);
    const runtime = join(folder, 'runtime');
    copyPrograms(runtime, { [node]: '/nodejs/bin/node' });
    copyCommon(runtime);
    importImage(engine, runtime, standIns.runtime, ['ENTRYPOINT ["/nodejs/bin/node"]']);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
