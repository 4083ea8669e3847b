import type { FastifyRequest } from 'fastify';
import { carries, writtenLabels } from '../../core/choose/labelled.js';
import { isVisible, type KnownCaller } from '../../core/model/caller.js';
import type { Failure } from '../../core/model/failure.js';
import { problemTypes } from '../../core/model/problem.js';
import { maxTargets } from '../../core/model/request.js';
import type { Labels } from '../../core/model/target.js';
import type { Targets } from '../../core/model/targets.js';
import type { Refused, RefusedKind } from '../../core/record/refused-calls.js';

/** The calls that change something, by method and route without the base path. */
const kinds: Readonly<Record<string, RefusedKind>> = {
  'DELETE /processes': 'processes.kill',
  'POST /sessions/flush': 'sessions.flush',
  'POST /sessions/tune': 'sessions.tune',
  'POST /operations/:id/acknowledge': 'operations.acknowledge',
  'POST /operations/:id/cancel': 'operations.cancel',
  'POST /operations/:id/approve': 'operations.approve',
  'POST /operations/:id/reject': 'operations.reject',
  'POST /freezes': 'freezes.begin',
  'DELETE /freezes/:id': 'freezes.end',
};

const longestWords = 500;
const longestDetail = 500;
/** A call names no more targets than so many. */
const mostNames = 1000;

/** Which call that changes something this is; undefined if it is none, or one that nothing answers. */
export function refusedKindOf(method: string | null, route: string, basePath: string): RefusedKind | undefined {
  const path = route.startsWith(basePath) ? route.slice(basePath.length) : route;
  const name = `${method ?? ''} ${path}`;
  return Object.hasOwn(kinds, name) ? kinds[name] : undefined;
}

/** What is kept of a call about which nothing else is known. */
export function refusedUnread(kind: RefusedKind, failure: Failure, requestId: string): Refused {
  const { status, title } = problemTypes[failure.kind];
  return {
    kind,
    mode: null,
    dryRun: false,
    requestedBy: '',
    onBehalfOf: null,
    reason: null,
    requestId,
    targets: [],
    isWhole: true,
    problem: { code: failure.kind, title, status, detail: failure.message.slice(0, longestDetail) },
  };
}

/** What is kept of a refused call: who, which, about which targets, and why not. Nothing else of its body is. */
export function refusedCall(request: FastifyRequest, kind: RefusedKind, failure: Failure): Refused {
  const { caller, targets, about } = request.facts;
  const unread = refusedUnread(kind, failure, request.id);
  // What somebody unknown wrote is not kept.
  if (!caller || !targets) return unread;
  const query = membersOf(request.query);
  const body = membersOf(request.body);
  const mode = body['mode'] ?? 'graceful';
  const named = [...new Set([...namesIn(query, body), ...about])].slice(0, mostNames);
  const known = [...named, ...labelled(targets, caller, query, body)]
    .filter((name) => isVisible(caller, name))
    .flatMap((name) => targets.named(name) ?? [])
    .slice(0, maxTargets);
  // Of a query each parameter is a list.
  const written = (name: string): unknown => [query[name]].flat()[0] ?? body[name];
  return {
    ...unread,
    mode: kind === 'sessions.flush' && (mode === 'graceful' || mode === 'forced') ? mode : null,
    dryRun: written('dryRun') === 'true' || written('dryRun') === true,
    requestedBy: caller.name,
    ...(caller.displayName === undefined ? {} : { requestedByName: caller.displayName }),
    onBehalfOf: wordsOf(written('onBehalfOf')),
    reason: wordsOf(written('reason')),
    targets: [...new Set(known)].map(({ name, backend }) => ({ target: name, backend })),
    isWhole: named.every((name) => known.some((target) => target.name === name)),
  };
}

type Members = Readonly<Record<string, unknown>>;

function membersOf(input: unknown): Members {
  return typeof input === 'object' && input !== null && !Array.isArray(input) ? (input as Members) : {};
}

function namesIn(query: Members, { target, targets, processes }: Members): readonly string[] {
  const listed = Array.isArray(processes) ? processes.map((one: unknown) => membersOf(one)['target']) : [];
  return [query['target'], target, targets, listed].flat().filter((name) => typeof name === 'string');
}

/** The granted targets that labels stand for. */
function labelled(targets: Targets, caller: KnownCaller, query: Members, body: Members): readonly string[] {
  const inBody = Object.entries(membersOf(body['labels'])).filter(([, value]) => typeof value === 'string');
  const written = [
    ...[query['label'] ?? []].flat().filter((label) => typeof label === 'string'),
    ...writtenLabels(Object.fromEntries(inBody) as Labels),
  ];
  if (written.length === 0) return [];
  return targets.all
    .filter((target) => carries(target, written) && isVisible(caller, target.name))
    .map(({ name }) => name);
}

/** The words of a caller, if the record would take them. */
function wordsOf(words: unknown): string | null {
  const isValid = typeof words === 'string' && /^[^\p{C}\u2028\u2029]+$/u.test(words.slice(0, longestWords + 1));
  return isValid && words.length <= longestWords ? words : null;
}
