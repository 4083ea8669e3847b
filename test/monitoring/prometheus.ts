import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { freePort } from '../free-port.ts';

/** One series of an answer, with its last value. */
export interface Found {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A real Prometheus on loopback. */
export interface Prometheus {
  /** What an expression gives now. Throws what Prometheus says against it. */
  query(expression: string): Promise<readonly Found[]>;
  /** The values of a label, as Grafana's label_values asks for them. */
  labelValues(label: string, selector: string): Promise<readonly string[]>;
  /** Rules that could not be evaluated, and why. */
  brokenRules(): Promise<readonly string[]>;
  /** Ends it, and removes what it wrote. */
  close(): Promise<void>;
}

/** Starts one that scrapes this address each second as the chart's monitor would, and evaluates the rules as often. */
export async function startPrometheus(scraped: string, rules: string): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-prometheus-'));
  const file = join(folder, 'prometheus.yml');
  const labels = { namespace: 'sandbox', pod: 'sluice-0' };
  writeFileSync(
    file,
    stringify({
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: [rules],
      scrape_configs: [{ job_name: 'sluice', static_configs: [{ targets: [scraped], labels }] }],
    }),
  );
  const address = `127.0.0.1:${await freePort()}`;
  const child = spawn(
    'prometheus',
    [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${address}`,
      '--log.level=warn',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const errors: string[] = [];
  child.stderr.on('data', (piece: Buffer) => errors.push(piece.toString()));
  const state = { ended: false };
  const ended = once(child, 'close').then(() => {
    state.ended = true;
  });
  const close = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  async function ask(path: string): Promise<unknown> {
    const answer = await fetch(`http://${address}/api/v1/${path}`);
    const { status, data, error } = (await answer.json()) as { status: string; data: unknown; error?: string };
    if (status !== 'success') throw new Error(error ?? status);
    return data;
  }
  const isReady = () =>
    fetch(`http://${address}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await isReady())) {
    if (state.ended) {
      await close();
      throw new Error(`Prometheus ended: ${errors.join('')}`);
    }
    await sleep(100);
  }
  return {
    query: async (expression) => {
      const { result } = (await ask(`query?query=${encodeURIComponent(expression)}`)) as {
        result: readonly { metric: Record<string, string>; value: [number, string] }[];
      };
      return result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
    },
    labelValues: async (label, selector) =>
      (await ask(`label/${label}/values?match[]=${encodeURIComponent(selector)}`)) as string[],
    brokenRules: async () => {
      const { groups } = (await ask('rules')) as {
        groups: readonly { rules: readonly { name: string; health: string; lastError?: string }[] }[];
      };
      return groups
        .flatMap((group) => group.rules)
        .filter(({ health }) => health !== 'ok')
        .map(({ name, health, lastError = '' }) => `${name} is ${health}: ${lastError}`);
    },
    close,
  };
}
