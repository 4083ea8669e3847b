import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '..');

/** Runs a program of ours by a Node that says it is an old one. */
function runOld(program: string, ...args: readonly string[]): readonly [number | null, string] {
  const old = 'Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.20.2"}})';
  const preload = `data:text/javascript,${encodeURIComponent(old)}`;
  const { status, stderr } = spawnSync(process.execPath, ['--import', preload, program, ...args], { encoding: 'utf8' });
  return [status, stderr];
}

describe('an old Node', () => {
  it.each([['start.cjs'], ['start.cjs', '--unbuilt'], ['dist/main.js']])('meets a sentence: %s %s', (file, ...args) => {
    const [status, errors] = runOld(join(root, file), ...args);
    expect(status).toBe(1);
    expect(errors).toMatch(/^Sluice needs Node 26 or newer, this is 20\.20\.2[.:][^\n]+\n$/);
  });

  it('meets it at each command of the README', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: Readonly<Record<string, string>>;
    };
    const checks = (name: string): boolean =>
      /^node start\.cjs\b/.test(scripts[name] ?? '') || (scripts[name] ?? '').startsWith('npm run --silent build');
    expect(['start', 'sandbox', 'dev', 'check-config', 'build', 'pretest'].filter((name) => !checks(name))).toEqual([]);
    expect(readFileSync(join(root, '.nvmrc'), 'utf8').trim()).toBe('26');
  });
});

describe('a program that is not built', () => {
  it('says so, and how to build it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-unbuilt-'));
    copyFileSync(join(root, 'start.cjs'), join(folder, 'start.cjs'));
    const { status, stderr } = spawnSync(process.execPath, [join(folder, 'start.cjs')], { encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    expect([status, stderr]).toEqual([1, 'Sluice is not built yet: run `npm run build` first.\n']);
  });
});
