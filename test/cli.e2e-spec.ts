import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { version } from '../clients/typescript/src/version.ts';
import { startVendors, type Vendors } from '../sandbox/vendors.ts';
import type { Operation } from '../src/core/model/operation.js';
import { demoKeys, openGateway, type Gateway } from './gateway.ts';

const program = join(import.meta.dirname, '..', 'dist', 'cli.js');

let vendors: Vendors;
let gateway: Gateway;
let home: string;

beforeAll(async () => {
  vendors = await startVendors();
  gateway = await openGateway({
    vendors,
    change: ({ auth }) => {
      const [admin] = auth.apiKeys.filter((key) => 'name' in key && key.name === 'demo-admin');
      Object.assign(admin ?? {}, { grants: [{ role: 'admin', targets: ['*'], breakGlass: true }] });
    },
  });
  home = mkdtempSync(join(tmpdir(), 'sluice-cli-'));
  mkdirSync(join(home, '.config', 'sluice'), { recursive: true });
});

afterEach(() => {
  vendors.reset();
});

afterAll(async () => {
  rmSync(home, { recursive: true });
  await gateway.close();
  await vendors.close();
});

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program with nothing of this environment, and types what it is given. */
function run(file: string, args: readonly string[], env: NodeJS.ProcessEnv, typed = ''): Promise<Ran> {
  const told = { PATH: process.env['PATH'], HOME: home, ...env };
  return new Promise((resolve) => {
    const child = execFile(file, args, { env: told }, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stdout, stderr });
    });
    child.stdin?.end(typed);
  });
}

/** Runs `sluice` as the demo operator. */
function sluice(args: string, typed = '', env: NodeJS.ProcessEnv = {}): Promise<Ran> {
  const told = { SLUICE_URL: gateway.url, SLUICE_KEY: demoKeys.operator, ...env };
  return run(process.execPath, [program, ...args.split(' ')], told, typed);
}

const leaked = 'kill -t orders --user orders_* --state idle --min-idle 50m';
const killsOf = (vendor: string) =>
  vendors.journal.all().filter((one) => one.vendor === vendor && one.method === 'DELETE');

describe('sluice get', () => {
  it('shows tables to people, with durations that they read', async () => {
    const { code, stdout } = await sluice('get processes orders --user orders_app --min-idle 50m');
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/^TARGET +NODE +ID +USER .*\norders +primary +2075443 .* 1h 0m\n/),
    ]);
    expect((await sluice('get targets')).stdout).toMatch(/^NAME .*\nbi-pool +1010data /);
  });

  it('gives JSON, lines of JSON and CSV to programs', async () => {
    const { items } = JSON.parse((await sluice('get ps orders --id 2075443 -o json')).stdout) as { items: object[] };
    expect(items).toMatchObject([{ id: '2075443', target: 'orders' }]);
    const lines = (await sluice('get ps orders --limit 3 -o ndjson')).stdout.trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { target: string }).target)).toEqual([
      'orders',
      'orders',
      'orders',
    ]);
    const csv = (await sluice('get ps orders --id 2075443 -o csv')).stdout;
    expect(csv).toMatch(/^target,backend,node,id,user,.*\r\norders,taurusdb,primary,2075443,orders_app,/);
    const look = { headers: { accept: 'text/csv' } };
    const { text } = await gateway.call('GET', '/processes?target=orders&id=2075443', look);
    expect(csv.split('\r\n')[0]).toBe(text.split('\r\n')[0]);
  });

  it('takes labels for targets, and says which target it could not see', async () => {
    const labelled = await sluice('get ps -l env:sandbox -o ndjson');
    expect(
      new Set(
        labelled.stdout
          .trim()
          .split('\n')
          .map((line) => (JSON.parse(line) as { target: string }).target),
      ),
    ).toEqual(new Set(['bi-pool']));
    vendors.faults.add({ vendor: 'gaussdb', kind: 'status', status: 500 });
    const partial = await sluice('get ps ledger orders');
    expect([partial.code, partial.stderr]).toEqual([2, expect.stringContaining('ledger could not be seen: ')]);
  });
});

