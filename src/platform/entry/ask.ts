import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '../../core/model/caller.js';
import { Slot } from '../../core/model/slot.js';
import type { Span } from '../../core/model/span.js';
import type { Targets } from '../../core/model/targets.js';
import { spanOf } from '../telemetry/request-trace.js';

/** One request, as the resources need it: who asks, against which snapshot of the configuration, and how long to wait. */
export interface Ask {
  readonly caller: Caller;
  readonly targets: Targets;
  /** Counts that these targets are used. Throws Failure `rate-limited` if one of them is used too often. */
  readonly draw: (targets: readonly string[]) => Promise<void>;
  readonly requestId: string;
  /** The caller's own id of the request; null if it sent none that can be used. */
  readonly givenRequestId: string | null;
  /** As it was sent; null if it was not. */
  readonly idempotencyKey: string | null;
  /** Milliseconds that the caller is ready to wait for an operation. */
  readonly waitMs: number;
  /** Does the caller ask to be told where the operation is, even if it is over by then? */
  readonly isAsync: boolean;
  /** When the request arrived, in milliseconds since the epoch. */
  readonly arrivedAt: number;
  /** The request itself, where somebody follows that. */
  readonly span?: Span;
  /** Aborts when the caller hangs up. */
  readonly gone: AbortSignal;
  /** Sets the status of the answer. */
  status(code: number): void;
  header(name: string, value: string): void;
}

/** What the guard found out about a request. */
export type Admitted = Pick<Ask, 'caller' | 'targets' | 'draw'>;

const admitted = new Slot<Admitted>();
const statuses = new Slot<number>();

/** Answers with the status that a handler chose, which Nest would overwrite with that of the method. */
export function keepStatuses(fastify: FastifyInstance): void {
  fastify.addHook('onSend', (_request, reply, payload, done) => {
    const status = statuses.get(reply);
    if (status !== undefined && reply.statusCode < 400) void reply.code(status);
    done(null, payload);
  });
}

export function keepAdmitted(request: FastifyRequest, found: Admitted): void {
  admitted.set(request, found);
}

/** Who made a request, once the guard knows. */
export function callerNameOf(request: object): string | null {
  return admitted.get(request)?.caller.name ?? null;
}

/** The request that a handler answers. */
export const Asked = createParamDecorator((_: unknown, context: ExecutionContext): Ask => {
  const http = context.switchToHttp();
  const request = http.getRequest<FastifyRequest>();
  const reply = http.getResponse<FastifyReply>();
  const found = admitted.get(request);
  const span = spanOf(request);
  if (!found) throw new TypeError('A handler that asks for its caller is behind the guard.');
  return {
    ...found,
    requestId: request.id,
    givenRequestId: request.headers['x-request-id'] === request.id ? request.id : null,
    idempotencyKey:
      request.headers['idempotency-key'] === undefined ? null : [request.headers['idempotency-key']].flat().join(', '),
    ...preferenceOf(request.headers.prefer),
    arrivedAt: Date.now(),
    ...(span ? { span } : {}),
    gone: goneSignal(reply),
    status: (code) => {
      statuses.set(reply, code);
    },
    header: (name, value) => void reply.header(name, value),
  };
});

const defaultWaitSeconds = 10;
/** Below the 60 seconds after which proxies give up. */
const longestWaitSeconds = 45;

/** Reads `Prefer` (RFC 7240): `respond-async`, or `wait=N` in seconds. What it does not understand it ignores. */
export function preferenceOf(prefer: string | string[] | undefined): Pick<Ask, 'waitMs' | 'isAsync'> {
  const preferences = [prefer ?? []]
    .flat()
    .flatMap((line) => line.split(','))
    .map((one) => one.split(';')[0]?.trim().toLowerCase());
  if (preferences.includes('respond-async')) return { waitMs: 0, isAsync: true };
  const waits = preferences
    .map((one) => /^wait\s*=\s*"?(\d+)"?$/.exec(one ?? '')?.[1])
    .filter((one) => one !== undefined);
  const seconds = waits[0] === undefined ? defaultWaitSeconds : Number(waits[0]);
  return { waitMs: Math.min(seconds, longestWaitSeconds) * 1000, isAsync: false };
}

function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  return gone.signal;
}
