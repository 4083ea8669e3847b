import { describe, expect, it } from '@jest/globals';
import { Failure } from '../../core/model/failure.js';
import type { Answer } from '../../transport/exchange.js';
import { bodyOf, refusalOf, vendorRequestIdOf, rowsOf, understood } from './huawei.wire.js';
import { filledIn } from './paths.js';
import { parseVendorJson, statementOf, textOf, wholeOf } from './json.wire.js';
import { answerWith, blankExchange } from './spec-cloud.js';

function failureOf(work: () => unknown): Failure {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
  }
  throw new Error('It did not fail.');
}

describe('paths', () => {
  it('are filled in with whatever is in their parameters', () => {
    expect(filledIn('/v3/{project_id}/x/{node_id}', { project_id: 'a/b?', node_id: '{c}', more: 'd' })).toBe(
      '/v3/a%2Fb%3F/x/%7Bc%7D',
    );
  });

  it('leave no parameter open but the project, which may have to be found first', () => {
    expect(failureOf(() => filledIn('/v3/{node_id}', {}))).toMatchObject({ kind: 'internal', sent: 'never' });
    expect(filledIn('/v3/{project_id}/{node_id}', { node_id: 'a' })).toBe('/v3/{project_id}/a');
  });
});

describe('refusals', () => {
  const refusal = (...answer: Parameters<typeof answerWith>) =>
    refusalOf(answerWith(...answer), blankExchange, ['s3cret']);

  it.each<[string, unknown, string | null, string | null]>([
    ['the databases', { error_code: 'DBS.280001', error_msg: 'Parameter error.' }, 'DBS.280001', 'Parameter error.'],
    ['DCS', { error_code: 'DCS. 4855', error_msg: 'No.', error_ext_msg: null }, 'DCS.4855', 'No.'],
    ['a bare number', { error_code: 111400061, error_msg: 'Format.' }, '111400061', 'Format.'],
    ['GaussDB now and then', { errCode: 'DBS.1', externalMessage: 'No.' }, 'DBS.1', 'No.'],
    ['IAM', { error: { code: 401, message: 'Wrong.', title: 'Unauthorized' } }, '401', 'Wrong.'],
    ['others, nested', { error: { code: 'EPS.0003', message: 'No.' } }, 'EPS.0003', 'No.'],
    ['others, flat', { code: 'X.1', message: 'No.' }, 'X.1', 'No.'],
    ['others, long', { errorCode: 'X.2', errorMessage: 'No.' }, 'X.2', 'No.'],
    ['plain text', 'Forbidden', null, 'Forbidden'],
    ['a page', '<html><body>403</body></html>', null, null],
    ['nothing', '', null, null],
    ['a list', [1], null, '[1]'],
    ['an empty object', {}, null, null],
    ['a code that is none', { error_code: '<b>\n', error_msg: null }, null, null],
  ])('are read from what %s sends', (_name, body, code, message) => {
    const { kind, sent, upstream } = refusal(403, body);
    expect({ kind, sent }).toEqual({ kind: 'upstream-rejected', sent: 'refused' });
    expect(upstream).toEqual({
      target: 'orders',
      backend: 'taurusdb',
      httpStatus: 403,
      code,
      message,
      requestId: null,
    });
  });

  it.each([
    [400, 'DBS.200001', 'upstream-rejected'],
    [400, 'DCS.4957', 'upstream-conflict'],
    [400, '111400957', 'upstream-conflict'],
    [400, '111404957', 'upstream-conflict'],
    ...['4026', '4049', '4096', '4097', '4111', '4113', '4114', '4115', '4116', '4117', '4118', '4120', '4121', '4231']
      .concat('4975', '4017')
      .map((code) => [400, `DCS.${code}`, 'upstream-conflict'] as const),
    [400, '111400026', 'upstream-conflict'],
    [400, 'DCS.4027', 'upstream-rejected'],
    [400, 'DCS.4112', 'upstream-rejected'],
    [400, 'DBS.4026', 'upstream-rejected'],
    [401, 'APIGW.0307', 'upstream-rejected'],
    [403, 'DBS.200011', 'upstream-rejected'],
    [404, 'DCS.3022', 'upstream-rejected'],
    [409, 'DBS.200011', 'upstream-conflict'],
    [429, 'APIGW.0308', 'upstream-throttled'],
  ])('HTTP %s with %s is %s', (status, code, kind) => {
    const failure = refusal(status, { error_code: code, error_msg: 'x' });
    expect(failure.kind).toBe(kind);
    expect(failure.message).toContain(`(HTTP ${String(status)}, ${code})`);
  });

  const over = (text: string) => `The throttling threshold has been reached: policy user over ratelimit,${text}`;
  it.each([
    [over('limit:200,time:5 minute'), {}, 300_000],
    [over('limit:5,time:1 second'), {}, 1000],
    ['The throttling threshold has been reached. Threshold: 5 times per 2 seconds.', {}, 2000],
    [over('limit:5,time:1 second'), { 'retry-after': '7' }, 7000],
    ['Slow down.', {}, undefined],
  ])('tell when to come back: %s', (error_msg, headers, expected) => {
    expect(refusal(429, { error_code: 'APIGW.0308', error_msg }, headers).retryAfterMs).toBe(expected);
  });

  it('tell the request id, from wherever it is', () => {
    expect(refusal(401, {}, { 'x-request-id': 'a1' }).upstream?.requestId).toBe('a1');
    expect(refusal(401, {}, { 'x-iam-trace-id': 'b2' }).upstream?.requestId).toBe('b2');
    expect(refusal(401, { error_msg: 'x', request_id: 'c3' }).upstream?.requestId).toBe('c3');
    expect(vendorRequestIdOf(answerWith(200, '', { 'x-request-id': 'a b' }))).toBeNull();
  });

  it('quote no credentials, neither those of the connection nor those of the call', () => {
    const headers = {
      'x-auth-token': 'MIItoken',
      'x-security-token': 'temporary',
      authorization: 'SDK-HMAC-SHA256 Access=AK, SignedHeaders=x-sdk-date, Signature=abc123',
    };
    const error_msg = 'for s3cret, MIItoken, temporary and abc123: verify fail, canonicalRequest:GET|/|x';
    const answer = answerWith(401, { error_code: 'APIGW.0301', error_msg });
    expect(refusalOf(answer, { ...blankExchange, headers }, ['s3cret']).upstream?.message).toBe(
      'for [secret], [secret], [secret] and [secret]: verify fail, canonicalRequest:[removed]',
    );
  });
});

