import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Notice, NoticeKind } from '../core/model/notice.js';
import type { OutboxMessage } from '../core/record/outbox.js';
import { quiet, SpecClock } from '../core/record/spec-journal.js';
import { MemoryOutbox } from '../store/memory/memory.outbox.js';
import { Notifier, type NotifyParts } from './notifier.js';
import { ReceiverConfig } from './notify.config.js';
import type { PostResult } from './post.js';

const minute = 60_000;
const hour = 60 * minute;
const received: PostResult = { is: 'received' };
const failed: PostResult = { is: 'failed', why: 'status-500' };

let clock: SpecClock;
let outbox: MemoryOutbox;
let sent: string[];
let told: string[];
/** What comes of a message. */
let post: (message: OutboxMessage, signal: AbortSignal) => Promise<PostResult>;
let opened: Notifier[];

beforeEach(() => {
  clock = new SpecClock();
  outbox = new MemoryOutbox();
  sent = [];
  told = [];
  opened = [];
  post = () => Promise.resolve(received);
});

afterEach(async () => {
  for (const notifier of opened) {
    const stopping = notifier.stop();
    await quiet();
    clock.advance(minute);
    await stopping;
  }
});

const receiver = (name: string, on: NoticeKind[] = ['forced']) => Object.assign(new ReceiverConfig(), { name, on });

function notice(id: string, kind: NoticeKind = 'forced'): Notice {
  const facts = () => ({ kind: 'sessions.flush', mode: 'forced', requestedBy: 'app' }) as const;
  return { kind, type: `operation.${kind}`, id, at: clock.now(), targets: ['pool'], operation: 'op_1', facts };
}

/** A notifier of these receivers. */
function open(names: readonly (string | ReceiverConfig)[], more: Partial<NotifyParts> = {}): Notifier {
  const notifier = new Notifier({
    outbox,
    clock,
    basePath: '/gate',
    random: () => 0.5,
    openPost: () => ({
      send: (message, signal) => {
        sent.push(`${message.receiver} ${message.id}`);
        return post(message, signal);
      },
      close: () => Promise.resolve(),
    }),
    watcher: {
      use: (receivers) => told.push(`use ${receivers.join()}`),
      sent: (name) => told.push(`sent ${name}`),
      failed: (name, why) => told.push(`failed ${name} ${why}`),
      lost: (name, count, why) => told.push(`lost ${name} ${String(count)} ${why}`),
      waiting: () => undefined,
      storeFailed: (thrown) => told.push(`store ${String(thrown)}`),
    },
    ...more,
  });
  opened.push(notifier);
  notifier.use(names.map((one) => (typeof one === 'string' ? receiver(one) : one)));
  notifier.start();
  return notifier;
}

/** Lets so much time go by, in steps that wake all that sleeps. */
async function pass(milliseconds: number, step = 1000): Promise<void> {
  for (let left = milliseconds; left > 0; left -= step) {
    await quiet();
    clock.advance(Math.min(step, left));
  }
  await quiet();
}

const lost = () => told.filter((line) => line.startsWith('lost'));

describe('a message', () => {
  it('is sent at once to all who want it, and to nobody else', async () => {
    open(['pager', 'chat', receiver('other', ['drained'])]);
    await outbox.add([notice('m1'), notice('m2', 'unknown')]);
    await quiet();
    expect(sent.toSorted()).toEqual(['chat m1', 'pager m1']);
    expect(await outbox.waiting(clock.now())).toEqual([]);
  });

  it('is tried again after 5 s, 30 s and 2 min, until it is received', async () => {
    const times: number[] = [];
    const begun = clock.now();
    post = () => {
      times.push((clock.now() - begun) / 1000);
      return Promise.resolve(times.length < 4 ? failed : received);
    };
    open(['pager']);
    await outbox.add([notice('m1')]);
    await pass(10 * minute);
    expect(times).toEqual([0, 5, 35, 155]);
    expect(told.at(-1)).toBe('sent pager');
  });

  it('is tried no sooner than its receiver asks', async () => {
    post = () => Promise.resolve(sent.length === 1 ? { ...failed, retryAfterMs: 2 * minute } : received);
    open(['pager']);
    await outbox.add([notice('m1')]);
    await pass(2 * minute - 1000);
    expect(sent).toHaveLength(1);
    await pass(1000);
    expect(sent).toHaveLength(2);
  });

  it('is given up after a day', async () => {
    post = () => Promise.resolve(failed);
    open(['pager']);
    await outbox.add([notice('m1')]);
    await pass(19 * hour, minute);
    expect(lost()).toEqual([]);
    await pass(5 * hour, minute);
    expect(lost()).toEqual(['lost pager 1 age']);
    expect(await outbox.waiting(clock.now())).toEqual([]);
  });

  it('is given up at once where its receiver is gone, and the next one is tried', async () => {
    post = () => Promise.resolve(sent.length === 1 ? { is: 'failed', why: 'gone' } : received);
    open(['pager']);
    await outbox.add([notice('m1')]);
    await quiet();
    await outbox.add([notice('m2')]);
    await quiet();
    expect([lost(), told.at(-1)]).toEqual([['lost pager 1 gone'], 'sent pager']);
  });
});

