import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { parse, stringify } from 'yaml';
import { selfSigned } from '../self-signed.ts';
import { theOne, type KubeObject } from './render.ts';

const program = join(import.meta.dirname, '..', '..', 'dist', 'main.js');
const secrets = '/etc/sluice/secrets/';
const tls = '/etc/sluice/tls/';
const data = '/var/lib/sluice/';

/** The file that a release mounts, as an object. */
export function renderedConfig(objects: readonly KubeObject[]): Record<string, unknown> {
  const { metadata } = theOne(objects, 'Deployment');
  const { data } = theOne(objects, 'ConfigMap', metadata.name);
  return parse(data?.['sluice.yaml'] ?? '', { strict: true }) as Record<string, unknown>;
}

/** A folder with a configuration, a file for every secret that it names, a certificate, and room for data. */
function lay(config: Record<string, unknown>): { readonly file: string; readonly drop: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-chart-'));
  const text = stringify(config)
    .replaceAll(secrets, `${folder}/secrets/`)
    .replaceAll(tls, `${folder}/tls/`)
    .replaceAll(data, `${folder}/`);
  for (const [file] of text.matchAll(new RegExp(`${folder}/secrets/[\\w.-]+`, 'g'))) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, 'postgres://sluice:not-a-real-password@127.0.0.1:1/sluice\n');
  }
  const { cert, key } = selfSigned();
  mkdirSync(join(folder, 'tls'));
  writeFileSync(join(folder, 'tls', 'tls.crt'), cert);
  writeFileSync(join(folder, 'tls', 'tls.key'), key);
  const file = join(folder, 'sluice.yaml');
  writeFileSync(file, text);
  return {
    file,
    drop: () => {
      rmSync(folder, { recursive: true });
    },
  };
}

/** What the built gateway has against a configuration, one fault a line; nothing if it takes it. */
export function refusal(config: Record<string, unknown>): readonly string[] {
  const { file, drop } = lay(config);
  try {
    const { status, stderr } = spawnSync(process.execPath, [program, '--check-config', file], { encoding: 'utf8' });
    if (status === 0) return [];
    const faults = stderr.trim().split('\n').slice(1);
    return faults.length > 0 ? faults.map((line) => line.trim()) : [stderr || 'no word'];
  } finally {
    drop();
  }
}

/** A gateway that was started as the pod starts it. */
export interface StartedGateway {
  /** Its configuration file. */
  readonly file: string;
  readonly url: string;
  readonly managementUrl: string;
  stop(): Promise<number | null>;
}

/** Starts the built gateway with the environment and the configuration of a release, on free ports of loopback. */
export async function startGateway(objects: readonly KubeObject[]): Promise<StartedGateway> {
  const config = renderedConfig(objects);
  const server = config['server'] as object;
  const local = { host: '127.0.0.1', port: 0, management: { port: 0 }, drain: { delaySeconds: 0, timeoutSeconds: 1 } };
  const { file, drop } = lay({ ...config, server: { ...server, ...local } });
  const deployment = theOne(objects, 'Deployment');
  const env = deployment.spec?.template.spec?.containers[0]?.env ?? [];
  const child = spawn(process.execPath, [program], {
    cwd: dirname(file),
    env: { ...Object.fromEntries(env.map(({ name, value }) => [name, value])), SLUICE_CONFIG: file },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const stop = async () => {
    child.kill('SIGTERM');
    const code = await ended;
    drop();
    return code;
  };
  const lines = createInterface({ input: child.stdout });
  const listening = new Promise<{ url: string; managementUrl: string }>((resolve, reject) => {
    lines.on('line', (line) => {
      const { msg, url, managementUrl } = JSON.parse(line) as Record<string, string>;
      if (msg === 'listening' && url && managementUrl) resolve({ url, managementUrl });
    });
    void ended.then((code) => {
      reject(new Error(`The gateway ended with ${String(code)}.`));
    });
  });
  return { file, ...(await listening), stop };
}
