import { describe, expect, it } from '@jest/globals';
import { operationOf, problemOf } from './gateway.ts';
import { calls, gateway, open, openToRefuse, rc, tune, useVendors, vendors } from './pool-gateway.ts';

useVendors();

describe('a tuning', () => {
  it('takes over the session of the uid and sets what was asked', async () => {
    await open();
    vendors.tentendata.login('acme_owner');
    const before = vendors.tentendata.session('acme_owner')!;
    const answer = await tune({ infinityToNa: true, stepwise: false, blocking: 3 });
    expect(answer.status).toBe(200);
    expect(operationOf(answer)).toMatchObject({
      kind: 'sessions.tune',
      mode: null,
      state: 'succeeded',
      targets: [
        { target: 'bi-user', effect: 'set', calls: [{ call: 'session', code: '0' }], note: expect.any(String) },
      ],
    });
    expect(answer.headers['sluice-completed']).toBe('true');
    const after = vendors.tentendata.session('acme_owner')!;
    expect([after.sid, after.settings]).toEqual([before.sid, { inf2na: 'on', stepwise: 'off', blocking: '3' }]);
    const [login, session] = vendors.journal.all();
    expect(login?.raw.query).toBe('api=login&apiversion=3&uid=acme_owner&pswd=ownerPass1&kill=possess');
    expect(session?.raw.query).toBe(
      `api=session&apiversion=3&uid=acme_owner&pswd=${after.encryptedPassword}&sid=${after.sid}`,
    );
    expect(session?.raw.headers['content-type']).toBe('text/xml');
    expect(session?.raw.body.toString()).toBe(
      '<in><inf2na>on</inf2na><stepwise>off</stepwise><blocking>3</blocking></in>',
    );
    expect(calls()).toEqual(['login', 'session']);
    for (const secret of ['ownerPass1', after.encryptedPassword, after.sid]) expect(answer.text).not.toContain(secret);
  });

  it('starts a session where there is none, and sends no setting that was left out', async () => {
    await open();
    expect((await tune({ infinityToNa: false })).status).toBe(200);
    expect(vendors.journal.of('session')[0]?.raw.body.toString()).toBe('<in><inf2na>off</inf2na></in>');
    expect(vendors.tentendata.session('acme_owner')?.settings).toEqual({ inf2na: 'off' });
  });

  it('waits for the one before, since a uid has one session', async () => {
    await open();
    vendors.tentendata.knobs.possessRotatesPassword = true;
    vendors.faults.add({ kind: 'latency', milliseconds: 30, call: 'session' });
    const answers = await Promise.all([1, 2, 3].map((blocking) => tune({ infinityToNa: true, blocking })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(calls()).toEqual(['login', 'session', 'login', 'session', 'login', 'session']);
  });

  it('takes the session over once more if it was lost in between, and not twice', async () => {
    await open();
    vendors.faults.add({ ...rc(35), call: 'session', times: 1 });
    expect((await tune({ infinityToNa: true })).status).toBe(200);
    expect(calls()).toEqual(['login', 'session', 'login', 'session']);
    vendors.journal.clear();
    vendors.faults.add({ ...rc(35), call: 'session' });
    const answer = await tune({ infinityToNa: true });
    expect([answer.status, problemOf(answer).code, problemOf(answer).upstream?.code]).toEqual([
      502,
      'upstream-rejected',
      '35',
    ]);
    expect(calls()).toEqual(['login', 'session', 'login', 'session']);
  });

  it('has surely not happened when the login fails in whatever way', async () => {
    await open();
    vendors.faults.add({ kind: 'reset-after', call: 'login' });
    const answer = await tune({ infinityToNa: true });
    expect([answer.status, problemOf(answer).retryable]).toEqual([503, true]);
    expect(vendors.journal.of('session')).toEqual([]);
    expect(problemOf(answer).operation?.targets[0]?.calls).toMatchObject([{ call: 'login', code: null }]);
  });

  it('tells that it was the login that was refused', async () => {
    await open();
    vendors.faults.add({ ...rc(4), call: 'login' });
    const answer = await tune({ infinityToNa: true });
    expect([answer.status, problemOf(answer).code]).toEqual([502, 'upstream-rejected']);
    expect(problemOf(answer).operation?.targets[0]?.calls).toEqual([
      { node: null, call: 'login', code: '4', message: 'as told', requestId: null, jobId: null },
    ]);
    expect(calls()).toEqual(['login']);
  });

  it('is unknown when the session call is not answered', async () => {
    await open();
    vendors.faults.add({ kind: 'reset-after', call: 'session' });
    const answer = await tune({ infinityToNa: true });
    expect([answer.status, answer.headers['sluice-state']]).toEqual([424, 'unknown']);
    expect(vendors.journal.of('session')).toHaveLength(1);
  });

  it.each([
    ['without the setting that the vendor requires', { blocking: 1 }, '/settings/infinityToNa'],
    ['beyond the scale', { infinityToNa: true, blocking: 11 }, '/settings/blocking'],
    ['between two steps', { infinityToNa: true, blocking: 1.5 }, '/settings/blocking'],
    ['by words', { infinityToNa: 'on' }, '/settings/infinityToNa'],
    ['with null for nothing', { infinityToNa: true, stepwise: null }, '/settings/stepwise'],
    ['by another setting', { infinityToNa: true, kill: 'yes' }, '/settings/kill'],
    ['by none', null, '/settings'],
  ])('is refused %s', async (_name, settings, pointer) => {
    await openToRefuse();
    const answer = await gateway.call('POST', '/sessions/tune', { body: { target: 'bi-user', settings } });
    expect(answer.status).toBe(400);
    expect(problemOf(answer).errors?.map((fault) => fault.pointer)).toContain(pointer);
    expect(calls()).toEqual([]);
  });

  it('cannot be had of a pool', async () => {
    await openToRefuse();
    expect((await tune({ infinityToNa: true }, 'bi-pool')).status).toBe(422);
  });

  it('sends nothing when it is only tried', async () => {
    await open();
    const body = { target: 'bi-user', settings: { infinityToNa: true }, dryRun: true };
    const answer = await gateway.call('POST', '/sessions/tune', { body });
    expect([answer.status, operationOf(answer).state]).toEqual([200, 'planned']);
    expect(calls()).toEqual([]);
  });
});
