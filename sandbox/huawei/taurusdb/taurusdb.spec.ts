import { describe, expect, it } from '@jest/globals';
import type { Reply } from '../../exchange.ts';
import { PROJECT } from '../account.ts';
import { createHuawei } from '../huawei.ts';
import { arrivedAs, ask, bodyOf, permanentKey, signedBy, standingClock } from '../spec-requests.ts';
import { TAURUSDB } from './seed.ts';

const PATH = `/v3/${PROJECT.id}/instances/${TAURUSDB.instanceId}/nodes/${TAURUSDB.nodeId}/processes`;
const PLACE = { instanceId: TAURUSDB.instanceId, nodeId: TAURUSDB.nodeId };

interface Row {
  readonly id: bigint;
  readonly db: string | null;
  readonly command: string;
  readonly time: bigint;
}

function cloud() {
  const clock = standingClock();
  const huawei = createHuawei({ clock: clock.now });
  const { taurusdb } = huawei.state;
  const list = (query = '', path = PATH): Reply => ask(huawei.taurusdb, clock.now(), `GET ${path}${query}`);
  const rows = (query = ''): Row[] => (bodyOf(list(query)) as { processes: Row[] }).processes;
  const kill = (body: unknown, path = PATH): Reply => ask(huawei.taurusdb, clock.now(), `DELETE ${path}`, body);
  return { clock, huawei, taurusdb, list, rows, kill };
}

describe('listing threads', () => {
  it('gives every user thread by ascending id, and no internal one', () => {
    const { taurusdb, list, rows } = cloud();
    const ids = rows().map((row) => row.id);
    expect(ids).toHaveLength(48);
    expect(taurusdb.threads(PLACE)).toHaveLength(51);
    expect(ids.slice(0, 2)).toEqual([2075425n, 2075426n]);
    expect(ids.at(-1)).toBe(9007199254740993n);
    expect(list().body).toContain('"id":9007199254740993,');
    expect(list().body).toContain('"total_count":48');
  });

  it('has rows without a database and rows of all commands', () => {
    const rows = cloud().rows();
    expect(rows.filter((row) => row.db === null)).toHaveLength(4);
    expect(rows.filter((row) => row.command === 'Query')).toHaveLength(4);
  });

  it('counts the seconds by the clock', () => {
    const { clock, rows } = cloud();
    clock.pass(2500);
    expect(rows()[0]).toMatchObject({ id: 2075425n, command: 'Sleep', time: 7n });
  });

  it('gives every thread once over all pages', () => {
    const { rows } = cloud();
    const paged = [0, 20, 40].flatMap((offset) => rows(`?offset=${String(offset)}&limit=20`));
    expect(paged).toEqual(rows());
    expect(rows('?offset=48')).toEqual([]);
  });

  it.each(['?limit=0', '?limit=101', '?limit=ten', '?limit=1.0', '?offset=-1', '?offset=', '?sort=id'])(
    'refuses %s',
    (query) => {
      const reply = cloud().list(query);
      expect([reply.status, bodyOf(reply)]).toMatchObject([400, { error_code: 'DBS.280001' }]);
    },
  );
});