describe('sluice kill', () => {
  it('shows the plan, asks, and ends just those', async () => {
    const { code, stdout, stderr } = await sluice(`${leaked} --reason leak`, 'y\n');
    expect(stderr).toMatch(
      /End 2 sessions on orders\n {2}Chosen: user is orders_\*.*\n\n {2}TARGET .*2075443.*\nKills: orders has \d+ left this minute, this takes 2\n.*\[y\/N\]/s,
    );
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^op_\w+: succeeded\norders: succeeded, 2 ended\n$/)]);
    expect(killsOf('taurusdb')).toHaveLength(1);
  });

  it('does nothing without a yes', async () => {
    for (const typed of ['n\n', '\n', '']) {
      const { code, stderr } = await sluice(leaked, typed);
      expect([code, stderr]).toEqual([1, expect.stringContaining('Nothing was done.')]);
    }
    expect(killsOf('taurusdb')).toHaveLength(0);
  });

  it('takes a plan, once, and nothing beside it', async () => {
    const { stdout } = await sluice(`${leaked} --dry-run`);
    const plan = /--plan (plan_\w+)/.exec(stdout)?.[1] ?? '';
    const both = await sluice(`kill -t orders --plan ${plan}`);
    expect(both.code).toBe(64);
    const used = await sluice(`kill --plan ${plan} -r runaway -o json`);
    expect([used.code, JSON.parse(used.stdout)]).toMatchObject([0, { reason: 'runaway', counts: { ended: 2 } }]);
    expect(await sluice(`kill --plan ${plan}`)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('[plan-gone]'),
    });
  });

  it('ends with 1 where it is refused, a dry run too', async () => {
    const wide = await sluice('kill -t orders --state idle --yes');
    expect([wide.code, wide.stderr]).toEqual([1, expect.stringContaining('[too-many-processes]')]);
    expect((await sluice('kill -t orders --state idle --dry-run')).code).toBe(1);
    expect((await sluice('kill -t nobody 1 --yes')).code).toBe(1);
    expect(killsOf('taurusdb')).toHaveLength(0);
  });

  it('ends with 2 where nobody can say, and with 2 for a part', async () => {
    vendors.faults.add({ vendor: 'taurusdb', call: 'delete-processes', kind: 'reset-after', times: 1 });
    const unknown = await sluice('kill -t orders 2075425 --yes -o json');
    expect([unknown.code, JSON.parse(unknown.stdout)]).toMatchObject([2, { state: 'unknown' }]);
    const part = await sluice('kill -t orders --node primary 2075426 3000002 --yes');
    expect(part.code).toBe(2);
  });

  it('does nothing, successfully, where nobody fits', async () => {
    expect(await sluice('kill -t orders --user nobody_* --yes')).toMatchObject({ code: 0, stdout: '' });
  });
});

describe('the facts that a DBA decides by', () => {
  it('are flags, and so are an order and how many', async () => {
    const blockers = await sluice('get processes ledger carts --blocking --inapplicable skip -o json');
    expect([blockers.code, blockers.stderr]).toEqual([0, expect.stringContaining('carts was left out: ')]);
    expect((JSON.parse(blockers.stdout) as { items: object[] }).items).toMatchObject([{ state: 'idleInTransaction' }]);
    const first = await sluice('kill -t orders --user web --state idle --sort idle --first 2 --yes -o json');
    expect(first.code).toBe(0);
    expect(JSON.parse(first.stdout)).toMatchObject({ counts: { ended: 2 } });
    const none = await sluice('get ps ledger --min-transaction 1h --statement-id 1* --sort transaction -o json');
    expect(JSON.parse(none.stdout)).toMatchObject({ items: [] });
  });
});

