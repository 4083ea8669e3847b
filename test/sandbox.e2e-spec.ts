import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { until } from './until.ts';

const root = join(import.meta.dirname, '..');
const started: ChildProcess[] = [];

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGTERM');
});

/** The command behind `npm run sandbox`: what it prints, and how it ends. */
function startSandbox(args: readonly string[], environment: Record<string, string> = {}) {
  const child = spawn(process.execPath, [join(root, 'sandbox', 'main.ts'), ...args], {
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  const output = { text: '', errors: '' };
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  child.stderr.on('data', (chunk: Buffer) => (output.errors += chunk.toString()));
  const welcomed = new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      output.text += chunk.toString();
      if (output.text.includes('curl -s -X DELETE')) resolve(output.text);
    });
    void ended.then(() => {
      reject(new Error(output.errors));
    });
  });
  welcomed.catch(() => undefined);
  return { child, ended, welcomed, output };
}

describe('npm run sandbox', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('welcomes at any level of the log, and stops at %s', async (signal) => {
    const { child, ended, welcomed } = startSandbox(['--port', '0'], { LOG_LEVEL: 'silent' });
    const url = /Swagger UI +(\S+)\/docs/.exec(await welcomed)?.[1] ?? '';
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    child.kill(signal);
    expect(await ended).toBe(0);
    await expect(fetch(url)).rejects.toThrow();
  });

  it('leaves no gateway behind when it is killed', async () => {
    const { child, welcomed } = startSandbox(['--port', '0']);
    const url = /Swagger UI +(\S+)\/docs/.exec(await welcomed)?.[1] ?? '';
    child.kill('SIGKILL');
    const answers = () =>
      fetch(url).then(
        () => true,
        () => false,
      );
    expect(await until(answers, (does) => !does)).toBe(false);
  });

  it.each([
    [['--port', 'abc'], '--port takes a number from 0 to 65535.'],
    [['--port', '65536'], '--port takes a number from 0 to 65535.'],
    [['--port', ''], '--port takes a number from 0 to 65535.'],
    [['--prot', '1'], "Unknown option '--prot'"],
  ])('says in one line what is wrong with %j', async (args, line) => {
    const { ended, output } = startSandbox(args);
    expect(await ended).toBe(1);
    expect([output.text, output.errors]).toEqual(['', `${line}\n`]);
  });

  it('tells its options, and starts nothing, where it is asked for help', async () => {
    const { ended, output } = startSandbox(['--help']);
    expect(await ended).toBe(0);
    expect(output.text).toMatch(/--port N .*\n.*--engines /);
  });

  it('names a port that is taken, and another way', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const { ended, output } = startSandbox(['--port', String(port)]);
    expect(await ended).toBe(1);
    await new Promise((resolve) => other.close(resolve));
    expect(output.errors).toMatch(/^The port is taken: .*\nTry another: npm run sandbox -- --port \d+\n$/);
  });
});
