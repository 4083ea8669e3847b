import { describe, expect, it } from '@jest/globals';
import type { Seen } from '../../../core/model/process.js';
import { nobody } from '../../../core/model/spec-process.js';
import { protects } from './gaussdb.protected.js';

describe('what GaussDB protects by itself', () => {
  it.each<[Partial<Seen>, 'vendor' | 'replication' | null]>([
    [{ user: 'rdsAdmin' }, 'vendor'],
    [{ user: 'rdsBackup' }, 'vendor'],
    [{ user: 'rdsMetric', application: 'collector', client: '10.0.0.2:5' }, 'vendor'],
    [{ user: 'dbmind_monitor' }, 'vendor'],
    [{ user: 'dbmind_monitor_agent' }, 'vendor'],
    [{ user: 'omm' }, 'vendor'],
    [{ user: 'Ruby' }, 'vendor'],
    [{ user: 'rdsRepl' }, 'replication'],
    [{ user: 'hadr_disaster' }, 'replication'],
    [{ user: 'omm', application: 'WalSender to Standby[dn_6002]', client: '10.0.0.3:5' }, 'replication'],
    [{ application: 'WalSender to Secondary' }, 'replication'],
    [{ application: 'WalReceiver' }, 'replication'],
    [{ application: 'walreceiver' }, 'replication'],
    [{ application: 'WalRcvWriter' }, 'replication'],
    [{ application: 'gs_basebackup' }, 'replication'],
    [{ application: 'pg_basebackup', client: '10.0.0.3:5' }, 'replication'],
    [{ application: 'pg_recvlogical' }, 'replication'],
    [{ application: 'gs_probackup' }, 'replication'],
    [{ application: 'cm_agent', client: '10.0.0.3:5' }, 'vendor'],
    [{ application: 'gs_clean', client: '10.0.0.3:5' }, 'vendor'],
    [{ application: 'workload' }, 'vendor'],
    [{ application: 'WLMArbiter' }, 'vendor'],
    [{ application: 'WorkloadMonitor' }, 'vendor'],
    [{ application: 'JobScheduler' }, 'vendor'],
    [{ application: 'statement flush thread' }, 'vendor'],
    [{ application: 'Asp' }, 'vendor'],
    [{ application: 'WDRSnapshot' }, 'vendor'],
    [{ application: 'TxnSnapCapturer' }, 'vendor'],
    [{ application: 'ApplyLauncher' }, 'vendor'],
    [{ application: 'PercentileJob' }, 'vendor'],
    [{ application: 'CfsShrinker' }, 'vendor'],
    [{ user: 'app', application: 'workload', client: '10.0.0.3:5' }, null],
    [{ user: 'root', application: 'gsql' }, null],
    [{ user: 'ledger_app', application: 'ledger-api' }, null],
    [{ user: 'ledger_app', application: 'cn_5001' }, null],
    [{ user: 'app_omm' }, null],
    [{ application: 'my walsender' }, null],
    [{}, null],
  ])('%j: %s', (facts, expected) => {
    expect(protects({ ...nobody, ...facts })).toBe(expected);
  });
});
