import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

/** What is held against the document. */
export interface HeldAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly body: unknown;
}

interface Documented {
  readonly headers?: Readonly<Record<string, { readonly required?: boolean }>>;
  readonly content?: Readonly<Record<string, { readonly examples?: object }>>;
}

type Paths = Readonly<Record<string, Readonly<Record<string, { readonly responses: Record<string, Documented> }>>>>;

/** The document as it is committed. */
export const committedFile = new URL('../openapi/openapi.json', import.meta.url);

const whole = JSON.parse(readFileSync(committedFile, 'utf8')) as object;

/** The document with its answers, headers and parameters where they are used; schemas stay references. */
export const document = inPlace(whole) as { paths: Paths };

function inPlace(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(inPlace);
  if (typeof node !== 'object' || node === null) return node;
  const to = '$ref' in node ? String(node.$ref) : '';
  if (!/^#\/components\/(?:responses|headers|parameters)\//.test(to)) {
    return Object.fromEntries(Object.entries(node).map(([name, member]) => [name, inPlace(member)]));
  }
  const steps = to.slice('#/'.length).split('/');
  return inPlace(steps.reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], whole));
}

/**
 * Headers of HTTP itself, and what any answer of any server may carry. `Allow` belongs to 405, which no operation can
 * have.
 */
const plain = new Set([
  ...['allow', 'connection', 'content-length', 'content-type', 'date', 'keep-alive', 'transfer-encoding'],
  'x-content-type-options',
]);

/** Statuses of the connection rather than of a call: these alone may stand under `default`. */
const anyRequest = new Set([405, 408, 414, 431]);

const ajv = new Ajv2020({ strict: false, allErrors: true });
formats.default(ajv);
ajv.addSchema(closed(document) as object, 'openapi');

/** Nothing but what is documented: objects that name their members have no others. */
function closed(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(closed);
  if (typeof node !== 'object' || node === null) return node;
  const members = Object.fromEntries(Object.entries(node).map(([name, member]) => [name, closed(member)]));
  const isObject = members['type'] === 'object' && 'properties' in members && !('additionalProperties' in members);
  return isObject ? { ...members, additionalProperties: false } : members;
}

const validators = new Map<string, ValidateFunction>();

function validatorAt(steps: readonly string[]): ValidateFunction {
  const pointer = steps.map((step) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/');
  const known = validators.get(pointer) ?? ajv.compile({ $ref: `openapi#/${pointer}` });
  validators.set(pointer, known);
  return known;
}

/** What does not fit the schema that stands at these steps of the document. */
export function mistakesIn(steps: readonly string[], value: unknown): readonly string[] {
  const validate = validatorAt(steps);
  if (validate(value)) return [];
  return (validate.errors ?? []).map(({ instancePath, message = '' }) => `${instancePath} ${message}`);
}

function templateOf(path: string): string | undefined {
  const steps = path.split('/');
  return Object.keys(document.paths).find((template) => {
    const wanted = template.split('/');
    return (
      wanted.length === steps.length &&
      wanted.every((step, index) => (step.startsWith('{') ? steps[index] !== '' : step === steps[index]))
    );
  });
}

/**
 * Holds a real answer against the committed document: its status, media type, headers, code, and body without a member
 * too many. Throws what does not fit. What the document does not describe (health, metrics, the page itself, unknown
 * paths) passes.
 */
export function holdToContract(method: string, path: string, { status, headers, text, body }: HeldAnswer): void {
  const template = templateOf(path.split('?')[0] ?? '');
  const verb = method.toLowerCase();
  const operation = template === undefined ? undefined : document.paths[template]?.[verb];
  if (template === undefined || !operation) return;
  const faults: string[] = [];
  const entry = String(status) in operation.responses ? String(status) : 'default';
  if (entry === 'default' && !anyRequest.has(status)) faults.push('the status is not documented');
  const { headers: documented = {}, content = {} } = operation.responses[entry] ?? {};
  const names = new Set(Object.keys(documented).map((name) => name.toLowerCase()));
  for (const name of Object.keys(headers)) {
    if (!names.has(name) && !plain.has(name)) faults.push(`the header ${name} is not documented`);
  }
  if (!('x-request-id' in headers)) faults.push('the header x-request-id is missing');
  for (const [name, { required }] of Object.entries(documented)) {
    if (required === true && !(name.toLowerCase() in headers)) faults.push(`the header ${name} is missing`);
  }
  const type = (headers['content-type'] ?? '').split(';')[0] ?? '';
  if (type in content) {
    const validate = validatorAt(['paths', template, verb, 'responses', entry, 'content', type, 'schema']);
    const { examples } = content[type] ?? {};
    const { code } = (body ?? {}) as { readonly code?: string };
    if (type === 'application/problem+json' && examples && !(String(code) in examples)) {
      faults.push(`the code ${String(code)} is not documented`);
    }
    if (!validate(body ?? text)) faults.push(ajv.errorsText(validate.errors, { dataVar: 'body', separator: '\n' }));
  } else if (type !== '' || Object.keys(content).length > 0) faults.push(`the media type ${type} is not documented`);
  if (faults.length === 0) return;
  throw new Error(`${method} ${path} answered ${String(status)}, and ${faults.join('\n')}\n${text.slice(0, 2000)}`);
}