describe('a receiver that does not answer', () => {
  it('holds up nobody else, and has four messages at once', async () => {
    post = ({ receiver: name }) => (name === 'hangs' ? new Promise(() => undefined) : Promise.resolve(received));
    const notifier = open(['hangs', 'chat']);
    for (const id of ['m1', 'm2', 'm3', 'm4', 'm5', 'm6']) await outbox.add([notice(id)]);
    await pass(30_000);
    expect(sent.filter((line) => line.startsWith('hangs'))).toHaveLength(4);
    expect(sent.filter((line) => line.startsWith('chat'))).toHaveLength(6);
    opened = opened.filter((one) => one !== notifier);
  });

  it('has no more than a thousand waiting, the newest', async () => {
    post = () => Promise.resolve(failed);
    open(['pager']);
    for (let made = 0; made < 1100; made += 1) await outbox.add([notice(`m${String(made)}`)]);
    await pass(10_000);
    const [{ count } = { count: 0 }] = await outbox.waiting(clock.now());
    expect(count).toBe(1000);
    expect(lost().reduce((sum, line) => sum + Number(line.split(' ')[2]), 0)).toBe(100);
    const left = await outbox.take('pager', 2000, clock.now() + hour, 1);
    expect(left.map(({ id }) => id)).not.toContain('m0');
    expect(left.map(({ id }) => id)).toContain('m1099');
  });
});

describe('another configuration', () => {
  it('drops what waits for whom it does not name any more', async () => {
    post = () => Promise.resolve(failed);
    const notifier = open(['pager', 'chat']);
    await outbox.add([notice('m1')]);
    await quiet();
    notifier.use([receiver('chat')]);
    await quiet();
    expect(lost()).toEqual(['lost pager 1 removed']);
    expect((await outbox.waiting(clock.now())).map((one) => one.receiver)).toEqual(['chat']);
  });

  it('leaves what another replica wrote for whom it does not know, for a day', async () => {
    outbox.keep([]);
    const other = open(['new']);
    post = () => new Promise(() => undefined);
    await outbox.add([notice('m1')]);
    opened = opened.filter((one) => one !== other);
    open(['old']);
    await pass(23 * hour, minute);
    expect(lost()).toEqual([]);
    await pass(2 * hour, minute);
    expect(lost()).toEqual(['lost none 1 removed']);
  });
});

describe('stopping', () => {
  it('leaves what is not received to others, who may send it at once', async () => {
    post = (_message, signal) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          resolve({ is: 'failed', why: 'unreachable' });
        });
      });
    const notifier = open(['pager']);
    await outbox.add([notice('m1')]);
    await quiet();
    const stopping = notifier.stop();
    await pass(2000);
    await stopping;
    expect(lost()).toEqual([]);
    expect(await outbox.take('pager', 9, clock.now(), 1)).toMatchObject([{ id: 'm1', attempts: 2 }]);
    opened = [];
  });
});

describe('an outbox that cannot be used', () => {
  it('is told, and tried again', async () => {
    const waiting = outbox.waiting.bind(outbox);
    outbox.waiting = () => Promise.reject(new Error('the disk is full'));
    open(['pager']);
    await outbox.add([notice('m1')]);
    await quiet();
    expect(told).toContain('store Error: the disk is full');
    outbox.waiting = waiting;
    await pass(5000);
    expect(sent).toEqual(['pager m1']);
  });
});
