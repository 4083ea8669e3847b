import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PROJECT } from '../../sandbox/huawei/account.ts';
import { startVendors, type Vendors } from '../../sandbox/vendors.ts';
import { hasPythonClients, installNodeCore, installPythonClients, runProgram } from './official.ts';
import { identities, wishFor } from './wish.ts';

let vendors: Vendors;

beforeEach(async () => {
  vendors = await startVendors({ huawei: { jobMs: 20 } });
});

afterEach(async () => {
  await vendors.close();
});

/** Every call that Sluice makes. */
const calls = [
  ...['real-time-session', 'kill-session', 'kill-free-session', 'list-processes', 'delete-processes'],
  ...['logical-nodes', 'scan-clients', 'show-job', 'list-clients', 'kill-clients', 'kill-all-clients'],
];

type Row = Readonly<Record<string, unknown>>;

/** What a client must have read, of what the emulators had before it ended anything. */
function expectedOf({ huawei }: Vendors, places: ReturnType<typeof wishFor>['places']) {
  const { gaussdb, taurusdb, dcs } = places;
  const sessions = huawei.gaussdb.sessions({ ...gaussdb, componentId: gaussdb.componentId! });
  const threads = huawei.taurusdb.threads(taurusdb).filter(({ internal }) => !internal);
  const job = expect.objectContaining({ status: 'SUCCESS' });
  return {
    project: PROJECT.id,
    'real-time-session': sessions.map((session) =>
      expect.objectContaining({
        session_id: session.id,
        client_port: session.clientPort,
        back_end_start: Math.floor(session.startedAt / 1000),
        query_start: Math.floor(session.queryStartedAt / 1000),
      }),
    ),
    'kill-session': expect.objectContaining({ success: true, session_ids: [sessions[0]?.id] }),
    'kill-free-session': expect.objectContaining({ success: true }),
    'list-processes': expect.objectContaining({ total_count: threads.length }),
    'delete-processes': expect.objectContaining({ processes_killed: [2075425], processes_not_found: [999999999] }),
    'logical-nodes': [expect.objectContaining({ node_port: '6379' }), expect.objectContaining({ status: 'Active' })],
    'scan-clients, show-job': job,
    'list-clients': expect.objectContaining({ count: huawei.dcs.clients(dcs).length }),
    'kill-clients': 204,
    'kill-all-clients, show-job': job,
  };
}

function expectAllAnswered(): void {
  const entries = vendors.journal.all();
  expect(entries.filter(({ answer }) => (answer?.status ?? 500) >= 300)).toEqual([]);
  expect(calls.filter((call) => entries.every((entry) => entry.call !== call))).toEqual([]);
}

const withPython = hasPythonClients() ? describe : describe.skip;

withPython('the official Python clients', () => {
  beforeAll(installPythonClients, 300_000);

  it.each(identities)(
    'make every call that Sluice makes, by %s, and find their project',
    async (identity) => {
      const wish = wishFor(vendors, identity);
      const expected = expectedOf(vendors, wish.places);
      const told = (await runProgram('calls.py', wish)) as Record<string, unknown>;
      expect(told).toMatchObject(expected);
      expect(told).toMatchObject({
        'real-time-session, filtered': 2,
        'show-instance': [{ type: 'master' }, { type: 'slave' }],
        'key-view-execute-node': [
          { component_id: 'cn_5001' },
          { component_id: 'dn_6001' },
          { component_id: 'dn_6002' },
        ],
        catalog: { iam: vendors.urls.iam, 'gaussdb-opengauss': vendors.urls.gaussdb, dcs: vendors.urls.dcs },
      });
      expect(Object.keys((told['real-time-session'] as Row[])[0] ?? {})).toHaveLength(36);
      expectAllAnswered();
    },
    60_000,
  );
});

describe('the official Node core', () => {
  let core = '';

  beforeAll(() => {
    core = installNodeCore();
  }, 300_000);

  it.each(['keys', 'temporary keys'] as const)(
    'makes every call that Sluice makes, by %s, and finds its project',
    async (identity) => {
      const wish = wishFor(vendors, identity);
      const expected = expectedOf(vendors, wish.places);
      expect(await runProgram('core-calls.ts', { ...wish, core })).toMatchObject(expected);
      expectAllAnswered();
    },
    60_000,
  );
});
