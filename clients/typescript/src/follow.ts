import type { Client } from 'openapi-fetch';
import type { components } from './api.ts';
import { answerOf } from './answer.ts';
import type { Calls } from './calls.ts';
import { sentBy } from './connection.ts';
import { SluiceError } from './error.ts';
import { lost, pause, stopped } from './send.ts';
import { serverSentEvents } from './server-sent-events.ts';
import type { CallOptions } from './words.ts';

/** One thing that happened to an operation. */
export interface FollowedEvent {
  /** Its place among the events of the operation. */
  readonly id: string;
  /** Its kind. */
  readonly event: string;
  /** When it happened, where, and to how many processes; the newest tells how the operation stands. */
  readonly data: {
    readonly at: string;
    readonly target?: string;
    readonly node?: string | null;
    readonly processes?: number;
    readonly operation?: components['schemas']['OperationSummary'];
  };
}

/** What following an operation takes. */
export interface FollowOptions extends CallOptions {
  /** Only events behind this one are told. */
  readonly lastEventId?: string | undefined;
}

/** Sluice says every 15 s that it is still there. */
const longestSilenceMs = 45_000;
/** How often in a row a stream may break before anything was read from it. */
const mostBreaks = 5;

/** What happens to an operation, until nothing more is to be expected. A broken stream goes on where it broke. */
export async function* followEvents(
  api: Client<Calls>,
  id: string,
  options: FollowOptions,
): AsyncGenerator<FollowedEvent, void, undefined> {
  const { signal } = sentBy(options);
  let lastEventId = options.lastEventId;
  for (let breaks = 0; ; breaks += 1) {
    try {
      for await (const event of readOnce(api, id, lastEventId, signal)) {
        yield event;
        lastEventId = event.id;
        breaks = 0;
        if (event.event === 'over') return;
      }
    } catch (thrown) {
      if (signal.aborted) throw stopped(signal, thrown);
      const isLost = thrown instanceof SluiceError && (thrown.code === 'no-answer' || thrown.code === 'not-sent');
      if (!isLost || breaks >= mostBreaks) throw thrown;
    }
    // A replica that stops ends its streams: another one goes on.
    await pause(Math.min(250 * 2 ** breaks, 5000), signal);
  }
}

async function* readOnce(
  api: Client<Calls>,
  id: string,
  lastEventId: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<FollowedEvent, void, undefined> {
  const silent = new AbortController();
  const either = AbortSignal.any([signal, silent.signal]);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const listen = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      silent.abort();
    }, longestSilenceMs);
  };
  listen();
  try {
    const asked = api.GET('/operations/{id}/events', {
      params: { path: { id }, header: lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId } },
      headers: { accept: 'text/event-stream, application/problem+json' },
      parseAs: 'stream',
      signal: either,
    });
    const stream = await answerOf(asked, { signal: either, idempotencyKey: null });
    for await (const { data, ...event } of serverSentEvents(stream, listen)) {
      yield { ...event, data: JSON.parse(data) as FollowedEvent['data'] };
    }
  } catch (thrown) {
    throw thrown instanceof SluiceError && !silent.signal.aborted ? thrown : lost(thrown, null);
  } finally {
    clearTimeout(timer);
    silent.abort();
  }
}
