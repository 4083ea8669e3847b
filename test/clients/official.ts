import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { hasPython, installPython } from '../python.ts';

const here = import.meta.dirname;
const cache = join(here, '..', '..', 'node_modules', '.cache', 'sluice-clients');
/** The core needs `uuid` and does not say so. */
const corePackages = ['@huaweicloud/huaweicloud-sdk-core@3.1.211', 'uuid@9.0.1'];
const python = join(cache, 'venv', 'bin', 'python');

/** Whether the official Python clients can be installed. */
export function hasPythonClients(): boolean {
  return hasPython('the official Python clients');
}

/** Installs the official Python clients, unless they are there as they are wanted. */
export function installPythonClients(): void {
  installPython(cache, join(here, 'requirements.txt'));
}

/** Installs the official Node core, unless it is there, and gives the folder from which it can be loaded. */
export function installNodeCore(): string {
  const folder = join(cache, 'node-core');
  const list = join(folder, 'installed.json');
  const wanted = JSON.stringify(corePackages);
  if (existsSync(list) && readFileSync(list, 'utf8') === wanted) return folder;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  const options = ['--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', '--silent'];
  execFileSync('npm', ['install', ...options, ...corePackages], { stdio: 'pipe' });
  writeFileSync(list, wanted);
  return folder;
}

/** Runs a program of this folder with one JSON value in and one out; throws what it wrote as its error. */
export async function runProgram(program: string, input: unknown): Promise<unknown> {
  const child = spawn(program.endsWith('.py') ? python : process.execPath, [join(here, program)], {
    // Clients keep files in the home of their user.
    env: { HOME: cache },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const output = { out: '', errors: '' };
  child.stdout.on('data', (piece: Buffer) => (output.out += piece.toString()));
  child.stderr.on('data', (piece: Buffer) => (output.errors += piece.toString()));
  child.stdin.end(JSON.stringify(input));
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(output.errors);
  return JSON.parse(output.out) as unknown;
}

/** A program of this folder that answers one line of JSON for each that it is asked. */
export interface LineProgram {
  ask(value: unknown): Promise<unknown>;
  close(): Promise<unknown>;
}

/** Starts one; lines are answered in their order. */
export function startLines(program: string): LineProgram {
  const child = spawn(python, [join(here, program)], { env: { HOME: cache }, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const waiting: { resolve: (value: unknown) => void; reject: (error: Error) => void }[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.resolve(JSON.parse(line)));
  void ended.then(() => {
    for (const { reject } of waiting) reject(new Error(`${program} ended.`));
  });
  return {
    ask: (value) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        child.stdin.write(`${JSON.stringify(value)}\n`);
      }),
    close: () => {
      child.stdin.end();
      return ended;
    },
  };
}
