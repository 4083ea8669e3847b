import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Engine } from './engine.ts';

const root = join(import.meta.dirname, '..', '..');

/** One file of an image, as `tar` lists it. */
interface Entry {
  readonly mode: string;
  readonly owner: string;
  readonly path: string;
}

interface Lock {
  readonly packages: Readonly<
    Record<string, { readonly dev?: boolean; readonly devOptional?: boolean; readonly optional?: boolean }>
  >;
}

const readJson = (text: string) => JSON.parse(text) as unknown;

/** All faults of what is inside the image, and of what it says of itself. */
export function contentFaults({ docker }: Engine, image: string, secrets: readonly string[]): readonly string[] {
  const faults: string[] = [];
  const refuse = (isWrong: boolean, fault: string) => {
    if (isWrong) faults.push(fault);
  };
  const folder = mkdtempSync(join(tmpdir(), 'sluice-image-'));
  const container = docker('create', image).trim();
  try {
    const archive = join(folder, 'image.tar');
    docker('export', '-o', archive, container);
    const tar = (...args: string[]) =>
      execFileSync('tar', [...args, '-f', archive], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
    const entries = tar('-tv', '--numeric-owner').trim().split('\n').map(entryOf);
    const files = entries.filter(({ mode }) => !mode.startsWith('d')).map(({ path }) => path);
    const { packages } = readJson(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock;

    for (const path of files.filter((one) => one.startsWith('app/'))) {
      refuse(/\.(?:map|ts|mts|cts|tsbuildinfo)$/.test(path), `source, map or typing: ${path}`);
      refuse(
        !/^app\/(?:node_modules\/|dist\/|compiled\/|package\.json$|sbom\.cdx\.json$)/.test(path),
        `does not belong: ${path}`,
      );
      refuse(/\.(?:pem|key|npmrc)$|\/\.env/.test(path), `may be a secret: ${path}`);
    }
    for (const { mode, owner, path } of entries.filter((one) => one.path.startsWith('app/'))) {
      refuse(owner !== '0/0', `is owned by ${owner}: ${path}`);
      refuse(!mode.startsWith('l') && /w/.test(mode.slice(4)), `can be written by others than root: ${path}`);
    }
    for (const tool of ['sh', 'bash', 'npm', 'npx', 'yarn', 'corepack', 'apt-get']) {
      refuse(
        files.some((path) => new RegExp(`^(?:usr/(?:local/)?)?s?bin/${tool}$`).test(path)),
        `has ${tool}`,
      );
    }
    const installed = new Set(
      files.flatMap(
        (path) => /^app\/((?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+)\/package\.json$/.exec(path)?.[1] ?? [],
      ),
    );
    for (const [path, { dev, devOptional, optional }] of Object.entries(packages)) {
      if (path === '') continue;
      const isForDevelopment = dev ?? devOptional ?? false;
      refuse(isForDevelopment && installed.has(path), `is for development only: ${path}`);
      refuse(!isForDevelopment && !optional && !installed.has(path), `is missing: ${path}`);
    }
    refuse(!files.some((path) => /^app\/compiled\/[^/]+-65532\//.test(path)), 'has nothing compiled for its user');

    const bill = readJson(tar('-xO', 'app/sbom.cdx.json')) as {
      bomFormat: string;
      components: { name: string; group?: string }[];
    };
    const billed = new Set(bill.components.map(({ name, group }) => (group === undefined ? name : `${group}/${name}`)));
    refuse(bill.bomFormat !== 'CycloneDX', 'the bill of materials is not CycloneDX');
    for (const path of installed) {
      const name = path.split('node_modules/').at(-1) ?? '';
      refuse(!billed.has(name), `is not in the bill of materials: ${name}`);
    }
    for (const secret of secrets) refuse(readFileSync(archive).includes(secret), 'a secret of this machine is inside');
    faults.push(...labelFaults(docker, image, secrets));
  } finally {
    docker('rm', container);
    rmSync(folder, { recursive: true });
  }
  return faults;
}

/** `drwxr-xr-x 0/0  0 2026-11-21 12:00 app/dist/`, or a link with its target. */
function entryOf(line: string): Entry {
  const [, mode = '', owner = '', path = ''] =
    /^(\S+) (\S+) +\S+ \S+ \S+ (.*?)(?: -> .*| link to .*)?$/.exec(line) ?? [];
  return { mode, owner, path };
}

function labelFaults(docker: Engine['docker'], image: string, secrets: readonly string[]): readonly string[] {
  const [inspected] = readJson(docker('image', 'inspect', image)) as {
    Config: { User: string; Labels: Record<string, string>; Env: string[]; Entrypoint: string[]; ExposedPorts: object };
  }[];
  if (!inspected) return ['there is no image'];
  const { User, Labels, Env, Entrypoint, ExposedPorts } = inspected.Config;
  const faults: string[] = [];
  const prefix = 'org.opencontainers.image.';
  for (const name of ['title', 'description', 'licenses', 'version', 'revision', 'created', 'base.name']) {
    if (!Labels[`${prefix}${name}`]) faults.push(`has no label ${name}`);
  }
  if (!/^[1-9]\d*:[1-9]\d*$/.test(User)) faults.push(`runs as ${User}, which is no number of a plain user`);
  if (!Env.some((one) => /^NODE_OPTIONS=.*--max-old-space-size-percentage=\d+/.test(one)))
    faults.push('has no heap size');
  if (Entrypoint.join(' ') !== 'node') faults.push(`starts ${Entrypoint.join(' ')}`);
  if (Object.keys(ExposedPorts).join(' ') !== '8080/tcp 9090/tcp') faults.push('exposes other ports');
  const history = docker('history', '--no-trunc', image) + JSON.stringify(inspected);
  if (secrets.some((secret) => history.includes(secret))) faults.push('a secret of this machine is in its history');
  return faults;
}
