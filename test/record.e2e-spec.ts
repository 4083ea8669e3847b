import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { demoKeys, gatewayConfig, gatewayEnvironment } from '../sandbox/gateway-config.ts';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import { startBuilt, type LogLine } from './built-gateway.ts';

const program = join(import.meta.dirname, '..', 'dist', 'cli.js');

/** What `sluice record verify` said. */
interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let vendors: Vendors;
let folder: string;
let store: string;
let audit: string;
let config: string;
let flushed: string;
/** What it said while the gateway ran. */
let meanwhile: Ran;
let lines: readonly LogLine[] = [];

function verify(...args: readonly string[]): Ran {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, 'record', 'verify', ...args], {
    encoding: 'utf8',
    env: { ...gatewayEnvironment },
  });
  return { code: status, stdout, stderr };
}

/** A copy of the store that somebody has written to. */
function tampered(sql: string): string {
  const copy = join(folder, 'tampered.db');
  copyFileSync(store, copy);
  const database = new DatabaseSync(copy);
  database.exec(sql);
  database.close();
  return `sqlite:${copy}`;
}

beforeAll(async () => {
  vendors = await startVendors();
  folder = mkdtempSync(join(tmpdir(), 'sluice-record-'));
  [store, audit, config] = ['sluice.db', 'audit.log', 'sluice.json'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const told = JSON.parse(gatewayConfig(vendors.urls, { port: 0 })) as object;
  writeFileSync(config, JSON.stringify({ ...told, store: { sqlite: { path: store } } }));
  const gateway = startBuilt(JSON.stringify({ ...told, store: { sqlite: { path: store } } }));
  const { url } = await gateway.listening();
  const response = await fetch(`${url}/sessions/flush`, {
    method: 'POST',
    headers: { 'X-API-Key': demoKeys.operator, 'Content-Type': 'application/json' },
    body: JSON.stringify({ targets: ['carts'], reason: 'a test' }),
  });
  ({ id: flushed } = (await response.json()) as { id: string });
  meanwhile = verify('--store', `sqlite:${store}`);
  gateway.signal('SIGTERM');
  expect(await gateway.ended).toBe(0);
  lines = gateway.log;
  writeFileSync(audit, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}, 60_000);

afterAll(async () => {
  await vendors.close();
  rmSync(folder, { recursive: true });
});

describe('the seals of a gateway', () => {
  it('are lines of the audit log, the last of them when it stops', () => {
    const seals = lines.filter((line) => line['audit'] === 'seal');
    expect(seals.map(({ number }) => number)).toEqual(seals.map((_, index) => index + 1));
    expect(seals.at(-1)).toMatchObject({ msg: 'audit', hash: expect.stringMatching(/^[0-9a-f]{64}$/), operations: 1 });
  });
});

describe('sluice record verify', () => {
  it('says that the record is valid, of a store in use and once it is not, by its configuration or by itself', () => {
    expect([meanwhile.code, meanwhile.stdout]).toEqual([0, expect.stringContaining('The record is valid.')]);
    const { code, stdout } = verify('--config', config, '--seals', audit);
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/^The record is valid\.\n(?:.*\n)* {2}1 operation sealed, /),
    ]);
    expect(stdout).toMatch(/\d seals? compared with the audit log\n$/);
  });

  it('names the first event that was changed, and tells programs so as well', () => {
    const place = tampered(`update events set body = replace(body, 'a test', 'no test')`);
    const { code, stdout } = verify('--store', place);
    expect([code, stdout]).toEqual([1, expect.stringContaining(`event 0 of ${flushed} was changed (seal `)]);
    const told = verify('--store', place, '-o', 'json');
    expect([told.code, JSON.parse(told.stdout)]).toMatchObject([
      1,
      { valid: false, first: { what: 'event', is: 'changed', operation: flushed, event: 0 } },
    ]);
  });

  it('is told by the seals of an audit log that all was written anew', () => {
    const gone = [
      'events',
      'operations',
      'operation_targets',
      'operation_processes',
      'seals',
      'seal_members',
      'unsealed',
    ];
    const place = tampered(gone.map((table) => `delete from ${table}`).join(';'));
    expect(verify('--store', place).code).toBe(0);
    const { code, stdout } = verify('--store', place, '--seals', audit);
    expect([code, stdout]).toEqual([1, expect.stringContaining('seal 1 was removed. The audit log has it')]);
  });

  it('says what it could not tell, and what was written wrongly', () => {
    const older = tampered(`delete from migrations where name like '%-seals'`);
    const wrong: readonly (readonly [readonly string[], number, string])[] = [
      [['--store', `sqlite:${join(folder, 'nowhere.db')}`], 2, 'could not be verified'],
      [['--store', older], 2, 'no tables for seals'],
      [['--store', `sqlite:${store}`, '--seals', config], 2, 'no line of a seal'],
      [['--store', 'postgres://me:secret@host/db'], 64, '--store is sqlite:PATH, or postgres'],
      [['--store', 'postgres'], 64, 'SLUICE_STORE_URL is not set'],
      [['--store', `sqlite:${store}`, '--config', config], 64, 'both name a store'],
      [['--output', 'xml'], 64, 'Allowed choices are table, json'],
      [['--config', join(folder, 'nowhere.yaml')], 78, 'nowhere.yaml'],
    ];
    for (const [args, code, why] of wrong) {
      const ran = verify(...args);
      expect([args, ran.code, ran.stderr]).toEqual([args, code, expect.stringContaining(why)]);
      expect(ran.stderr).not.toContain('secret@');
    }
  });
});
