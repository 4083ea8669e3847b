import { describe, expect, it } from '@jest/globals';
import type { Seen } from '../../../core/model/process.js';
import { nobody } from '../../../core/model/spec-process.js';
import { protects } from './taurusdb.protected.js';

describe('what TaurusDB protects by itself', () => {
  it.each<[Partial<Seen>, 'vendor' | 'replication' | null]>([
    [{ user: 'rdsAdmin', command: 'Sleep' }, 'vendor'],
    [{ user: 'rdsBackup' }, 'vendor'],
    [{ user: 'rdsbackup' }, 'vendor'],
    [{ user: 'rdsMetric' }, 'vendor'],
    [{ user: 'rdsProxy' }, 'vendor'],
    [{ user: 'mysql.sys' }, 'vendor'],
    [{ user: 'mysql.session' }, 'vendor'],
    [{ user: 'mysql.infoschema' }, 'vendor'],
    [{ user: 'event_scheduler' }, 'vendor'],
    [{ user: 'system user' }, 'vendor'],
    [{ user: 'rdsRepl', command: 'Sleep' }, 'replication'],
    [{ user: 'drsFull' }, 'replication'],
    [{ user: 'drsIncremental' }, 'replication'],
    [{ user: 'copy', command: 'Binlog Dump' }, 'replication'],
    [{ user: 'copy', command: 'Binlog Dump GTID' }, 'replication'],
    [{ user: 'rdsAdmin', command: 'Binlog Dump' }, 'replication'],
    [{ user: 'copy', command: 'Register Slave' }, 'replication'],
    [{ user: 'copy', command: 'Register Replica' }, 'replication'],
    [{ user: 'copy', command: 'Table Dump' }, 'replication'],
    [{ user: 'copy', command: 'Connect Out' }, 'replication'],
    [{ user: 'copy', command: 'Clone' }, 'replication'],
    [{ user: 'copy', command: 'Group Replication Data Stream subscription' }, 'replication'],
    [{ user: 'x', command: 'Daemon' }, 'vendor'],
    [{ user: 'root', command: 'Query' }, null],
    [{ user: 'orders_app', command: 'Sleep' }, null],
    [{ user: 'rdsAdmin2', command: 'Sleep' }, null],
    [{ user: 'app_rdsRepl' }, null],
    [{ user: 'app', command: 'Connect' }, null],
    [{ user: 'app', command: 'Binlog Dumper' }, null],
    [{ user: 'copy', command: 'Slave_IO' }, 'replication'],
    [{ user: 'app' }, null],
    [{ client: '10.0.0.3:5' }, null],
    [{}, 'vendor'],
    [{ command: 'Query' }, 'vendor'],
  ])('%j: %s', (facts, expected) => {
    expect(protects({ ...nobody, ...facts })).toBe(expected);
  });
});
