import { describe, expect, it } from '@jest/globals';
import { untold } from '../../core/model/process.js';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { Failure, type FailureKind } from '../../core/model/failure.js';
import { membersOf } from './samstatus.wire.js';
import {
  decode,
  loginAddress,
  poolAddress,
  sessionAddress,
  sessionBody,
  sessionOf,
  type RealPassword,
  type Success,
} from './tentendata.wire.js';

const seed = 20_260_205;
const url = 'https://www2.1010data.com/gw.k';
const password: RealPassword = { kind: 'real', value: 'Tr0ub4dor& 3%+é' };
const session = { sid: '700100200', password: { kind: 'session', value: '_______9f3ca1' } } as const;
const cases = ['flushpool', 'resetpool', 'samstatus', 'login', 'session'] as const;

/** The first line and the body of a recorded request or answer. */
function fixture(name: string): { readonly line: string; readonly body: string } {
  const text = readFileSync(new URL(`fixtures/${name}.http`, import.meta.url), 'utf8');
  const end = text.indexOf('\n\n');
  return { line: text.slice(0, text.indexOf('\n')), body: text.slice(end + 2) };
}

function read(text: string, secrets: readonly string[] = []): Success {
  return decode({ status: 200, text }, secrets);
}

function failureOf(text: string, secrets: readonly string[] = []): Failure {
  try {
    read(text, secrets);
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
    throw thrown;
  }
  throw new Error(`It was taken for a success: ${text.slice(0, 200)}`);
}

const malformed = {
  kind: 'upstream-malformed',
  sent: 'perhaps',
  upstream: { target: null, backend: '1010data', httpStatus: 200, code: null, message: null, requestId: null },
};

it('tells the HTTP status of an answer that proves nothing', () => {
  expect(() => decode({ status: 202, text: '' }, [])).toThrow(
    expect.objectContaining({ ...malformed, upstream: { ...malformed.upstream, httpStatus: 202 } }),
  );
});

describe('the requests of 1010data', () => {
  const bodies: Partial<Record<(typeof cases)[number], string>> = {
    session: sessionBody({ infinityToNa: true, stepwise: false, blocking: 0 }),
  };
  const addresses: Record<(typeof cases)[number], string> = {
    flushpool: poolAddress(url, 'flushpool', 'acme_owner', password, 'acme_pool'),
    resetpool: poolAddress(url, 'resetpool', 'acme_owner', password, 'acme_pool'),
    samstatus: poolAddress(url, 'samstatus', 'acme_owner', password, 'acme_pool'),
    login: loginAddress(url, 'acme_owner', password),
    session: sessionAddress(url, 'acme_owner', session),
  };

  it.each(cases)('%s is sent as documented', (name) => {
    const expected = fixture(`${name}.request`);
    expect(`POST ${addresses[name]}`).toBe(expected.line);
    expect(bodies[name] ?? '').toBe(expected.body);
  });

  it('put a password into the address so that it comes out as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 30 }), (value) => {
        const address = poolAddress(url, 'flushpool', 'u', { kind: 'real', value }, 'g');
        expect(address).toMatch(/^[!-~]+$/);
        const pairs = address
          .slice(address.indexOf('?') + 1)
          .split('&')
          .map((pair) => pair.split('='));
        expect(pairs.map(([name]) => name)).toEqual(['api', 'apiversion', 'uid', 'pswd', 'gid']);
        expect(pairs[3]?.[1]).not.toContain('+');
        expect(decodeURIComponent(pairs[3]?.[1] ?? '')).toBe(value);
        // The address as it goes out: the URL parser may spell an apostrophe otherwise, and nothing else.
        expect(new URL(address).search.replaceAll('%27', "'")).toBe(address.slice(address.indexOf('?')));
      }),
      { seed, examples: [['&='], ['+'], [' '], ['%41'], ['#?/'], ['\u00e9\u{1f600}'], ['\'"<>']] },
    );
  });

  it('log in so that no session ends, and say so', () => {
    expect(loginAddress(url, 'u', password)).toContain('&kill=possess');
  });

  it.each([sessionAddress(url, 'u', session), poolAddress(url, 'flushpool', 'u', password, 'g')])(
    'say nothing about killing elsewhere: %s',
    (address) => {
      expect(address).not.toContain('kill');
    },
  );

  it.each([
    [{ infinityToNa: true }, '<in><inf2na>on</inf2na></in>'],
    [{ infinityToNa: false }, '<in><inf2na>off</inf2na></in>'],
    [{ infinityToNa: false, stepwise: true }, '<in><inf2na>off</inf2na><stepwise>on</stepwise></in>'],
    [{ infinityToNa: true, blocking: 10 }, '<in><inf2na>on</inf2na><blocking>10</blocking></in>'],
  ])('set %j by %s: what is left out is left out', (settings, body) => {
    expect(sessionBody(settings)).toBe(body);
  });
});

