import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Forwarder } from './forwarder.ts';

const program = '/usr/sbin/haproxy';

export function hasHaproxy(): boolean {
  return spawnSync(program, ['-v']).status === 0;
}

/** HAProxy in front of these ports: it asks whether they are ready twice a second, and sends nothing twice. */
export async function startHaproxy(port: number, ports: readonly number[]): Promise<Forwarder> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-haproxy-'));
  const file = join(folder, 'haproxy.cfg');
  const servers = ports.map(
    (one) => `  server at${String(one)} 127.0.0.1:${String(one)} check inter 500ms fall 2 rise 1`,
  );
  writeFileSync(
    file,
    [
      'defaults',
      '  mode http',
      '  timeout connect 2s',
      '  timeout client 60s',
      '  timeout server 60s',
      // A machine that is busy answers late, and is there.
      '  timeout check 5s',
      '  retries 0',
      'frontend sluice',
      `  bind 127.0.0.1:${String(port)}`,
      '  default_backend replicas',
      'backend replicas',
      '  balance roundrobin',
      '  option httpchk GET /health/ready',
      ...servers,
      '',
    ].join('\n'),
  );
  const child = spawn(program, ['-db', '-f', file], { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const url = `http://127.0.0.1:${String(port)}`;
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const isUp = await fetch(`${url}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isUp) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    url,
    close: async () => {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
