import type { Client } from 'openapi-fetch';
import { answerOf, type Sent } from './answer.ts';
import type { Calls, KillBody } from './calls.ts';
import { sentBy } from './connection.ts';
import { holdToSuccess, isOpen } from './end.ts';
import { SluiceError, type Operation } from './error.ts';
import type { ChangeOptions, Flush, Kill, Query } from './words.ts';

interface Headers {
  readonly 'Idempotency-Key': string;
  readonly Prefer: string;
}

/** Sends a call that changes something. */
export type Change = (header: Headers, sent: Sent) => Promise<Operation>;

/** Longer lists of ids go into the body: an address has an end. */
const mostIdsOfAddress = 100;

/** Reads the record of an operation, and waits for its end for as long as Sluice does. */
export function readRecord(api: Client<Calls>, id: string, sent: Sent, waitSeconds = 0): Promise<Operation> {
  const params = { path: { id }, header: { Prefer: `wait=${waitSeconds}` } };
  return answerOf(api.GET('/operations/{id}', { params, signal: sent.signal }), sent);
}

/** Reads the record of an operation until it is over. */
export async function followOperation(
  api: Client<Calls>,
  begun: Operation,
  sent: Sent,
  onProgress: ChangeOptions['onProgress'],
): Promise<Operation> {
  let operation = begun;
  while (isOpen(operation)) {
    onProgress?.(operation);
    const asked = Date.now();
    operation = await readRecord(api, operation.id, sent, onProgress ? 1 : 45);
    // An answer that does not wait by itself must not be asked for without a pause.
    const rest = 500 - (Date.now() - asked);
    if (isOpen(operation) && rest > 0) await new Promise((resolve) => setTimeout(resolve, rest));
  }
  onProgress?.(operation);
  return operation;
}

/** Sends a change under one key, and resolves at the operation's end. */
export async function carryOut(api: Client<Calls>, send: Change, asked: ChangeOptions = {}): Promise<Operation> {
  const { idempotencyKey = crypto.randomUUID(), onProgress, untilEnd = true } = asked;
  const sent = sentBy(asked, idempotencyKey);
  const header = { 'Idempotency-Key': idempotencyKey, Prefer: untilEnd && !onProgress ? 'wait=45' : 'wait=1' };
  const begun = await send(header, sent).catch((thrown: unknown) => {
    // It was sent before under this key: the operation is the one that runs.
    const runs = thrown instanceof SluiceError && thrown.code === 'request-in-progress' ? thrown.operationId : null;
    if (runs === null) throw thrown;
    return readRecord(api, runs, sent);
  });
  return untilEnd ? holdToSuccess(await followOperation(api, begun, sent, onProgress), idempotencyKey) : begun;
}

/** A kill with what a preview adds. */
type KillCall = Kill & { readonly plan?: string; readonly dryRun?: boolean };

/** A kill: its parameters in the address; in the body a long list of ids, and processes of several targets. */
export function killBy(api: Client<Calls>, kill: KillCall): Change {
  const body = bodyOf(kill);
  const { processes: _, ...asked } = kill;
  // One value alone is written as a list of one.
  const query = asked as Query<'killProcesses'>;
  return (header, { signal, ...sent }) => {
    const init = body ? { params: { header }, body, signal } : { params: { header, query }, signal };
    return answerOf(api.DELETE('/processes', init), { signal, ...sent });
  };
}

/** The body form of a kill; null where the address says it all. */
function bodyOf({ processes, target, node, id, reason, onBehalfOf, dryRun, approval, breakGlass, ...rest }: KillCall) {
  const told = { reason, onBehalfOf, dryRun, approval, breakGlass };
  const isLong = Array.isArray(id) && id.length > mostIdsOfAddress;
  const isAlone = Object.values<unknown>(rest).every((value) => value === undefined);
  if (processes) return { processes, ...told } satisfies KillBody;
  const ids = isLong && isAlone ? id : null;
  return ids && ({ target: firstOf(target), node: firstOf(node), ids, ...told } satisfies KillBody);
}

/** A flush. */
export function flushBy(api: Client<Calls>, body: Flush): Change {
  return (header, sent) =>
    answerOf(api.POST('/sessions/flush', { body, params: { header }, signal: sent.signal }), sent);
}

function firstOf<One>(value: One | readonly One[] | undefined): One | undefined {
  return Array.isArray(value) ? (value as readonly One[])[0] : (value as One | undefined);
}