describe('a success of 1010data', () => {
  it.each(cases)('is the recorded answer to %s', (name) => {
    expect(read(fixture(`${name}.response`).body).message).toBe(
      { login: 'Last login was: 2024-01-31 08:00:00', session: 'Session parameters set' }[name as string] ?? 'OK',
    );
  });

  it.each([
    ['without a message', '<out><rc>0</rc></out>'],
    ['with white space around', '\n\t<out>\n<rc>0</rc>\r\n</out>\n'],
    ['with a declaration', '<?xml version="1.0" encoding="UTF-8"?>\n<out><rc>0</rc></out>'],
    [
      'with a declaration in other letters',
      "<?xml version='1.0' encoding='utf-8' standalone='yes'?><out><rc>0</rc></out>",
    ],
    ['with a declaration of ASCII', '<?xml version="1.0" encoding="us-ascii"?><out><rc>0</rc></out>'],
    ['with elements that nobody knows', '<out><rc>0</rc><version>prime-17.35</version><extra a="1"><b/></extra></out>'],
    ['with attributes that nobody knows', '<out v="3"><rc>0</rc></out>'],
    ['in another order', '<out><msg>OK</msg><rc>0</rc></out>'],
    ['with comments', '<!-- a --><out><!-- b --><rc>0</rc></out><!-- c -->'],
    ['as character data', '<out><rc><![CDATA[0]]></rc></out>'],
  ])('may come %s', (_name, text) => {
    expect(read(text)).toHaveProperty('out');
  });

  it.each(cases)('is nothing that was cut off: %s, at every byte', (name) => {
    const bytes = Buffer.from(fixture(`${name}.response`).body);
    for (let end = 0; end < bytes.length; end += 1) {
      expect(failureOf(bytes.subarray(0, end).toString())).toMatchObject(malformed);
    }
  });

  it('is nothing that something else stands around', () => {
    const whole = '<out><rc>0</rc></out>';
    const junk = [
      'x',
      '0',
      '&amp;',
      '&',
      '<',
      '<a/>',
      '<?x',
      '<!--',
      '<!-- x --',
      ']]>',
      '{}',
      '</out>',
      whole,
      '<out',
      '\u00a0x',
      '\u00a0',
      '-->',
    ];
    for (const piece of junk) {
      expect(failureOf(whole + piece)).toMatchObject(malformed);
      expect(failureOf(piece + whole)).toMatchObject(malformed);
    }
  });

  it('is nothing that has a byte too many or too few in it', () => {
    const whole = '<out><rc>7</rc><msg>no such transaction</msg></out>';
    const edit = fc.tuple(
      fc.nat(whole.length),
      fc.nat(3),
      fc.string({ unit: fc.constantFrom('<', '>', '/', '0', 'r', '&', '"', ' ', '!'), maxLength: 3 }),
    );
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
        const text = edits.reduce(
          (left, [at, gone, piece]) => left.slice(0, at) + piece + left.slice(at + gone),
          whole,
        );
        fc.pre(!/<rc>(?:<!\[CDATA\[)?0(?:\]\]>)?<\/rc>/.test(text));
        expect(failureOf(text).kind).not.toBe('internal');
      }),
      { seed, numRuns: 5000 },
    );
  });
});

