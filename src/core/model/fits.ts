import { meantHosts, readHost, spellingsOf, type Host } from './host.js';
import { idKey } from './ids.js';
import type { Pattern } from './pattern.js';
import { clockFacts, textFacts, type ProcessState, type Seen, type TextFact } from './process.js';
import type { Selection, StateFilter } from './selection.js';

/**
 * Does a process fit every filter, its id and node aside? A fact that is null fits none, unless it is told to fit all.
 */
export function fits(process: Seen, selection: Selection, unknownFits = false): boolean {
  return (
    textFacts.every((fact) => fitsText(fact, process[fact], selection.text[fact] ?? [], unknownFits)) &&
    fitsState(process.state, selection.states, unknownFits) &&
    clockFacts.every((fact) => fitsMinimum(process[fact], selection.minimums[fact], unknownFits))
  );
}

/**
 * Tells of each process whether it fits the whole selection, ids included, however they are spelled. Nodes are chosen
 * before anybody looks.
 */
export function selector(selection: Selection): (process: Seen) => boolean {
  const ids = new Set(selection.ids.map(idKey));
  return (process) => (ids.size === 0 || ids.has(idKey(process.id))) && fits(process, selection);
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
 * Who is meant by a client that cannot be read, nobody can say: an exclusion counts as fitting it, and so does a
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
