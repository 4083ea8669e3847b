import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Failure } from '../../src/core/model/failure.js';
import { parseJson } from '../../src/platform/http/json.js';
import { committedFile } from '../openapi-contract.ts';
import { bytesOf, openAttacked, type Attacked, type Written } from './attacked-gateway.ts';
import { dataOf } from './data.ts';
import { edited, edits, seed } from './edits.ts';
import { stalls } from './stall.ts';

interface Bodies {
  readonly name: string;
  readonly to: string;
  readonly statuses: readonly number[];
  readonly bodies: readonly Written[];
  readonly types?: readonly string[];
  readonly encodings?: readonly string[];
}

let attacked: Attacked;

beforeAll(async () => {
  attacked = await openAttacked();
});

afterAll(() => attacked.close());

describe('a body', () => {
  const groups = dataOf('inbound-json') as readonly Bodies[];
  it.each(groups.map((group) => [group.name, group] as const))('is refused: %s', async (_name, group) => {
    const [method = '', path = ''] = group.to.split(' ');
    const headers = [
      ...(group.types ?? []).map((type) => ({ 'content-type': type })),
      ...(group.encodings ?? []).map((encoding) => ({ 'content-encoding': encoding })),
    ];
    for (const written of group.bodies) {
      for (const more of headers.length > 0 ? headers : [{}]) {
        await attacked
          .call(group.statuses, method, path, { body: bytesOf(written), headers: more })
          .catch((thrown: unknown) => {
            const what = `${JSON.stringify(more)} ${JSON.stringify(written).slice(0, 300)}`;
            throw new Error(`${what}: ${String(thrown)}`, { cause: thrown });
          });
      }
    }
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it('holds nobody up while it is read', async () => {
    const read = (bytes: Buffer) => {
      try {
        parseJson(bytes);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(Failure);
      }
    };
    for (const written of groups.flatMap(({ bodies }) => bodies)) {
      const bytes = bytesOf(written);
      if (
        await stalls(() => {
          read(bytes);
        })
      )
        throw new Error(`This took too long: ${JSON.stringify(written)}`);
    }
  });
});

interface Place {
  readonly to: string;
  readonly body?: string;
  readonly header?: string;
}

/** A line of a header as undici takes it. The others are for the raw corpus. */
const isField = (text: string): boolean => /^[\t\x20-\x7e\x80-\xff]*$/.test(text);
const served = [200, 204, 207, 304, 308, 400, 404, 405, 410, 414, 415, 422];

/** Does it anything to a process? What was only looked at has no place in the ledger of kills. */
const kills = ['flushpool', 'resetpool', 'login', 'session', 'kill-session', 'kill-free-session', 'delete-processes'];
const mutating = new Set([...kills, 'kill-clients', 'kill-all-clients']);

function expectNothingEnded(): void {
  const heard = attacked.vendors.journal.all().filter(({ call }) => mutating.has(call));
  if (heard.length > 0) throw new Error(`It ended something: ${JSON.stringify(heard)}`);
}

describe('a text', () => {
  const texts = (dataOf('strings') as readonly Written[]).map((written) => bytesOf(written).toString());
  const places = dataOf('places') as readonly Place[];

  it.each(places.map((place) => [`${place.to} ${place.body ?? place.header ?? ''}`, place] as const))(
    'is only a text in %s',
    async (_name, { to, body, header }) => {
      const [method = '', path = ''] = to.split(' ');
      for (const text of header === undefined ? texts : texts.filter(isField)) {
        const options = {
          ...(body === undefined ? {} : { body: body.replace('$', () => JSON.stringify(text)) }),
          ...(header === undefined ? {} : { headers: { [header]: text } }),
        };
        const where = path.replace('$', () => encodeURIComponent(text));
        await attacked.call(served, method, where, options).catch((thrown: unknown) => {
          throw new Error(`${JSON.stringify(text.slice(0, 100))}: ${String(thrown)}`, { cause: thrown });
        });
        expectNothingEnded();
      }
    },
  );
});

type Schema = Readonly<Record<string, unknown>> & { readonly properties?: Readonly<Record<string, object>> };

const values = [
  'null',
  'true',
  'false',
  '0',
  '-1',
  '1',
  '1.5',
  '1e400',
  '1e9',
  '9007199254740993',
  '""',
  '"true"',
  '"1"',
];
const edges = [...values, '[]', '[null]', '[1]', '[[]]', '[{}]', '[""]', '["a","a"]', '{}', '{"a":1}', '{"length":1}'];

describe('a member', () => {
  const { components } = JSON.parse(readFileSync(committedFile, 'utf8')) as {
    components: { schemas: Record<string, Schema> };
  };
  const membersOf = (name: string) => Object.keys(components.schemas[name]?.properties ?? {});
  const flush = { targets: ['nowhere'], dryRun: true };
  const tune = { target: 'nowhere', settings: { infinityToNa: true }, dryRun: true };
  const kill = { target: 'nowhere', ids: ['1'], dryRun: true };

  it.each([
    ['POST', '/sessions/flush', flush, membersOf('Flush')],
    ['POST', '/sessions/tune', tune, membersOf('Tune')],
    ['DELETE', '/processes', kill, ['target', 'node', 'ids', 'reason', 'onBehalfOf', 'dryRun']],
  ])('may hold anything and ends nothing: %s %s', async (method, path, good, members) => {
    expect(members.length).toBeGreaterThan(4);
    const bodies = members.flatMap((member) =>
      edges.map((edge) => JSON.stringify({ ...good, [member]: '@@' }).replace('"@@"', () => edge)),
    );
    // No body here is about a target, or a plan, that there is.
    for (const body of bodies) await attacked.call([400, 404, 410, 422], method, path, { body });
  });

  it('may be broken in any way and ends nothing', async () => {
    const whole = Buffer.from(
      JSON.stringify({ targets: ['nowhere'], mode: 'graceful', dryRun: true, reason: 'a "b" ä' }),
    );
    const property = fc.asyncProperty(edits, async (changes) => {
      const body = edited(whole, changes, whole);
      await attacked.call([400, 404, 413, 422], 'POST', '/sessions/flush', { body });
    });
    await fc.assert(property, { seed, numRuns: 1000 });
  });
});
