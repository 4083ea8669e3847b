import { Failure, type FailureKind, type UpstreamAnswer } from '../../core/model/failure.js';
import { secretsIn, vendorWord, vendorWords } from '../../transport/vendor-words.js';
import { wholeText, type Answer, type Exchange } from '../../transport/exchange.js';
import { retryAfterMs } from '../../transport/retry-after.js';
import { firstOf, objectsIn, wordsOf } from './error-words.js';
import { throttleWindowMs } from './throttle-window.js';
import {
  flagOf,
  hasMemberTwice,
  isObject,
  type JsonObject,
  malformedJson,
  parseVendorJson,
  readJson,
  textOf,
} from './json.wire.js';

/** One call as the vendor wants it, but for the endpoint and the credentials. */
export interface VendorCall {
  /** The vendor's name for it. */
  readonly call: string;
  readonly method: Exchange['method'];
  /**
   * Path and query, encoded, as the vendor's page writes it: `{project_id}` and `{instance_id}` stand for those of the
   * target.
   */
  readonly path: string;
  /** What stands for other parameters of the path. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly mutating: boolean;
  readonly maxBytes: number;
}

/**
 * The JSON object of an answer that must have this status. Throws Failure, also where it says that the call did not
 * succeed.
 */
export function bodyOf(answer: Answer, status = 200): JsonObject {
  return unmixed(mixedBodyOf(answer, status));
}

/** The same of an answer that may tell of an error in other ways than by its status. */
export function mixedBodyOf(answer: Answer, status = 200): JsonObject {
  if (answer.status !== status) throw otherStatus(answer);
  return succeeded(parseVendorJson(wholeText(answer)));
}

/** Success beside an error, in whatever form services tell one, proves neither. */
export function unmixed(body: JsonObject): JsonObject {
  const code = firstOf(body, ['error_code', 'errCode', 'errorCode', 'error']);
  const inner = objectsIn({ error: body.error, errors: body.errors }).map((error) => wordsOf(error));
  const isTold = inner.some((words) => (words.code !== null && words.code !== '0') || words.message !== null);
  if (!isTold && (code === null || code === '0')) return body;
  throw malformedJson('The answer has the status of success, and an error code.');
}

/** What to throw where the status is one of success, but none that the call has. */
export function otherStatus({ text }: Answer): Failure {
  const body = readJson(text);
  if (isObject(body)) succeeded(body);
  return malformedJson('The answer has a status that the call does not have.');
}

function succeeded(body: JsonObject): JsonObject {
  if (flagOf(body.success) !== false) return body;
  throw new Failure('upstream-rejected', 'Huawei Cloud took the call and says that it did not succeed.', {
    sent: 'refused',
  });
}

/** What is read of a list. */
export interface Rows<T> {
  readonly body: JsonObject;
  /** Of the rows that can be read. */
  readonly read: readonly T[];
  /** How many rows there are, readable or not. */
  readonly count: number;
}

/**
 * The rows of a list by its name, as this reads them: null for what cannot be read, which costs that row alone, as does
 * what is not text. A list that is absent or null is empty, unless the answer has other members than stand beside the
 * list.
 */
export function rowsOf<T>(
  answer: Answer,
  name: string,
  beside: readonly string[],
  read: (row: JsonObject) => T | null,
): Rows<T> {
  if (answer.status !== 200) throw otherStatus(answer);
  const body = unmixed(succeeded(parseVendorJson(answer.text)));
  const isEmpty = Object.keys(body).every((member) => member === name || beside.includes(member));
  const rows = body[name] ?? (isEmpty ? [] : null);
  if (!Array.isArray(rows)) throw malformedJson(`The answer has no list of ${name}.`);
  const readRow = (row: unknown): T | null => (isObject(row) && !hasMemberTwice(row) ? read(row) : null);
  return { body, count: rows.length, read: rows.flatMap((row) => readRow(row) ?? []) };
}

/** What is read from an answer: if it cannot be read, the Failure tells which answer that was. */
export function understood<T>(answer: Answer, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.upstream) throw thrown;
    throw new Failure(thrown.kind, thrown.message, { cause: thrown, sent: thrown.sent, upstream: told(answer) });
  }
}

/** An answer in so far as it may be shown without its words. */
export function told(answer: Answer): UpstreamAnswer {
  const requestId = vendorRequestIdOf(answer);
  return { target: null, backend: null, httpStatus: answer.status, code: null, message: null, requestId };
}

/** The id that the vendor's support asks for: from the header, from IAM's own, or from the body of an error. */
export function vendorRequestIdOf({ headers }: Answer, body: JsonObject = {}): string | null {
  const id = headers['x-request-id'] ?? headers['x-iam-trace-id'] ?? textOf(body.request_id) ?? textOf(body.requestId);
  return id && /^[!-~]{1,128}$/.test(id) ? id : null;
}

/**
 * Reads an error body: "Status Codes" and "Error Codes" of each API reference, in all the shapes that the services and
 * the gateway in front of them use. It is mapped by its HTTP status first: one number means different things in two
 * services.
 */
export function refusalOf(answer: Answer, exchange: Exchange, secrets: readonly string[]): Failure {
  const { status, headers, text } = answer;
  const value = readJson(text);
  const body = isObject(value) ? value : {};
  const { code: said, message } = isObject(value) ? wordsOf(value) : { code: null, message: plainText(text) };
  const known = [...secrets, ...secretsIn(exchange)];
  const code = vendorWord(said, known);
  const kind = kindOf(status, code);
  const afterMs = retryAfterMs(headers).retryAfterMs ?? throttleWindowMs(message);
  return new Failure(kind, sentence(kind, status, code), {
    sent: 'refused',
    upstream: {
      target: exchange.target,
      backend: exchange.backend,
      httpStatus: status,
      code,
      message: message === null ? null : vendorWords(message, known),
      requestId: vendorWord(vendorRequestIdOf(answer, body), known),
    },
    ...(kind === 'upstream-throttled' && afterMs !== null ? { retryAfterMs: afterMs } : {}),
  });
}

/** A page for browsers says nothing worth quoting. */
function plainText(text: string): string | null {
  return text.trim() === '' || /^\s*</.test(text) ? null : text;
}

/**
 * What DCS refuses for what is being done to the instance (its Terraform provider waits), in its two spellings as a
 * number, too.
 */
const conflictCodes: ReadonlySet<string | null> = new Set(
  [4017, 4026, 4049, 4096, 4097, 4111, 4113, 4114, 4115, 4116, 4117, 4118, 4120, 4121, 4231, 4957, 4975].flatMap(
    (code) => [`DCS.${String(code)}`, `1114${String(code - 4000).padStart(5, '0')}`, `11140${String(code)}`],
  ),
);

function kindOf(status: number, code: string | null): FailureKind {
  if (status === 429) return 'upstream-throttled';
  return status === 409 || conflictCodes.has(code) ? 'upstream-conflict' : 'upstream-rejected';
}

function sentence(kind: FailureKind, status: number, code: string | null): string {
  const by = `HTTP ${String(status)}${code === null ? '' : `, ${code}`}`;
  if (kind === 'upstream-throttled') return `Huawei Cloud throttles this call (${by}).`;
  if (kind === 'upstream-conflict') return `What Huawei Cloud is doing already does not allow this call (${by}).`;
  if (status === 401) return `Huawei Cloud does not accept the credentials of this connection (${by}).`;
  return `Huawei Cloud refused the call (${by}).`;
}
