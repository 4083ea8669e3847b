import { describe, expect, it } from '@jest/globals';
import type { Seen } from '../../../core/model/process.js';
import { nobody } from '../../../core/model/spec-process.js';
import { protects } from './dcs.protected.js';

describe('what DCS protects by itself', () => {
  it.each<[Partial<Seen>, 'vendor' | 'replication' | null]>([
    [{ connectionType: 'S' }, 'replication'],
    [{ connectionType: 'M' }, 'replication'],
    [{ connectionType: 'S', command: 'replconf' }, 'replication'],
    [{ connectionType: 'bM', command: 'set' }, 'replication'],
    [{ connectionType: 'N', command: 'psync' }, 'replication'],
    [{ command: 'SYNC' }, 'replication'],
    [{ connectionType: null, command: 'replconf' }, 'replication'],
    [{ application: 'sentinel-1a2b3c4d-cmd' }, 'vendor'],
    [{ application: 'sentinel-1a2b3c4d-pubsub', connectionType: 'P' }, 'vendor'],
    [{ application: 'sentinel-watcher' }, null],
    [{ application: 'my-sentinel-1a2b3c4d-cmd' }, null],
    [{ connectionType: 'O', command: 'monitor' }, null],
    [{ connectionType: 'P', command: 'subscribe' }, null],
    [{ connectionType: 'b', command: 'blpop' }, null],
    [{ connectionType: 'x' }, null],
    [{ connectionType: 'N', user: 'default', application: 'master' }, null],
    [{}, null],
  ])('%j: %s', (facts, expected) => {
    expect(protects({ ...nobody, ...facts })).toBe(expected);
  });
});