describe('killing threads', () => {
  it('ends them and tells which it did not find', () => {
    const { rows, kill } = cloud();
    const reply = kill({ processes: [2075425, 999999999] });
    expect([reply.status, reply.body]).toEqual([
      200,
      '{"processes_killed":[2075425],"processes_not_found":[999999999]}',
    ]);
    expect(rows().map((row) => row.id)).not.toContain(2075425n);
    expect(kill({ processes: [2075425] }).body).toBe('{"processes_killed":[],"processes_not_found":[2075425]}');
  });

  it('reads and writes ids beyond 2^53 exactly', () => {
    const { rows, kill } = cloud();
    expect(kill('{"processes":[9007199254740992]}').body).toContain('"processes_not_found":[9007199254740992]');
    expect(kill('{"processes":[9007199254740993]}').body).toContain('"processes_killed":[9007199254740993]');
    expect(rows()).toHaveLength(47);
  });

  it('passes over internal threads in silence', () => {
    const { taurusdb, kill } = cloud();
    expect(kill({ processes: [1, 2075426] }).body).toBe('{"processes_killed":[2075426],"processes_not_found":[]}');
    expect(taurusdb.threads(PLACE).filter((thread) => thread.internal)).toHaveLength(3);
  });

  it('does not reach threads of another node', () => {
    const { taurusdb, kill } = cloud();
    const [elsewhere] = taurusdb.threads({ ...PLACE, nodeId: TAURUSDB.secondNodeId });
    expect(bodyOf(kill({ processes: [Number(elsewhere?.id)] }))).toEqual({
      processes_killed: [],
      processes_not_found: [elsewhere?.id],
    });
  });

  it('takes 20 ids and not 21', () => {
    const ids = Array.from({ length: 21 }, (_, index) => index + 100);
    expect(cloud().kill({ processes: ids.slice(1) }).status).toBe(200);
    expect(bodyOf(cloud().kill({ processes: ids }))).toMatchObject({ error_code: 'DBS.280001' });
  });

  it.each<[string, unknown, string]>([
    ['no ids', { processes: [] }, 'DBS.280001'],
    ['no list', { processes: 5 }, 'DBS.280001'],
    ['ids as strings', { processes: ['5'] }, 'DBS.280001'],
    ['a fraction', '{"processes":[1.5]}', 'DBS.280001'],
    ['a negative id', { processes: [-1] }, 'DBS.280001'],
    ['an id of 64 bits', '{"processes":[9223372036854775808]}', 'DBS.280001'],
    ['an unknown member', { processes: [1], force: true }, 'DBS.280001'],
    ['no members', {}, 'DBS.280001'],
    ['an empty body', '', 'DBS.200006'],
    ['no JSON', 'processes', 'DBS.280001'],
  ])('answers 400 to %s', (_name, body, code) => {
    const reply = cloud().kill(body);
    expect(reply.status).toBe(400);
    expect(bodyOf(reply)).toEqual({ error_code: code, error_msg: expect.any(String) });
  });

  it('needs a content type', () => {
    const { clock, huawei } = cloud();
    const arrived = { ...arrivedAs(`DELETE ${PATH}`), body: Buffer.from('{"processes":[2075425]}') };
    const reply = huawei.taurusdb.answer(signedBy(permanentKey(), clock.now(), arrived));
    expect(reply.status).toBe(400);
    expect(huawei.state.taurusdb.threads(PLACE)).toHaveLength(51);
  });
});

describe('both calls refuse', () => {
  const { instanceId, nodeId, otherNodeId } = TAURUSDB;

  it.each([
    [`/instances/${'a'.repeat(32)}in07/nodes/${nodeId}/processes`, 404, 'DBS.200002'],
    [`/instances/${'a'.repeat(32)}in14/nodes/${nodeId}/processes`, 400, 'DBS.280404'],
    [`/instances/${instanceId}/nodes/${'a'.repeat(36)}/processes`, 400, 'DBS.280407'],
    [`/instances/${instanceId}/nodes/${otherNodeId}/processes`, 400, 'DBS.216030'],
    [`/instances/${instanceId}/nodes/${nodeId}/process`, 404, 'APIGW.0101'],
  ])('the path …%s', (rest, status, code) => {
    const { list, kill } = cloud();
    const path = `/v3/${PROJECT.id}${rest}`;
    for (const reply of [list('', path), kill({ processes: [1] }, path)]) {
      expect([reply.status, bodyOf(reply)]).toMatchObject([status, { error_code: code }]);
    }
  });

  it('another method', () => {
    const { clock, huawei } = cloud();
    expect(ask(huawei.taurusdb, clock.now(), `POST ${PATH}`, { processes: [1] }).status).toBe(404);
  });
});

describe('the emulator', () => {
  it.each([
    [`GET ${PATH}`, 'list-processes'],
    [`DELETE ${PATH}`, 'delete-processes'],
  ])('calls %s by its name', (line, call) => {
    expect(cloud().huawei.taurusdb.callOf(arrivedAs(line))).toBe(call);
  });

  it('lets threads come and go from outside', () => {
    const { taurusdb, rows } = cloud();
    const added = taurusdb.addThread(PLACE, { user: 'guest', seconds: 90 });
    expect(rows().find((row) => row.id === added.id)).toMatchObject({ user: 'guest', time: 90n });
    taurusdb.removeThread(PLACE, added.id);
    expect(rows()).toHaveLength(48);
  });
});