describe('an answer that proves nothing', () => {
  it.each([
    ['no rc', '<out><msg>OK</msg></out>'],
    ['more elements than can be read', `<out><rc>0</rc>${'<a/>'.repeat(8192)}</out>`],
    ['an empty rc', '<out><rc></rc></out>'],
    ['an rc closed at once', '<out><rc/></out>'],
    ['two rc', '<out><rc>0</rc><rc>0</rc></out>'],
    ['two rc that disagree', '<out><rc>5</rc><rc>0</rc></out>'],
    ['two rc, one with an attribute', '<out><rc>0</rc><rc a="1">5</rc></out>'],
    ['an rc with an element in it', '<out><rc>0<b/></rc></out>'],
    ['an rc that is an attribute', '<out rc="0"><msg>OK</msg></out>'],
    ['an rc somewhere below', '<out><in><rc>0</rc></in></out>'],
    ['an rc in other letters', '<out><RC>0</RC></out>'],
    ['a double zero', '<out><rc>00</rc></out>'],
    ['a hexadecimal zero', '<out><rc>0x0</rc></out>'],
    ['a negative zero', '<out><rc>-0</rc></out>'],
    ['a positive zero', '<out><rc>+0</rc></out>'],
    ['a zero with spaces', '<out><rc> 0 </rc></out>'],
    ['a zero with a line break', '<out><rc>0\n</rc></out>'],
    ['a zero with an unusual space', '<out><rc>\u00a00</rc></out>'],
    ['a zero with a point', '<out><rc>0.0</rc></out>'],
    ['a zero as an entity', '<out><rc>&#48;</rc></out>'],
    ['a zero as an entity behind a comment', '<out><rc><!-- of --><![CDATA[]]>&#x30;</rc></out>'],
    ['a zero in other digits', '<out><rc>\u0660</rc></out>'],
    ['a word', '<out><rc>OK</rc></out>'],
    ['a number with leading zeros', '<out><rc>05</rc></out>'],
    ['a number too long', '<out><rc>1234567890</rc></out>'],
    ['nothing', ''],
    ['white space', ' \n'],
    ['text', 'OK'],
    ['JSON', '{"rc":0}'],
    ['HTML', '<!DOCTYPE html><html><body>0</body></html>'],
    ['HTML without a document type', '<html><body><rc>0</rc></body></html>'],
    ['another root', '<in><rc>0</rc></in>'],
    ['a root in other letters', '<OUT><rc>0</rc></OUT>'],
    ['a root with a prefix', '<x:out xmlns:x="y"><rc>0</rc></x:out>'],
    ['an empty root', '<out/>'],
    ['a root of text', '<out>0</out>'],
    ['two roots', '<out><rc>0</rc></out><out><rc>0</rc></out>'],
    ['two roots of different names', '<a/><out><rc>0</rc></out>'],
    ['a root in a comment', '<!-- <out><rc>0</rc></out> -->'],
    ['tags that do not match', '<out><rc>0</rc><msg>x</out></msg>'],
    ['a document type', '<!DOCTYPE out><out><rc>0</rc></out>'],
    ['a document type in small letters', '<!doctype out><out><rc>0</rc></out>'],
    ['an entity of its own', '<!DOCTYPE out [<!ENTITY z "0">]><out><rc>&z;</rc></out>'],
    ['entities that grow', `<!DOCTYPE o [<!ENTITY a "${'0'.repeat(99)}"><!ENTITY b "&a;&a;">]><out><rc>0</rc></out>`],
    ['latin-1', '<?xml version="1.0" encoding="iso-8859-1"?><out><rc>0</rc></out>'],
    ['latin-1 by another name', '<?xml version="1.0" encoding=\'latin-1\'?><out><rc>0</rc></out>'],
    ['latin-1 with spaces', '<?xml version="1.0" encoding = "latin1" ?><out><rc>0</rc></out>'],
    ['UTF-16', '<?xml version="1.0" encoding="UTF-16"?><out><rc>0</rc></out>'],
    ['an entity that XML does not have', '<out><rc>0</rc><msg>a&nbsp;b</msg></out>'],
    ['the end of a section that was not begun', '<out><rc>0</rc><msg>a]]>b</msg></out>'],
    ['a tag within an attribute', '<out><rc>0</rc><msg a="<">x</msg></out>'],
    ['a reference to no character', '<out><rc>0</rc><msg>&#0;</msg></out>'],
    ['a null character', '<out><rc>0</rc><msg>a\u0000b</msg></out>'],
    ['an escape character', '<out><rc>0</rc><msg>\u001b[31m</msg></out>'],
    ['200 elements in one another', `<out><rc>0</rc>${'<a>'.repeat(200)}${'</a>'.repeat(200)}</out>`],
    ['50,000 elements in one another', `<out><rc>0</rc>${'<a>'.repeat(50_000)}${'</a>'.repeat(50_000)}</out>`],
    ['a name that belongs to objects', '<out><rc>0</rc><__proto__><rc>5</rc></__proto__></out>'],
    ['the same attribute twice', '<out><rc>0</rc><u free="1" free="0"/></out>'],
  ])('has %s', (_name, text) => {
    expect(failureOf(text)).toMatchObject(malformed);
  });

  it('is read in no time, however it is made', () => {
    const started = performance.now();
    for (const text of [
      `<out><rc>0</rc>${'<a b="c"/>'.repeat(20_000)}`,
      `<out><rc>0</rc><msg>${'&amp;'.repeat(50_000)}</msg>`,
      `<out><rc>0</rc></out>${'<!--'.repeat(50_000)}`,
      `<out><rc>0</rc></out>${'<!-- -'.repeat(40_000)}`,
      `<out><rc>0</rc></out ${'<!---->'.repeat(30_000)}`,
      `<out><rc>0</rc></out>${' '.repeat(250_000)}x`,
      `<${'a'.repeat(250_000)}`,
      `<out>${' '.repeat(250_000)}`,
    ]) {
      expect(failureOf(text)).toMatchObject(malformed);
    }
    expect(performance.now() - started).toBeLessThan(3000);
  });
});

