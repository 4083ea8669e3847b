import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Whether Python can make virtual environments; says that `what` is skipped where it cannot. CI must have it. */
export function hasPython(what: string): boolean {
  const found = spawnSync('python3', ['-c', 'import venv, ensurepip']).status === 0;
  if (!found && process.env['CI'] === 'true') throw new Error('CI needs python3 and python3-venv');
  if (!found) process.stderr.write(`SKIPPED: ${what}: python3-venv is not installed\n`);
  return found;
}

/** Makes a virtual environment with these requirements, unless it is there, and gives the folder of its programs. */
export function installPython(folder: string, requirements: string): string {
  const installed = join(folder, 'requirements.txt');
  const programs = join(folder, 'venv', 'bin');
  if (existsSync(installed) && readFileSync(installed).equals(readFileSync(requirements))) return programs;
  rmSync(join(folder, 'venv'), { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  execFileSync('python3', ['-m', 'venv', join(folder, 'venv')], { stdio: 'pipe' });
  const install = ['-m', 'pip', 'install', '--quiet', '--requirement', requirements];
  execFileSync(join(programs, 'python'), install, { stdio: 'pipe' });
  cpSync(requirements, installed);
  return programs;
}