describe('a secret that is echoed', () => {
  const password = 'p&ss-w0rd';
  const of = (body: object, headers: Record<string, string> = {}) =>
    refusalOf(answerWith(400, body, headers), blankExchange, [password]).upstream;

  it.each(['p&amp;ss-w0rd', 'p%26ss%2dw0rd', 'p\\u0026ss-w0rd'])('as %s costs the message', (echo) => {
    expect(of({ error_code: 'X.1', error_msg: `${echo} is wrong` })).toMatchObject({
      code: 'X.1',
      message: '[secret]',
    });
  });

  it('costs the id of the request, wherever that stands', () => {
    expect(of({ request_id: 'r-p%26ss-w0rd' })).toMatchObject({ requestId: null });
    expect(of({ request_id: 'r-1' })).toMatchObject({ requestId: 'r-1' });
    expect(of({}, { 'x-request-id': 'p&amp;ss-w0rd' })).toMatchObject({ requestId: null });
  });

  it('costs the code', () => {
    const upstream = refusalOf(answerWith(400, { code: 'x.Secret-1' }), blankExchange, ['Secret-1']).upstream;
    expect(upstream).toMatchObject({ code: null });
  });
});

describe('answers', () => {
  it('keep every integer exact', () => {
    const text = '{"a":9007199254740993,"b":9223372036854775807,"c":1.5,"d":-3,"e":"9007199254740993","f":1e3}';
    expect(parseVendorJson(text)).toEqual({
      a: 9007199254740993n,
      b: 9223372036854775807n,
      c: 1.5,
      d: -3,
      e: '9007199254740993',
      // Whoever writes so may have rounded it.
      f: NaN,
    });
    expect(parseVendorJson('{"a":1.40000000000005e14,"b":1.4e14,"c":15.0,"d":0.5e1}')).toEqual({
      a: 140000000000005,
      b: NaN,
      c: 15,
      d: 5,
    });
    expect(parseVendorJson('{"a":1234567890123456}')).toEqual({ a: 1234567890123456 });
  });

  it.each(['{"a":1,"a":2}', '{"b":{"a":[]},"a":"x\\\\","a":2}', '{"c":"\\"a\\":","a":1,"a":2}'])(
    'know nothing of a member that stands twice: %s',
    (text) => {
      expect(typeof parseVendorJson(text)['a']).toBe('symbol');
    },
  );

  it.each(['{"a":"\\"b\\":1"}', '{"a":["x:",": "],"b":{"c":null}}', '{"a" : "\\\\" }', '{"":1}'])(
    'are read as they stand: %s',
    (text) => {
      expect(parseVendorJson(text)).toEqual(JSON.parse(text));
    },
  );

  it('does not spell out numbers that no id can be', () => {
    expect(parseVendorJson(`{"a":${'9'.repeat(41)},"b":${'9'.repeat(400)}}`)).toEqual({ a: 1e41, b: Infinity });
  });

  it.each(['', '<html></html>', '{"a":1', '[]', 'null', '"x"', '1', '{"a":9007199254740993', '['.repeat(50_000)])(
    'that are no JSON object prove nothing: %.20s',
    (text) => {
      const answer = answerWith(200, text, { 'x-request-id': 'r9' });
      const { kind, sent, upstream } = failureOf(() => understood(answer, () => bodyOf(answer)));
      expect([kind, sent, upstream?.httpStatus, upstream?.requestId]).toEqual([
        'upstream-malformed',
        'perhaps',
        200,
        'r9',
      ]);
    },
  );

  it('must have the status of the call', () => {
    expect(failureOf(() => bodyOf(answerWith(202, {}))).kind).toBe('upstream-malformed');
    expect(bodyOf(answerWith(201, { a: 1 }), 201)).toEqual({ a: 1 });
  });

  it('are read leniently', () => {
    expect([textOf(1), textOf(2n), textOf(''), textOf(null), textOf(true), textOf(Number.NaN)]).toEqual([
      '1',
      '2',
      null,
      null,
      null,
      null,
    ]);
    expect([wholeOf('036'), wholeOf(7n), wholeOf('x'), wholeOf(1.5), wholeOf(null)]).toEqual([36, 7, null, null, null]);
  });

  it('have statements of at most 200 characters', () => {
    expect(statementOf('x'.repeat(300))).toBe('x'.repeat(200));
    expect(statementOf(`${'x'.repeat(199)}😀`)).toBe('x'.repeat(199));
    expect(statementOf(' ')).toBeNull();
  });
});

