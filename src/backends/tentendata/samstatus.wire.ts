import type { Process } from '../../core/process.js';
import type { Success } from './tentendata.wire.js';
import { descendants, malformed, type Element } from './xml.wire.js';

/** samstatus: 1010data XML API reference, "SAM pool management". The members of a pool. Their facts may be attributes or child elements, whatever the elements are called. */
export function membersOf({ out }: Success, target: string): readonly Process[] {
  return descendants(out)
    .filter((element) => fact(element, 'free') !== undefined)
    .map((element) => {
      const id = fact(element, 'uid', 'id', 'name', '#text');
      if (id === undefined) throw malformed('A member of the pool has no name.');
      const free = isYes(fact(element, 'free'));
      const isIn = isYes(fact(element, 'loggedin', 'logged_in', 'login'));
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
        state: free ? (isIn ? 'idle' : 'offline') : 'active',
        idleSeconds: null,
        busySeconds: null,
        ageSeconds: null,
        statement: null,
        draining: isYes(fact(element, 'marked', 'mark')),
      };
    });
}

function fact(element: Element, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = element[name];
    if (typeof value === 'string' && value !== '') return value;
  }
  return undefined;
}

function isYes(text: string | undefined): boolean {
  return text !== undefined && /^(?:1|true|yes|y|on)$/i.test(text);
}
