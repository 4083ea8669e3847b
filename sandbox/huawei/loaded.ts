import { GAUSSDB } from './gaussdb/seed.ts';
import type { HuaweiState } from './state.ts';
import { TAURUSDB } from './taurusdb/seed.ts';

const threads = 10_000;
/** The vendor lists 200 of them. */
const sessions = 300;
const cyclists = ['app', 'web', 'batch', 'reporting'];

/** Fills the second instances of TaurusDB and GaussDB: in each, the one to blame stands behind all the others. */
export function loadInstances({ taurusdb, gaussdb }: Pick<HuaweiState, 'taurusdb' | 'gaussdb'>, now: number): void {
  const node = { instanceId: TAURUSDB.otherInstanceId, nodeId: TAURUSDB.otherNodeId };
  for (let index = 0; index < threads; index += 1) {
    const user = `archive_${cyclists[index % cyclists.length] ?? ''}`;
    taurusdb.addThread(node, { user, db: 'archive', seconds: index % 3600 });
  }
  const info = 'SELECT * FROM entry a, entry b ORDER BY a.note';
  taurusdb.addThread(node, { user: 'archive_runaway', db: 'archive', command: 'Query', info, seconds: 5400 });

  const component = { instanceId: GAUSSDB.otherInstanceId, nodeId: GAUSSDB.otherNodeId, componentId: 'cn_5001' };
  for (let index = 0; index < sessions; index += 1) {
    gaussdb.addSession(component, { userName: 'billing_app', databaseName: 'billing', applicationName: 'billing-api' });
  }
  gaussdb.addSession(component, {
    userName: 'billing_runaway',
    databaseName: 'billing',
    applicationName: 'billing-report',
    state: 'active',
    query: info,
    waitEvent: 'none',
    transactionStartedAt: now - 5_400_000,
    queryStartedAt: now - 5_400_000,
  });
}