describe('sluice flush, wait, cancel and tune', () => {
  it('asks a second person, who approves or rejects it, and no other', async () => {
    const asked = await sluice(`${leaked} --ask-approval --yes --reason leaked -o ndjson`);
    expect(asked.code).toBe(3);
    const { id, state } = JSON.parse(asked.stdout) as Operation;
    expect([state, killsOf('taurusdb')]).toEqual(['awaitingApproval', []]);
    expect((await sluice(`approve ${id}`)).code).toBe(1);
    expect(killsOf('taurusdb')).toEqual([]);
    const approved = await sluice(`approve ${id} --reason agreed`, '', { SLUICE_KEY: demoKeys.admin });
    expect([approved.code, killsOf('taurusdb').length]).toEqual([0, 1]);
    const other = await sluice('flush carts --forced --ask-approval --yes --reason drill -o ndjson');
    const rejected = await sluice(`reject ${(JSON.parse(other.stdout) as Operation).id}`, '', {
      SLUICE_KEY: demoKeys.admin,
    });
    expect([other.code, rejected.code, rejected.stdout]).toEqual([3, 0, expect.stringContaining('rejected')]);
  });

  it('breaks the glass for just whom it shows', async () => {
    const wide = 'kill -t orders --state idle --break-glass';
    const night = { SLUICE_KEY: demoKeys.admin };
    const refused = await sluice('kill -t orders --state idle --yes', '', night);
    expect([refused.code, killsOf('taurusdb')]).toEqual([1, []]);
    const short = await sluice(`${wide} --reason short`, 'y\n', night);
    expect([short.code, short.stderr]).toEqual([1, expect.stringContaining('[reason-required]')]);
    const { code, stdout, stderr } = await sluice(`${wide} --reason checkout-is-down -o json`, 'y\n', night);
    const [, shown = ''] = /Break the glass: End (\d+) sessions on orders/.exec(stderr) ?? [];
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { breakGlass: true, counts: { ended: Number(shown) } }]);
  });

  it('breaks the glass only with the right to', async () => {
    const refused = await sluice(`${leaked} --break-glass --yes --reason emergency-at-night`);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('[forbidden]')]);
    expect((await sluice(`${leaked} --break-glass --ask-approval`)).code).toBe(64);
    expect(killsOf('taurusdb')).toEqual([]);
  });

  it('flushes by the vendor or by plan, and says so', async () => {
    const { code, stdout, stderr } = await sluice('flush bi-pool carts --yes --reason nightly');
    expect([code, stderr]).toEqual([0, expect.stringContaining('No plan: ')]);
    expect(stdout).toMatch(/bi-pool: succeeded, 3 marked.*\n.*\ncarts: succeeded, \d+ ended/);
  });

  it('ends with 3 while it runs, and waits for it by its id', async () => {
    const begun = await sluice('flush carts --forced --reason drill --yes --no-wait -o json', '', {});
    const { id, state } = JSON.parse(begun.stdout) as Operation;
    expect(begun.code).toBe(state === 'running' ? 3 : 0);
    expect(await sluice(`wait ${id} --timeout 1m`)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('carts: succeeded'),
    });
    const listed = JSON.parse((await sluice('get operations --since 1h -o json')).stdout) as { items: Operation[] };
    expect(listed.items[0]?.id).toBe(id);
    expect((await sluice('wait op_nobody')).code).toBe(1);
  });

  it('tunes', async () => {
    expect(await sluice('tune bi-user --infinity-to-na true --blocking 3')).toMatchObject({ code: 0 });
    expect((await sluice('tune bi-user')).code).toBe(64);
  });
});