describe('a refusal of 1010data', () => {
  const known: readonly (readonly [string, string, FailureKind])[] = [
    ['4', 'Invalid uid', 'upstream-rejected'],
    ['5', 'Already logged in', 'upstream-conflict'],
    ['7', 'Unknown transaction', 'unsupported-operation'],
    ['35', 'Not logged in', 'upstream-rejected'],
    ['37', 'Not the owner', 'upstream-rejected'],
    ['38', 'System busy, please try again', 'upstream-unavailable'],
    ['39', 'IP', 'upstream-rejected'],
    ['41', 'Unavailable', 'upstream-unavailable'],
    ['45', 'Throttled', 'upstream-throttled'],
    ['1', 'User does not own the group', 'upstream-rejected'],
    ['1', 'Requested columns not found', 'upstream-rejected'],
    ['40', '', 'upstream-rejected'],
    ['999999999', '', 'upstream-rejected'],
    ['-5', '', 'upstream-rejected'],
  ];
  it.each(known)('with rc %s (%s) is %s', (rc, message, kind) => {
    expect(failureOf(`<out><rc>${rc}</rc><msg>${message}</msg></out>`)).toMatchObject({
      kind,
      sent: 'refused',
      upstream: { target: null, backend: '1010data', httpStatus: 200, code: rc, message, requestId: null },
    });
  });

  it('is one with every other rc there is', () => {
    const special = new Set(['4', '5', '7', '35', '37', '38', '39', '41', '45']);
    for (const rc of Array.from({ length: 60 }, (_, at) => String(at + 1)).filter((one) => !special.has(one))) {
      expect(failureOf(`<out><rc>${rc}</rc><msg>m</msg></out>`)).toMatchObject({
        kind: 'upstream-rejected',
        sent: 'refused',
      });
    }
  });

  it('tells whoever does not own the group the same by either code', () => {
    const [byOne, byTable] = ['1', '37'].map((rc) =>
      failureOf(`<out><rc>${rc}</rc><msg>Not the owner of the group</msg></out>`),
    );
    expect(byOne?.message).toBe(byTable?.message);
    expect(byOne?.upstream?.code).toBe('1');
  });

  it('is quoted with its entities read, in one line, and cut', () => {
    const quote = (message: string): string | null | undefined =>
      failureOf(`<out><rc>9</rc><msg>${message}</msg></out>`).upstream?.message;
    expect(quote(' a &lt;b&gt; &amp;\n\tc ')).toBe('a <b> & c');
    expect(quote('x'.repeat(2000))).toHaveLength(500);
    expect(quote('')).toBe('');
  });

  it.each([
    ['as it is', password.value.replace('&', '&amp;')],
    ['as in the address', encodeURIComponent(password.value)],
    ['in base64', Buffer.from(password.value).toString('base64')],
  ])('does not repeat a password that is in it %s', (_name, spelled) => {
    for (const rc of ['0', '4']) {
      const text = `<out><rc>${rc}</rc><msg>uid u pswd ${spelled} and ${spelled}</msg></out>`;
      const told =
        rc === '0' ? read(text, [password.value]).message : failureOf(text, [password.value]).upstream?.message;
      expect(told).toMatch(/^uid u pswd \[secret\]\S{0,3} and \[secret\]\S{0,3}$/);
      if (rc === '4') expect(inspect(failureOf(text, [password.value]), { depth: 10 })).not.toContain('Tr0ub4dor');
    }
  });

  it('does not repeat what is cut off in the middle of a password', () => {
    const text = `<out><rc>4</rc><msg>${'x'.repeat(490)} hunter2-hunter2</msg></out>`;
    expect(failureOf(text, ['hunter2-hunter2']).upstream?.message).not.toContain('hunter');
  });
});

