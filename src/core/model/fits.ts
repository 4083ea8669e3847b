import { meantHosts, readHost, spellingsOf, type Host } from './host.js';
import { idKey } from './ids.js';
import type { Pattern } from './pattern.js';
import { clockFacts, textFacts, type ProcessState, type Seen, type TextFact } from './process.js';
import type { Selection, StateFilter } from './selection.js';

/**
 * Does a process fit every filter, its id and node aside? A fact that is null fits none, unless it is told to fit all.
 */
export function fits(process: Seen, selection: Selection, unknownFits = false): boolean {
  for (const fact of textFacts) {
    const patterns = selection.text[fact];
    if (patterns && !fitsText(fact, process[fact], patterns, unknownFits)) return false;
  }
  for (const fact of clockFacts) {
    if (!fitsMinimum(process[fact], selection.minimums[fact], unknownFits)) return false;
  }
  return fitsState(process.state, selection.states, unknownFits);
}

/**
 * Tells of each process whether it fits the whole selection, ids included, however they are spelled. Nodes are chosen
 * before anybody looks. Who blocks whom is judged among all processes of its node.
 */
export function selector(selection: Selection, all: readonly Seen[]): (process: Seen) => boolean {
  const ids = new Set(selection.ids.map(idKey));
  const fitsBlocking = blockingSelector(selection, all);
  return (process) =>
    (ids.size === 0 || ids.has(idKey(process.id))) && fits(process, selection) && fitsBlocking(process);
}

/** Tells of each process of a node whether it blocks others as the selection wants; all fit where it does not care. */
export function blockingSelector({ blocking }: Selection, all: readonly Seen[]): (process: Seen) => boolean {
  if (blocking === undefined) return () => true;
  const blockers = new Set(all.flatMap(({ node, blockedBy }) => (blockedBy ?? []).map((id) => placeOf(node, id))));
  return ({ node, id, blockedBy }) =>
    blockedBy !== null && (blockedBy.length === 0 && blockers.has(placeOf(node, id))) === blocking;
}

function placeOf(node: string | null, id: string): string {
  return `${idKey(id)} ${node ?? ''}`;
}

function fitsText(fact: TextFact, value: string | null, patterns: readonly Pattern[], unknownFits: boolean): boolean {
  if (patterns.length === 0) return true;
  if (value === null) return unknownFits;
  if (fact === 'client') return fitsClient(value, patterns, unknownFits);
  return fitsPatterns(patterns, (pattern) => pattern.matches(value));
}

function fitsPatterns(patterns: readonly Pattern[], matches: (pattern: Pattern) => boolean): boolean {
  const includes = patterns.filter((pattern) => !pattern.excludes);
  if (includes.length > 0 && !includes.some(matches)) return false;
  return !patterns.some((pattern) => pattern.excludes && matches(pattern));
}

/**
 * A client that cannot be read may be anybody: an exclusion counts as fitting it, and so does a
 * protection.
 */
function fitsClient(client: string, patterns: readonly Pattern[], unknownFits: boolean): boolean {
  const host = readHost(client);
  if (host === null) return unknownFits || fitsPatterns(patterns, (one) => one.excludes || one.matches(client));
  const spellings = spellingsOf(client, host);
  return fitsPatterns(
    patterns,
    (pattern) =>
      spellings.some((one) => pattern.matches(one)) || meansHost(pattern, host, pattern.excludes || unknownFits),
  );
}

function meansHost({ literal }: Pattern, host: Host, isWide: boolean): boolean {
  if (literal === null || host.is === 'name') return false;
  return meantHosts(literal, isWide).some(
    ({ address, port }) => address === host.address && (port === null || port === host.port),
  );
}

function fitsState(state: ProcessState | null, { includes, excludes }: StateFilter, unknownFits: boolean): boolean {
  if (includes.length === 0 && excludes.length === 0) return true;
  if (state === null) return unknownFits;
  return (includes.length === 0 || includes.includes(state)) && !excludes.includes(state);
}

function fitsMinimum(value: number | null, minimum: number | undefined, unknownFits: boolean): boolean {
  return minimum === undefined || (value === null ? unknownFits : value >= minimum);
}
