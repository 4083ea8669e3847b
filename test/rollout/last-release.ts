import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { transformSync } from '@swc/core';

const root = join(import.meta.dirname, '..', '..');
const modules = join(root, 'node_modules');

/** The program of the last release, and what it is called. */
export interface LastRelease {
  readonly program: string;
  readonly name: string;
}

interface Package {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

/**
 * Lays the program of the last release into a folder: that of the last tag, or else of the last commit with another
 * version than today's. It runs on today's packages, and on those of its own that are not among them. Gives in a
 * sentence why that cannot be done.
 */
export function layLastRelease(folder: string): LastRelease | string {
  const commit = lastTag() ?? beforeTodaysVersion();
  if (commit === null) return 'the history is too short to have the last release';
  const old = join(folder, 'old');
  mkdirSync(old);
  const archive = git('archive', '--format=tar', commit, 'src', 'package.json');
  if (!archive || run('tar', ['-x', '-C', old], { input: archive }) === null) return `${commit} cannot be read`;
  for (const file of globSync('src/**/*.ts', { cwd: old })) {
    if (!/[.]spec[.]|\/spec-/.test(file)) transpile(old, file);
  }
  const { version, dependencies } = packageIn(old);
  const others = Object.entries(dependencies).filter(([name, needed]) => installed(name) !== needed);
  symlinkSync(modules, join(folder, 'node_modules'));
  // What today's program is built with may be there by now.
  if (existsSync(join(root, 'dist'))) symlinkSync(join(root, 'dist'), join(old, 'dist'));
  const extra = join(folder, 'extra');
  mkdirSync(extra);
  writeFileSync(join(extra, 'package.json'), '{}');
  const wanted = others.map(([name, needed]) => `${name}@${needed}`);
  const flags = ['install', '--silent', '--ignore-scripts', '--no-audit', '--no-fund', '--legacy-peer-deps'];
  if (wanted.length > 0 && run('npm', [...flags, ...wanted], { cwd: extra }) === null) {
    return `its packages cannot be had: ${wanted.join(', ')}`;
  }
  symlinkSync(join(extra, 'node_modules'), join(old, 'node_modules'));
  return { program: join(old, 'build', 'main.js'), name: `${version} (${commit.slice(0, 8)})` };
}

function lastTag(): string | null {
  return git('describe', '--tags', '--abbrev=0', 'HEAD^')?.toString().trim() ?? null;
}

function beforeTodaysVersion(): string | null {
  const { version } = packageIn(root);
  const bump = git('log', '-1', '--format=%H', `-S"version": "${version}"`, '--', 'package.json')?.toString().trim();
  // Of a clone that is not whole the first commit has no one before it.
  return (bump && git('rev-parse', '--verify', '--quiet', `${bump}^`)?.toString().trim()) || null;
}

function git(...given: readonly string[]): Buffer | null {
  return run('git', given, { cwd: root });
}

function run(program: string, given: readonly string[], options: { cwd?: string; input?: Buffer }): Buffer | null {
  const { status, stdout } = spawnSync(program, given, {
    ...options,
    maxBuffer: 2 ** 28,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  return status === 0 ? stdout : null;
}

function packageIn(folder: string): Package {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Package;
}

function installed(name: string): string | null {
  const folder = join(modules, name);
  return existsSync(folder) ? packageIn(folder).version : null;
}

/** As the tests are run: without a check of types, which that release has passed. */
function transpile(old: string, file: string): void {
  const { code } = transformSync(readFileSync(join(old, file), 'utf8'), {
    filename: file,
    configFile: false,
    swcrc: false,
    jsc: {
      target: 'es2024',
      keepClassNames: true,
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
    },
    module: { type: 'es6' },
  });
  const to = join(old, file.replace(/^src/, 'build').replace(/[.]ts$/, '.js'));
  mkdirSync(dirname(to), { recursive: true });
  writeFileSync(to, code);
}
