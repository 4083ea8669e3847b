import type { Seen } from '../../core/process.js';
import type { Success } from './tentendata.wire.js';
import { descendants, malformed, type Element } from './xml.wire.js';

/**
 * samstatus: 1010data XML API reference, "SAM pool management". The members of a pool. Their facts may be attributes or child
 * elements, whatever the elements are called; what is not told, or in words that are not known, is null.
 */
export function membersOf({ out }: Success, target: string): readonly Seen[] {
  const elements = descendants(out);
  const members = elements.filter((element) => fact(element, 'free') !== undefined);
  if (members.length === 0 && elements.some((element) => fact(element, 'uid', 'id', 'name') !== undefined)) {
    throw malformed('The answer lists a pool in a shape that is not known.');
  }
  return members.map((element) => memberOf(element, target));
}

function memberOf(element: Element, target: string): Seen {
  const id = fact(element, 'uid', 'id', 'name', '#text');
  if (id === undefined) throw malformed('A member of the pool has no name.');
  return {
    id,
    target,
    backend: '1010data',
    node: null,
    user: id,
    client: null,
    database: null,
    application: null,
    command: null,
    state: stateOf(isYes(fact(element, 'free')), isYes(fact(element, 'loggedin', 'logged_in', 'login'))),
    idleSeconds: null,
    busySeconds: null,
    ageSeconds: null,
    statement: null,
    draining: isYes(fact(element, 'marked', 'mark')),
  };
}

function stateOf(free: boolean | null, isIn: boolean | null): Seen['state'] {
  if (free === false) return 'active';
  if (free === null || isIn === null) return null;
  return isIn ? 'idle' : 'offline';
}

/** The first of these that has a value, be it an attribute or a child. */
function fact(element: Element, ...names: readonly string[]): string | undefined {
  for (const value of names.flatMap((name) => [element[`@${name}`], element[name]])) {
    if (typeof value === 'string' && value.trim() !== '') return value.trim();
  }
  return undefined;
}

function isYes(text: string | undefined): boolean | null {
  if (text === undefined) return null;
  if (/^(?:1|true|yes|y|on)$/i.test(text)) return true;
  return /^(?:0|false|no|n|off)$/i.test(text) ? false : null;
}