describe('paths', () => {
  it('are encoded part by part', () => {});
});

describe('lists', () => {
  const numbers = (answer: Answer) =>
    rowsOf(answer, 'rows', ['count'], ({ id }) => (typeof id === 'number' ? id : null));

  it('cost a row that cannot be read, and no other', () => {
    const { read, count } = numbers(answerWith(200, { rows: [{ id: 1 }, null, { id: 'x' }, 'y', {}, { id: 2 }] }));
    expect([read, count]).toEqual([[1, 2], 6]);
  });

  it('may hold what is no text', () => {
    const garbled = { ...answerWith(200, '{"rows":[{"id":1,"info":"\ufffdPNG"}]}'), flaw: 'Not UTF-8.' };
    expect(numbers(garbled).read).toEqual([1]);
    expect(failureOf(() => bodyOf(garbled)).message).toBe('Not UTF-8.');
  });

  it.each([{}, { rows: null }, { rows: [] }, { rows: [], count: 0 }])('are empty in %j', (body) => {
    expect(numbers(answerWith(200, body))).toMatchObject({ read: [], count: 0 });
  });

  it.each([
    { rows: {} },
    { rows: 'none' },
    { error_code: 'DBS.200001' },
    { error: { message: 'No.' } },
    { rows: null, errCode: 'APIG.0301' },
    { data: { rows: [] } },
    { Rows: [{ id: 1 }] },
  ])('are not to be had from %j', (body) => {
    expect(failureOf(() => numbers(answerWith(200, body)))).toMatchObject({ kind: 'upstream-malformed' });
  });

  it.each([
    [200, numbers],
    [200, bodyOf],
    [202, bodyOf],
  ])('and other answers of %i that say they did not succeed are refusals', (status, read) => {
    const { kind, sent } = failureOf(() => read(answerWith(status, { success: false })));
    expect([kind, sent]).toEqual(['upstream-rejected', 'refused']);
  });
});
