import type { Fault, Mishap } from './fault.ts';

/** Null if the value is as wanted, else what is wanted. */
type Check = (value: unknown) => string | null;

const text: Check = (value) => (typeof value === 'string' && value !== '' ? null : 'a text that is not empty');
const printable: Check = (value) =>
  typeof value === 'string' && /^[ -~]+$/.test(value) ? null : 'printable ASCII that is not empty';
const anyText: Check = (value) => (typeof value === 'string' ? null : 'a text');
const truth: Check = (value) => (typeof value === 'boolean' ? null : 'true or false');
const whole =
  (least: number, most: number): Check =>
  (value) =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= most
      ? null
      : `a whole number from ${least} to ${most}`;
const oneOf =
  (...values: readonly (string | number)[]): Check =>
  (value) =>
    values.includes(value as string) ? null : `one of ${values.join(', ')}`;
const printableOrWhole: Check = (value) =>
  printable(value) === null || whole(0, 1e9)(value) === null ? null : 'printable ASCII or a whole number';

interface Shape {
  readonly needs: Readonly<Record<string, Check>>;
  readonly takes: Readonly<Record<string, Check>>;
}

const milliseconds = whole(0, 600_000);
const bytes = whole(0, 64 * 1024 * 1024);
const nothing: Shape = { needs: {}, takes: {} };

const shapes: Readonly<Record<Mishap['kind'], Shape>> = {
  latency: { needs: { milliseconds }, takes: { when: oneOf('before', 'after') } },
  throttle: { needs: {}, takes: { policy: oneOf('user', 'ip'), retryAfter: printableOrWhole } },
  status: { needs: { status: oneOf(500, 502, 503, 504) }, takes: { executed: truth } },
  html: { needs: {}, takes: { executed: truth } },
  redirect: { needs: { location: printable }, takes: { status: oneOf(301, 302, 303, 307, 308) } },
  'reset-before': nothing,
  'reset-after': nothing,
  'fin-after': nothing,
  'silence-before': nothing,
  'silence-after': nothing,
  'cut-body': {
    needs: { framing: oneOf('length', 'chunked', 'close') },
    takes: { atByte: bytes, ending: oneOf('fin', 'reset', 'silence') },
  },
  'slow-body': { needs: { millisecondsPerByte: milliseconds }, takes: {} },
  'too-big': { needs: { bytes }, takes: { framing: oneOf('length', 'chunked') } },
  'wrong-content': { needs: { content: oneOf('json', 'xml', 'garbage', 'empty') }, takes: { executed: truth } },
  truncate: { needs: { atByte: bytes }, takes: {} },
  reply: {
    needs: { status: whole(200, 599), body: anyText },
    takes: { contentType: printable, encoding: oneOf('utf8', 'latin1'), retryAfter: printableOrWhole, executed: truth },
  },
};

/** The kinds of faults there are. */
const faultKinds: readonly string[] = Object.keys(shapes);

function faultsOf(value: unknown, place: string, vendors: readonly string[]): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${place}: must be an object`];
  const given = value as Readonly<Record<string, unknown>>;
  const kind = given['kind'];
  if (typeof kind !== 'string' || !faultKinds.includes(kind)) {
    return [`${place}.kind: must be one of ${faultKinds.join(', ')}`];
  }
  const { needs, takes } = shapes[kind as Mishap['kind']];
  const known: Record<string, Check> = {
    kind: text,
    vendor: oneOf('*', ...vendors),
    call: text,
    contains: text,
    skip: whole(0, 1e6),
    times: whole(1, 1e6),
    ...takes,
    ...needs,
  };
  const missing = Object.keys(needs).filter((name) => !(name in given));
  return [
    ...missing.map((name) => `${place}.${name}: is needed by ${kind}`),
    ...Object.entries(given).flatMap(([name, member]) => {
      if (!Object.hasOwn(known, name)) return [`${place}.${name}: is no member of ${kind}`];
      const wanted = known[name]?.(member) ?? null;
      return wanted === null ? [] : [`${place}.${name}: must be ${wanted}`];
    }),
  ];
}

/** The faults of a JSON list; throws an Error that names every mistake with its place. */
export function readFaults(value: unknown, vendors: readonly string[]): readonly Fault[] {
  if (!Array.isArray(value)) throw new Error('the body must be a list of faults');
  const mistakes = value.flatMap((fault, index) => faultsOf(fault, `[${index}]`, vendors));
  if (mistakes.length > 0) throw new Error(mistakes.join('; '));
  return value as Fault[];
}