describe('sluice, where nobody can be asked', () => {
  it('ends with 64 where it was written wrongly', async () => {
    for (const wrong of [
      'kill --foo',
      'fluhs carts',
      'kill 1 --yes',
      'get ps orders --min-idle soon',
      'get ps -o xml',
    ]) {
      expect([wrong, (await sluice(wrong)).code]).toEqual([wrong, 64]);
    }
    expect((await run(process.execPath, [program, 'get', 'targets'], {})).code).toBe(64);
  });

  it('takes no key where others would see it, and repeats none', async () => {
    const { code, stdout, stderr } = await sluice('get targets --key s3cr3t');
    expect([code, stdout, stderr]).toEqual([64, '', expect.not.stringContaining('s3cr3t')]);
  });

  it('takes server and key from files', async () => {
    const key = join(home, 'key');
    writeFileSync(key, `${demoKeys.operator}\n`);
    const settings = join(home, '.config', 'sluice', 'config.yaml');
    writeFileSync(settings, `server: ${gateway.url}\nkeyFile: ${key}\n`);
    expect((await run(process.execPath, [program, 'get', 'targets'], {})).code).toBe(0);
    writeFileSync(settings, `server: ${gateway.url}\nkey: ${demoKeys.operator}\n`);
    chmodSync(settings, 0o644);
    expect(await run(process.execPath, [program, 'get', 'targets'], {})).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('chmod 600'),
    });
    writeFileSync(settings, 'sever: x\n');
    expect((await run(process.execPath, [program, 'get', 'targets'], {})).code).toBe(64);
    rmSync(settings);
  });

  it('tells who calls, by what, and what is granted', async () => {
    expect(await sluice('me')).toEqual({
      code: 0,
      stdout: 'demo-operator (API key)\n  ROLE      TARGETS  STATEMENTS\n  operator  *        no\n',
      stderr: '',
    });
    const token = await vendors.identity.token({ sub: 'sue', exp: 32_503_680_000 });
    const byToken = { SLUICE_KEY: '', SLUICE_TOKEN: token };
    expect((await sluice('me', '', byToken)).stdout).toBe(
      `${vendors.identity.issuer}#sue (token, until 3000-01-01T00:00:00.000Z)\nNothing is granted to you.\n`,
    );
    expect(JSON.parse((await sluice('me -o json')).stdout)).toEqual({
      name: 'demo-operator',
      credential: 'apiKey',
      expiresAt: null,
      grants: [{ role: 'operator', targets: ['*'], statements: false }],
    });
  });

  it('says that nothing was sent', async () => {
    const away = await sluice('flush carts --yes', '', { SLUICE_URL: 'http://127.0.0.1:1' });
    expect([away.code, away.stderr]).toEqual([1, expect.stringContaining('Nothing was sent.')]);
  });

  it('tells its version, and shows examples of every command', async () => {
    expect(await sluice('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
    for (const command of [
      ...['get targets', 'get processes', 'get operations', 'kill', 'flush', 'tune', 'wait', 'cancel'],
      ...['approve', 'reject', 'config check', 'key new', 'completion'],
    ]) {
      const { code, stdout } = await sluice(`${command} --help`);
      expect([command, code, stdout]).toEqual([command, 0, expect.stringMatching(/\nExamples?:\n {2}.*sluice /)]);
    }
  });

  it('makes a key, and its SHA-256', async () => {
    const { key, sha256 } = JSON.parse((await sluice('key new --json')).stdout) as { key: string; sha256: string };
    expect([key.length > 40, createHash('sha256').update(key).digest('hex')]).toEqual([true, sha256]);
  });

  it('checks a configuration by the gateway beside it', async () => {
    expect((await sluice(`config check ${join(home, 'nowhere.yaml')}`)).code).toBe(1);
  });

  it('completes commands, flags and your targets in bash', async () => {
    symlinkSync(program, join(home, 'sluice'));
    chmodSync(program, 0o755);
    const complete = async (...words: string[]) => {
      const script =
        'source <(sluice completion bash); COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _sluice; printf "%s\\n" "${COMPREPLY[@]}"';
      const env = {
        SLUICE_URL: gateway.url,
        SLUICE_KEY: demoKeys.operator,
        PATH: `${home}:${String(process.env['PATH'])}`,
      };
      return (await run('bash', ['-c', script, 'bash', 'sluice', ...words], env)).stdout.trim().split('\n');
    };
    expect(await complete('get', 'pro')).toEqual(['processes']);
    expect(await complete('kill', '--min-i')).toEqual(['--min-idle']);
    expect(await complete('kill', '--target', 'or')).toEqual(['orders']);
    expect(await complete('flush', 'c')).toEqual(['carts']);
  });
});
