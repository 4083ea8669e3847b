import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  hold,
  isSignedBy,
  refuseBy,
  startReceiver,
  type Answering,
  type Receiver,
} from '../../test/notify-receiver.js';
import { systemClock } from '../core/model/clock.js';
import { Secret } from '../transport/secret.js';
import { SecretReference } from '../transport/secret.config.js';
import { ReceiverConfig } from './notify.config.js';
import { openPost, type PostResult, type ReceiverPost } from './post.js';

const secret = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
const newer = `whsec_${Buffer.alloc(32, 2).toString('base64')}`;
const message = { receiver: 'pager', id: 'msg_1', body: '{"type":"operation.forced","data":{"reason":"été 雪"}}' };

let receiver: Receiver;
let post: ReceiverPost;
let config: ReceiverConfig;

const holding = (text: string): SecretReference => {
  const reference = new SecretReference();
  reference.resolve(new Secret(text));
  return reference;
};

beforeEach(async () => {
  receiver = await startReceiver();
  config = Object.assign(new ReceiverConfig(), { name: 'pager', url: holding(receiver.url), secret: holding(secret) });
  post = openPost(config, systemClock, 4, 2000);
});

afterEach(async () => {
  await receiver.close();
  await post.close();
});

const send = (signal = new AbortController().signal): Promise<PostResult> => post.send(message, signal);

describe('a notification', () => {
  it('arrives byte for byte, signed under its id', async () => {
    expect(await send()).toEqual({ is: 'received' });
    const [arrived] = receiver.received;
    expect([arrived?.text, arrived?.id, arrived?.path]).toEqual([message.body, message.id, '/hook']);
    expect(isSignedBy(secret, arrived!)).toBe(true);
    expect(isSignedBy(newer, arrived!)).toBe(false);
  });

  it('is signed as the file of its secret says now, by both while there are two', async () => {
    config.secret.take(new Secret(`${secret}\n${newer}`));
    await send();
    config.secret.take(new Secret(newer));
    await send();
    const [both, one] = receiver.received;
    expect([isSignedBy(secret, both!), isSignedBy(newer, both!)]).toEqual([true, true]);
    expect([isSignedBy(secret, one!), isSignedBy(newer, one!)]).toEqual([false, true]);
  });
});

const bodyOf =
  (length: number): Answering =>
  (response) => {
    response.writeHead(200).end('x'.repeat(length));
  };

describe('a receiver', () => {
  it.each<[string, Answering, PostResult]>([
    ['that says more than anybody reads, has received it', bodyOf(1_000_000), { is: 'received' }],
    ['that redirects is not followed', refuseBy(307, { location: '/other' }), { is: 'failed', why: 'redirect' }],
    ['that fails has not', refuseBy(500), { is: 'failed', why: 'status-500' }],
    ['that is gone has not', refuseBy(410), { is: 'failed', why: 'gone' }],
    [
      'that asks for patience is told along',
      refuseBy(429, { 'retry-after': '120' }),
      { is: 'failed', why: 'status-429', retryAfterMs: 120_000 },
    ],
    ['that says nothing has not', hold, { is: 'failed', why: 'timeout' }],
    [
      'that hangs up has not',
      (response) => {
        response.socket?.destroy();
      },
      { is: 'failed', why: 'unreachable' },
    ],
  ])('%s', async (_what, answer, result) => {
    receiver.answer = answer;
    expect(await send()).toEqual(result);
    expect(receiver.received).toHaveLength(1);
  });

  it('that is not there has not', async () => {
    await receiver.close();
    expect(await send()).toEqual({ is: 'failed', why: 'unreachable' });
  });

  it.each(['http://example.com/hook', 'https://user:hunter2@example.com/', 'file:///etc/passwd', 'nonsense'])(
    'whose address became %s is sent nothing',
    async (address) => {
      config.url.take(new Secret(address));
      expect(await send()).toEqual({ is: 'failed', why: 'unsafe-url' });
    },
  );

  it('whose secret is none any more is sent nothing', async () => {
    config.secret.take(new Secret('hunter2'));
    expect(await send()).toEqual({ is: 'failed', why: 'no-signing-secret' });
    expect(receiver.received).toEqual([]);
  });

  it('is left when that is asked', async () => {
    receiver.answer = hold;
    const leaving = new AbortController();
    const sending = send(leaving.signal);
    await receiver.having('operation.forced');
    leaving.abort();
    expect(await sending).toMatchObject({ is: 'failed' });
  });
});
