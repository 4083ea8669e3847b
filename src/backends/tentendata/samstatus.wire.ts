import { untold, type Seen } from '../../core/model/process.js';
import type { Listing } from '../../core/model/target.js';
import type { Success } from './tentendata.wire.js';
import type { Element } from './xml.reader.js';
import { descendants, malformedXml } from './xml.wire.js';

const named = attributeOrChild('uid', 'id', 'name');
const ids = [...named, ...attributeOrChild('#text')];
const free = attributeOrChild('free');
const loggedIn = attributeOrChild('loggedin', 'logged_in', 'login');
const marked = attributeOrChild('marked', 'mark');

/** The members of a pool: not all of them where one has no name. */
type Members = Pick<Listing, 'processes' | 'complete'>;

/**
 * samstatus: 1010data XML API reference, "samstatus". The members of a pool. Their facts may be attributes or child
 * elements, whatever the elements are called; what is not told, or in words that are not known, is null.
 * https://docs.1010data.com/XMLAPI/SAMPoolManagement/XMLAPI-samstatus.html
 */
export function membersOf({ status, out }: Success, target: string): Members {
  const elements = descendants(out);
  const members = elements.filter((element) => fact(element, free) !== undefined);
  if (members.length === 0 && elements.some((element) => fact(element, named) !== undefined)) {
    throw malformedXml('The answer lists a pool in a shape that is not known.', status);
  }
  const processes = members.flatMap((element) => {
    const id = fact(element, ids);
    return id === undefined ? [] : [memberOf(element, id, target)];
  });
  return { processes, complete: processes.length === members.length };
}

function memberOf(element: Element, id: string, target: string): Seen {
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
    state: stateOf(isYes(fact(element, free)), isYes(fact(element, loggedIn))),
    idleSeconds: null,
    busySeconds: null,
    ageSeconds: null,
    ...untold,
    statement: null,
    draining: isYes(fact(element, marked)),
  };
}

function stateOf(free: boolean | null, isIn: boolean | null): Seen['state'] {
  if (free === false) return 'active';
  if (free === null || isIn === null) return null;
  return isIn ? 'idle' : 'offline';
}

/** Where a fact may stand: in the attribute or the child of one of these names. */
function attributeOrChild(...names: readonly string[]): readonly string[] {
  return names.flatMap((name) => [`@${name}`, name]);
}

/** The first of these that has a value. */
function fact(element: Element, places: readonly string[]): string | undefined {
  for (const place of places) {
    const value = element[place];
    if (typeof value === 'string' && value.trim() !== '') return value.trim();
  }
  return undefined;
}

function isYes(text: string | undefined): boolean | null {
  if (text === undefined) return null;
  if (/^(?:1|true|yes|y|on)$/i.test(text)) return true;
  return /^(?:0|false|no|n|off)$/i.test(text) ? false : null;
}
