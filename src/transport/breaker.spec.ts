import { describe, expect, it } from '@jest/globals';
import type { Clock } from '../core/model/clock.js';
import { Failure, type FailureKind } from '../core/model/failure.js';
import type { Call } from '../core/model/target.js';
import { breaker } from './breaker.js';
import type { Answer, Exchange } from './exchange.js';
import { defaultLimits, type Limits } from './limits.js';
import { asItIs, sendBy } from './spec-send.js';
import { TooLarge } from './too-large.js';

const well: Answer = { status: 200, headers: {}, text: '' };
const outage = (): Failure => new Failure('upstream-unavailable', 'It broke.', { sent: 'perhaps' });
const exchange: Exchange<Answer> = {
  target: null,
  backend: 'spec',
  call: 'look',
  method: 'GET',
  url: 'http://vendor',
  headers: {},
  body: null,
  mutating: false,
  maxBytes: 1,
  read: asItIs,
};

/** A circuit, on a clock that stands still, before a vendor that answers when it is told to. */
function circuit(limits: Partial<Limits> = {}) {
  let time = 1_000_000;
  const clock: Clock = { now: () => time, sleep: () => Promise.resolve() };
  const states: string[] = [];
  const received: { readonly name: string; readonly end: PromiseWithResolvers<Answer> }[] = [];
  const wrap = breaker({ ...defaultLimits, failures: 1, ...limits }, clock, (state) => states.push(state));
  const send = wrap(
    sendBy((_exchange, { requestId: name }) => {
      const end = Promise.withResolvers<Answer>();
      received.push({ name, end });
      return end.promise;
    }),
  );
  const ask = async (name: string, facts: Partial<Call> = {}, target: string | null = null): Promise<string> => {
    const call = { requestId: name, signal: new AbortController().signal, deadline: time + 60_000, ...facts };
    return send({ ...exchange, target }, call).then(
      () => 'ok',
      (thrown: unknown) => (thrown as Failure).kind,
    );
  };
  const end = async (how: Failure | Answer, index = -1): Promise<void> => {
    const pending = received.at(index)?.end;
    if (how instanceof Failure) pending?.reject(how);
    else pending?.resolve(how);
    await settled();
  };
  /** One call, from its beginning to this end. */
  const one = async (how: Failure | Answer, target: string | null = null): Promise<string> => {
    const asked = ask('one', {}, target);
    await settled();
    await end(how);
    return asked;
  };
  const pass = (milliseconds: number): void => {
    time += milliseconds;
  };
  return { ask, end, one, pass, states, names: () => received.map(({ name }) => name) };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a circuit that is half open', () => {
  it.each<[string, Failure]>([
    ['whose caller goes away', new Failure('request-timeout', 'Gone.', { sent: 'perhaps' })],
    ['that got no turn', new Failure('overloaded', 'Too many.')],
    ['that had little time left', new Failure('upstream-timeout', 'Late.', { sent: 'perhaps' })],
    ['that got no token', new Failure('upstream-rejected', 'IAM refused.')],
    ['whose operation is no longer ours', new Failure('store-unavailable', 'Lost.')],
  ])('learns nothing by a probe %s: the next call is the probe, at once', async (_name, failure) => {
    const { ask, end, one, pass, states, names } = circuit();
    await one(outage());
    pass(defaultLimits.openMs);
    const probe = ask('probe');
    const others = [ask('second'), ask('third')];
    await settled();
    await end(failure);
    expect(await probe).toBe(failure.kind);
    expect(names()).toEqual(['one', 'probe', 'second']);
    await end(well);
    expect(names()).toEqual(['one', 'probe', 'second', 'third']);
    await end(well);
    expect(await Promise.all(others)).toEqual(['ok', 'ok']);
    expect(states).toEqual(['open', 'half-open', 'open', 'half-open', 'closed']);
  });

  it.each<FailureKind>(['upstream-rejected', 'upstream-throttled', 'upstream-conflict'])(
    'closes by any answer, %s as well, and then counts anew',
    async (kind) => {
      const { one, pass, states } = circuit({ failures: 2 });
      await one(outage());
      await one(outage());
      pass(defaultLimits.openMs);
      await one(new Failure(kind, 'No.', { sent: 'refused' }));
      await one(outage());
      expect(states).toEqual(['open', 'half-open', 'closed']);
    },
  );

  it('closes by a list that is larger than what is read', async () => {
    const { one, pass, states } = circuit();
    await one(outage());
    pass(defaultLimits.openMs);
    await one(new TooLarge());
    expect(states).toEqual(['open', 'half-open', 'closed']);
  });

  it('is left alone for as long again by a probe that fails, and those who waited are refused at once', async () => {
    const { ask, end, one, pass, states } = circuit();
    await one(outage());
    pass(defaultLimits.openMs);
    const asked = [ask('probe'), ask('second'), ask('third')];
    await settled();
    await end(outage());
    expect(await Promise.all(asked)).toEqual(Array.from({ length: 3 }, () => 'upstream-unavailable'));
    pass(defaultLimits.openMs - 1);
    expect(await ask('early')).toBe('upstream-unavailable');
    pass(1);
    expect(await one(well)).toBe('ok');
    expect(states).toEqual(['open', 'half-open', 'open', 'half-open', 'closed']);
  });

  it('lets no more wait than for a turn, and what is urgent first', async () => {
    const { ask, end, one, pass, names } = circuit({ queue: 2 });
    await one(outage());
    pass(defaultLimits.openMs);
    const waiting = ['probe', 'look 1', 'look 2'].map((name) => ask(name));
    expect(await ask('look 3')).toBe('upstream-unavailable');
    waiting.push(ask('kill 1', { isUrgent: true }), ask('kill 2', { isUrgent: true }));
    expect(await ask('kill 3', { isUrgent: true })).toBe('upstream-unavailable');
    await end(well);
    expect(names()).toEqual(['one', 'probe', 'kill 1', 'kill 2', 'look 1', 'look 2']);
  });

  it('hears nothing of calls that were sent before it opened', async () => {
    const { ask, end, one, pass, states } = circuit();
    const early = ask('early');
    await settled();
    await one(outage());
    pass(defaultLimits.openMs);
    const probe = ask('probe');
    await settled();
    await end(outage(), 0);
    expect([await early, states]).toEqual(['upstream-unavailable', ['open', 'half-open']]);
    await end(well);
    expect([await probe, states]).toEqual(['ok', ['open', 'half-open', 'closed']]);
  });
});

