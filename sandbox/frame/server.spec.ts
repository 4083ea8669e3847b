import { Agent } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Fault, Mishap } from './fault.ts';
import { exchange } from './spec-client.ts';
import { answer, startServer } from './spec-server.ts';
import type { Served } from './spec-server.ts';

const bytes = Buffer.byteLength(answer);

let executed: Served['executed'];
let faults: Served['faults'];
let journal: Served['journal'];
let listener: Served['listener'];
let flush: Served['flush'];

beforeEach(async () => {
  ({ executed, faults, journal, listener, flush } = await startServer());
});

afterEach(() => listener.close());

describe('without faults', () => {
  it('a request arrives as it was sent and is answered by the emulator', async () => {
    const body = '<in>ü</in>';
    const { status, headers, complete, ...seen } = await exchange(`${listener.url}/a%20b/gw.k?api=x+y%2Bz&pswd=a?b`, {
      body,
      headers: { 'Content-Type': 'text/xml', 'X-Long': 'x'.repeat(200_000) },
    });
    expect({ status, complete, body: seen.body }).toEqual({ status: 200, complete: true, body: answer });
    expect(headers).toMatchObject({ 'content-type': 'text/xml', 'content-length': String(bytes) });
    expect(executed).toHaveLength(1);
    expect(executed[0]).toMatchObject({ method: 'POST', path: '/a%20b/gw.k', query: 'api=x+y%2Bz&pswd=a?b' });
    expect(executed[0]?.body.toString()).toBe(body);
  });

  it('the journal has it masked, its raw form in process', async () => {
    await flush({ body: '<in><pswd>geheim</pswd></in>' });
    const [entry] = journal.of('flushpool', '1010data');
    expect(entry).toMatchObject({ method: 'POST', executed: true, ending: 'answered', faults: [] });
    expect(entry?.target).toBe('/gw.k?api=flushpool&pswd=***');
    expect(entry?.answer).toEqual({ status: 200, body: answer });
    expect(entry?.raw.query).toBe('api=flushpool&pswd=geheim');
    expect(JSON.stringify(journal.all())).not.toContain('geheim');
    expect(journal.of('flushpool', 'dcs')).toEqual([]);
    journal.clear();
    expect(journal.all()).toEqual([]);
  });

  it('the journal tells connections apart', async () => {
    const agent = new Agent({ keepAlive: true });
    await flush({ agent });
    await flush({ agent });
    await flush();
    agent.destroy();
    const [first, second, third] = journal.all().map(({ connection }) => connection);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
  });

  it('a mistake of the emulator is a 500 that says so', async () => {
    const { status, headers, body } = await exchange(`${listener.url}/broken`);
    expect(status).toBe(500);
    expect(headers).toHaveProperty('x-sandbox-error');
    expect(body).toContain('a mistake of ours');
  });
});

