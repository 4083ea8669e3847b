import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parsePattern } from '../../src/core/model/pattern.js';
import { sha256 } from '../gateway.ts';
import { openAttacked, type Attacked } from './attacked-gateway.ts';
import { dataOf } from './data.ts';

interface Grant {
  readonly role: string;
  readonly targets: readonly string[];
}

interface Action {
  readonly role: string;
  readonly to: string;
  readonly body?: string;
  readonly several?: 'query' | 'body';
}

interface Roles {
  readonly callers: Readonly<Record<string, readonly Grant[] | null>>;
  readonly targets: Readonly<Record<string, { readonly id: string; readonly can: readonly string[] }>>;
  readonly actions: Readonly<Record<string, Action>>;
}

const { callers, targets, actions } = dataOf('roles') as Roles;
const ladder = ['viewer', 'operator', 'admin'];
let attacked: Attacked;

beforeAll(async () => {
  attacked = await openAttacked({
    change: ({ auth }) => {
      for (const [name, grants] of Object.entries(callers)) {
        if (grants) auth.apiKeys.push({ name, sha256: sha256(`key-of-${name}`), grants });
      }
    },
  });
});

afterAll(() => attacked.close());

/** A glob of the corpus, without the gateway's own: letters, dashes and stars. */
const covers = (glob: string, name: string) =>
  new RegExp(`^${RegExp.escape(glob).replaceAll('\\*', '.*')}$`).test(name);

/** What a caller is told about one target: 200 where it is allowed and possible. */
function statusFor(caller: string, action: string, name: string): number {
  const grants = callers[caller] ?? [];
  const rank = Math.max(
    -1,
    ...grants.flatMap(({ role, targets: globs }) =>
      globs.some((glob) => covers(glob, name)) ? [ladder.indexOf(role)] : [],
    ),
  );
  if (rank < 0 || name === 'nowhere') return 404;
  if (rank < ladder.indexOf(actions[action]!.role)) return 403;
  return targets[name]!.can.includes(action) ? 200 : 422;
}

/** What is told about several: what is not there before what is not allowed before what is not possible. */
function statusForAll(caller: string, action: string, names: readonly string[]): number {
  if (callers[caller] === null) return 401;
  const statuses = names.map((name) => statusFor(caller, action, name));
  return [404, 403, 422].find((status) => statuses.includes(status)) ?? 200;
}

async function act(caller: string, action: string, names: readonly string[]): Promise<void> {
  const { to, body, several } = actions[action]!;
  const [name = ''] = names;
  const filled = (text: string) =>
    text.replace('NAMES', JSON.stringify(names)).replace('NAME', name).replace('ID', targets[name]!.id);
  const [method = '', path = ''] = filled(to).split(' ');
  const query = several === 'query' ? names.map((one) => `&target=${one}`).join('') : '';
  const key = callers[caller] === null ? null : `key-of-${caller}`;
  const status = statusForAll(caller, action, names);
  await attacked
    .call([status], method, path + query, { key, ...(body === undefined ? {} : { body: filled(body) }) })
    .catch((thrown: unknown) => {
      throw new Error(`${caller} ${action} ${names.join()}: ${String(thrown)}`, { cause: thrown });
    });
}

describe.each(Object.keys(callers))('%s', (caller) => {
  it.each(Object.keys(actions))('may %s what was granted, and nothing else', async (action) => {
    for (const name of Object.keys(targets)) await act(caller, action, [name]);
  });

  const forSeveral = Object.entries(actions).filter(([, { several }]) => several !== undefined);
  it.each(forSeveral.map(([action]) => action))('may %s two at once only where both were granted', async (action) => {
    // The lists of DCS take their time: one of its kind will do.
    const names = Object.keys(targets).filter((name) => name !== 'carts');
    const pairs = names.flatMap((one) => names.filter((other) => other !== one).map((other) => [one, other]));
    for (const pair of pairs) await act(caller, action, pair);
  });
});

it('reads globs as the gateway does', () => {
  for (const glob of Object.values(callers).flatMap((grants) => (grants ?? []).flatMap((grant) => grant.targets))) {
    if (!/^[\w*-]+$/.test(glob)) continue;
    for (const name of Object.keys(targets)) expect(parsePattern(glob)?.matches(name)).toBe(covers(glob, name));
  }
});
