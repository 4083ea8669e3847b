import { namedOrLabelled } from '../core/choose/labelled.js';
import { Refusals } from '../core/model/refusals.js';
import { inQuery, type KillRequest } from '../core/model/request.js';
import { everything } from '../core/model/selection.js';
import type { Ask } from '../platform/entry/ask.js';
import { errorsOf, isAbsent } from '../validation/input.js';
import type { KillBody, KillQuery } from './kill.dto.js';
import type { NamedProcessBody } from './named-process.dto.js';
import { readSelection } from './selection.js';

/** The clocks that processes are sorted by, as a query names them. */
export const sortFacts = {
  '-idleSeconds': 'idleSeconds',
  '-busySeconds': 'busySeconds',
  '-ageSeconds': 'ageSeconds',
  '-transactionSeconds': 'transactionSeconds',
} as const;

/** A kill as it was understood, and what is wrong with it. */
interface ReadKill {
  readonly request: KillRequest;
  readonly refusals: Refusals;
}

/** A kill that is written in its query. */
export function readKillQuery(ask: Ask, query: KillQuery): ReadKill {
  const { targets: named, selection, errors } = readSelection(query);
  const refusals = new Refusals([...errorsOf(query), ...errors]);
  if (query.first !== undefined && Number(query.first) === 0) {
    refusals.add('invalid-request', { parameter: 'first', message: 'first must be at least 1.' });
  }
  return {
    request: {
      kind: 'processes.kill',
      ...namedOrLabelled({ ...ask, refusals }, inQuery, named, query.label),
      plan: null,
      selection,
      skipsInapplicable: query.inapplicable === 'skip',
      sort: query.sort === undefined ? null : sortFacts[query.sort],
      first: query.first === undefined ? null : Number(query.first),
      max: query.max === undefined ? null : Number(query.max),
      dryRun: query.dryRun === 'true',
      reason: query.reason ?? null,
      onBehalfOf: query.onBehalfOf ?? null,
      isForApproval: query.approval === 'request',
      breaksGlass: query.breakGlass === 'true',
    },
    refusals,
  };
}

/** How a kill in a body is to be carried out, whomever it is about. */
function optionsOf({ dryRun, reason, onBehalfOf, approval, breakGlass }: KillBody) {
  return {
    plan: null,
    max: null,
    dryRun: dryRun ?? false,
    reason: reason ?? null,
    onBehalfOf: onBehalfOf ?? null,
    isForApproval: approval === 'request',
    breaksGlass: breakGlass ?? false,
  };
}

/** Processes that are listed one by one: each stands where it was written, whatever is wrong with others. */
function readListed(body: KillBody, written: readonly NamedProcessBody[], refusals: Refusals): ReadKill {
  for (const member of (['target', 'node', 'ids'] as const).filter((one) => body[one] !== undefined)) {
    refusals.add('invalid-request', { pointer: `/${member}`, message: 'is not taken beside processes.' });
  }
  const named = Object.entries(written).map(([position, { target, node = null, id }]) => {
    return { target, node, id, position: Number(position) };
  });
  const listed = Map.groupBy(named, ({ target }) => target);
  const positions = [...listed.values()].map(([first]) => first?.position ?? 0);
  return {
    request: {
      kind: 'processes.kill',
      writing: { in: 'body', lists: { target: { name: 'processes', positions } } },
      targets: [...listed.keys()],
      selection: everything,
      listed,
      ...optionsOf(body),
    },
    refusals,
  };
}

/** A kill that is written in a body: ids of one target, or processes of several. */
export function readKillBody(query: KillQuery, body: KillBody): ReadKill {
  const refusals = new Refusals(errorsOf(body));
  if (!isAbsent(query)) {
    refusals.add('invalid-request', { pointer: '', message: 'Select by the query or by the body, not by both.' });
  }
  if (body.processes) return readListed(body, body.processes, refusals);
  const { ids: written = [] } = body;
  // What is wrong among them left gaps.
  const ids = [...new Set(Object.values(written))];
  return {
    request: {
      kind: 'processes.kill',
      // Ids have a name of their own here, and stand where they were written, whatever else stands there.
      writing: { in: 'body', lists: { id: { name: 'ids', positions: ids.map((id) => written.indexOf(id)) } } },
      targets: body.target === undefined ? [] : [body.target],
      selection: {
        ...everything,
        nodes: body.node === undefined ? [] : [body.node],
        ids,
      },
      ...optionsOf(body),
    },
    refusals,
  };
}