it('a vendor is not left alone for longer because a clock is put back', async () => {
  const { one, pass, states } = circuit();
  await one(outage());
  pass(-3_600_000);
  expect(await one(well)).toBe('ok');
  expect(states).toEqual(['open', 'half-open', 'closed']);
});

describe('what the instance of a target answers', () => {
  const unreached = (): Failure => new Failure('upstream-unavailable', 'Nobody there.', { isUnreached: true });
  const late = { hadItsTime: true, sent: 'perhaps' } as const;

  it.each([
    ['an error', outage()],
    ['garbage', new Failure('upstream-malformed', 'What?', { sent: 'perhaps' })],
    ['half an answer', new Failure('upstream-timeout', 'Late.', late)],
  ])('keeps calls from it alone: %s', async (_name, failure) => {
    const { one, ask, pass, states, names } = circuit();
    await one(failure, 'broken');
    expect([await ask('two', {}, 'broken'), names().length, states]).toEqual(['upstream-unavailable', 1, ['open']]);
    expect(await one(well, 'healthy')).toBe('ok');
    pass(defaultLimits.openMs);
    expect(await one(well, 'broken')).toBe('ok');
    expect(states).toEqual(['open', 'half-open', 'closed']);
  });

  it.each([
    ['cannot be reached', unreached()],
    ['says nothing', new Failure('upstream-timeout', 'Late.', { ...late, isUnreached: true })],
  ])('is not asked for, nor any other of the service, while that %s', async (_name, failure) => {
    const { one, ask, pass, names } = circuit({ failures: 2 });
    await one(failure, 'first');
    await one(failure, 'second');
    expect([await ask('three', {}, 'healthy'), names().length]).toEqual(['upstream-unavailable', 2]);
    pass(defaultLimits.openMs);
    expect(await one(well, 'healthy')).toBe('ok');
    expect(await one(well, 'first')).toBe('ok');
  });

  const silence = (): Failure => new Failure('upstream-timeout', 'Late.', { ...late, isUnreached: true });

  it.each([1, 2, 5])(
    'keeps calls from it alone while it is silent, where %i failures open a circuit',
    async (failures) => {
      const { one, ask } = circuit({ failures });
      for (let count = 0; count < failures; count += 1) await one(silence(), 'silent');
      expect(await ask('more', {}, 'silent')).toBe('upstream-unavailable');
      expect(await one(well, 'healthy')).toBe('ok');
    },
  );

  it('and others beside it are not the service, as long as one of them answers', async () => {
    const { one } = circuit({ failures: 3 });
    for (const target of ['a', 'b']) await one(silence(), target);
    await one(new Failure('upstream-rejected', 'No.', { sent: 'refused' }), 'healthy');
    for (const target of ['a', 'b']) await one(silence(), target);
    expect(await one(well, 'healthy')).toBe('ok');
    for (const target of ['c', 'd', 'e']) await one(silence(), target);
    expect(await one(well, 'healthy')).toBe('upstream-unavailable');
  });

  it('shows that the service can be reached', async () => {
    const { one, pass } = circuit({ failures: 2 });
    for (const target of ['a', 'b', 'c']) {
      await one(unreached(), target);
      await one(outage(), `broken-${target}`);
    }
    expect(await one(well, 'a')).toBe('ok');
    await one(unreached(), 'a');
    await one(unreached(), 'b');
    pass(defaultLimits.openMs);
    await one(outage(), 'another');
    expect(await one(well, 'a')).toBe('ok');
  });

  it('is told until nobody has asked for that target for long', async () => {
    const { one, pass, states } = circuit();
    await one(outage(), 'removed');
    pass(599_000);
    await one(well, 'healthy');
    expect(states).toEqual(['open']);
    pass(10_000);
    await one(well, 'healthy');
    expect(states).toEqual(['open', 'closed']);
  });
});