describe('answers of their own', () => {
  it.each<[Mishap, number, string, boolean]>([
    [{ kind: 'throttle' }, 429, 'policy user over ratelimit,limit:200,time:5 minute', false],
    [{ kind: 'throttle', policy: 'ip' }, 429, 'policy ip over ratelimit,limit:5,time:1 second', false],
    [{ kind: 'status', status: 500 }, 500, '', false],
    [{ kind: 'status', status: 502 }, 502, '<h1>502 Bad Gateway</h1>', false],
    [{ kind: 'status', status: 503 }, 503, '<h1>503 Service Temporarily Unavailable</h1>', false],
    [{ kind: 'status', status: 504, executed: true }, 504, '<h1>504 Gateway Time-out</h1>', true],
    [{ kind: 'html' }, 200, '<html>', false],
    [{ kind: 'html', executed: true }, 200, '<html>', true],
    [{ kind: 'redirect', location: 'http://127.0.0.1:9/x' }, 302, '', false],
    [{ kind: 'redirect', location: '/', status: 307 }, 307, '', false],
    [{ kind: 'wrong-content', content: 'json' }, 200, '{"result":"ok"}', true],
    [{ kind: 'wrong-content', content: 'xml' }, 200, '<out>', true],
    [{ kind: 'wrong-content', content: 'garbage' }, 200, '{<"&]]>', true],
    [{ kind: 'wrong-content', content: 'empty', executed: false }, 200, '', false],
    [{ kind: 'truncate', atByte: 5 }, 200, '<out>', true],
    [{ kind: 'reply', status: 200, body: '<out><rc>41</rc></out>' }, 200, '<rc>41</rc>', false],
    [{ kind: 'reply', status: 409, body: '{}', contentType: 'application/json', executed: true }, 409, '{}', true],
  ])('%j', async (mishap, status, text, isExecuted) => {
    faults.add({ ...mishap, vendor: '1010data', call: 'flushpool', times: 1 });
    const seen = await flush();
    expect(seen).toMatchObject({ status, complete: true, error: null });
    expect(seen.body).toContain(text);
    if (text === '') expect(seen.body).toBe('');
    expect(executed).toHaveLength(isExecuted ? 1 : 0);
    const [entry] = journal.all();
    expect(entry).toMatchObject({ executed: isExecuted, ending: 'answered', faults: [mishap.kind] });
    expect(entry?.answer?.status).toBe(status);
    expect(await flush()).toMatchObject({ status: 200, body: answer });
  });

  it('a Retry-After only if told, however absurd', async () => {
    faults.replace([
      { kind: 'throttle', times: 1 },
      { kind: 'throttle', retryAfter: 2, times: 1 },
      { kind: 'throttle', retryAfter: 'soon' },
    ]);
    const seen = [await flush(), await flush(), await flush()];
    expect(seen.map(({ headers }) => headers['retry-after'])).toEqual([undefined, '2', 'soon']);
    expect(JSON.parse(seen[0]?.body ?? '')).toHaveProperty('error_code', 'APIGW.0308');
  });

  it('a redirect names its location', async () => {
    faults.add({ kind: 'redirect', location: 'http://169.254.169.254/' });
    expect((await flush()).headers.location).toBe('http://169.254.169.254/');
  });

  it.each([
    ['length', 256 * 1024 + 1],
    ['chunked', 256 * 1024 + 1],
    ['length', 16 * 1024 * 1024 + 1],
  ] as const)('a body that is too big, by %s: %i bytes, else in order', async (framing, size) => {
    faults.add({ kind: 'too-big', bytes: size, framing });
    const seen = await flush();
    expect(seen.body.length).toBe(size);
    expect(seen.body.trimEnd()).toBe(answer);
    expect(seen.headers['content-length'] === undefined).toBe(framing === 'chunked');
  });
});

describe('a fault', () => {
  it.each<[Partial<Fault>, readonly (number | null)[]]>([
    [{}, [503, 503, 503]],
    [{ times: 1 }, [503, 200, 200]],
    [{ skip: 1, times: 1 }, [200, 503, 200]],
    [{ vendor: '*', call: '*' }, [503, 503, 503]],
    [{ vendor: 'dcs' }, [200, 200, 200]],
    [{ call: 'resetpool' }, [200, 200, 200]],
    [{ contains: 'pswd=geheim' }, [503, 503, 503]],
    [{ contains: 'pswd=other' }, [200, 200, 200]],
  ])('aimed by %j', async (aim, expected) => {
    faults.add({ ...aim, kind: 'status', status: 503 });
    expect([(await flush()).status, (await flush()).status, (await flush()).status]).toEqual(expected);
  });

  it('is listed with what is left of it', async () => {
    faults.add({ kind: 'html', skip: 1, times: 2 });
    await flush();
    await flush();
    expect(faults.list()).toEqual([{ kind: 'html', skip: 0, times: 1 }]);
    await flush();
    expect(faults.list()).toEqual([]);
  });
});