describe('a session', () => {
  it('is what login returned', () => {
    expect(sessionOf(read(fixture('login.response').body))).toEqual(session);
  });

  it.each([
    '<out><rc>0</rc><msg>Authenticated</msg></out>',
    '<out><rc>0</rc><sid></sid><pswd>E</pswd></out>',
    '<out><rc>0</rc><sid>1</sid></out>',
    '<out><rc>0</rc><sid>1</sid><pswd> </pswd></out>',
    '<out><rc>0</rc><sid>1</sid><sid>2</sid><pswd>E</pswd></out>',
    '<out sid="1" pswd="E"><rc>0</rc></out>',
  ])('is not in %s', (text) => {
    expect(() => sessionOf(read(text))).toThrow(expect.objectContaining(malformed));
  });
});

describe('the members of a pool', () => {
  const success = (list: string): Success => read(`<out><rc>0</rc><msg>OK</msg>${list}</out>`);
  const members = (list: string): readonly string[] =>
    membersOf(success(list), 'bi-pool').processes.map(
      ({ id, state, draining }) => `${id} ${String(state)} ${String(draining)}`,
    );

  it('are called as XML means it, also where their characters are written by number', () => {
    const list = '<pool><user uid="Jos&#233;&#x20ac;" free="1" in="1"/></pool>';
    expect(members(list).map((member) => member.split(' ')[0])).toEqual(['José€']);
    expect(read('<out><rc>0</rc><msg>can&#39;t &amp;#39;</msg></out>').message).toBe("can't &#39;");
  });

  it('are who is taken, free or out, and who is marked', () => {
    const [first, ...others] = membersOf(read(fixture('samstatus.response').body), 'bi-pool').processes;
    expect(first).toEqual({
      id: 'acme_sam1',
      target: 'bi-pool',
      backend: '1010data',
      node: null,
      user: 'acme_sam1',
      client: null,
      database: null,
      application: null,
      command: null,
      state: 'active',
      idleSeconds: null,
      busySeconds: null,
      ageSeconds: null,
      ...untold,
      statement: null,
      draining: true,
    });
    expect(others.map(({ id, state, draining }) => [id, state, draining])).toEqual([
      ['acme_sam2', 'idle', false],
      ['acme_sam3', 'offline', false],
      ['acme_sam4', 'active', false],
    ]);
  });

  it.each([
    ['attributes', '<u uid="m1" loggedin="1" free="1" marked="0"/>', ['m1 idle false']],
    ['children', '<u><uid>m1</uid><loggedin>1</loggedin><free>1</free><marked>0</marked></u>', ['m1 idle false']],
    ['both', '<u id="m1" logged_in="yes"><free>true</free><mark>no</mark></u>', ['m1 idle false']],
    ['text for the name', '<u free="Y" login="off" mark="ON">\n  m1\n</u>', ['m1 offline true']],
    [
      'several levels',
      '<p><q><u name="m1" free="0" marked="1"/></q><u name="m2" free="0" marked="0"/></p>',
      ['m2 active false', 'm1 active true'],
    ],
    ['spaces', '<u>\n <uid> m1 </uid>\n <free> 0 </free>\n <marked> 1 </marked>\n</u>', ['m1 active true']],
    ['other elements', '<pool gid="p"/><version>1</version><u uid="m1" free="0" marked="1"/>', ['m1 active true']],
    ['nothing of marks', '<u uid="m1" loggedin="1" free="0"/>', ['m1 active null']],
    ['a mark in words nobody knows', '<u uid="m1" free="0" marked="soon"/>', ['m1 active null']],
    ['nothing of logins', '<u uid="m1" free="1" marked="0"/>', ['m1 null false']],
    ['freedom in words nobody knows', '<u uid="m1" loggedin="1" free="perhaps" marked="0"/>', ['m1 null false']],
    ['an empty list', '<users/>', []],
    ['an empty list of a pool', '<users gid="p" count="0"></users>', []],
    ['no list', '', []],
  ])('may be told by %s', (_name, list, expected) => {
    expect([...members(list)].toSorted()).toEqual([...expected].toSorted());
  });

  it('are all but who has no name', () => {
    const { processes, complete } = membersOf(success('<u free="1"/><u uid="m1" free="1"/>'), 'bi-pool');
    expect([processes.map(({ id }) => id), complete]).toEqual([['m1'], false]);
    expect(membersOf(success('<u uid="m1" free="1"/>'), 'bi-pool').complete).toBe(true);
  });

  it('are not to be had from members in a shape that nobody knows', () => {
    const list = '<u uid="m1" status="busy"/><u uid="m2" status="free"/>';
    expect(() => membersOf(success(list), 'bi-pool')).toThrow(expect.objectContaining(malformed));
  });
});

it('a secret that is echoed costs what it stands in', () => {
  const answered = (rc: string, msg: string) =>
    failureOf(`<out><rc>${rc}</rc><msg>${msg}</msg></out>`, ['p&1', '4711']);
  const message = 'p%26amp;1 is wrong';
  expect(answered('9', message).upstream).toMatchObject({ code: '9', message: '[secret]' });
  const { upstream, message: sentence } = answered('4711', 'No.');
  expect([upstream?.code, upstream?.message, sentence]).toEqual([null, 'No.', '1010data refused.']);
});
