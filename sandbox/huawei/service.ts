import { randomBytes } from 'node:crypto';
import { stringify } from 'lossless-json';
import type { Arrived, PromptEmulator, Reply } from '../exchange.ts';
import { Refusal } from './refusal.ts';

const LONGEST_URI = 32 * 1024;
const LARGEST_BODY = 12 * 1024 * 1024;

/** A request that was matched to a call. */
export interface CallRequest {
  /** The name of the call. */
  readonly call: string;
  readonly arrived: Arrived;
  readonly query: URLSearchParams;
  /** The value of `{name}` in the call's path. */
  parameter(name: string): string;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Becomes JSON; a bigint becomes a bare integer. */
  readonly body?: unknown;
}

/** One call of a vendor service. */
export interface Call {
  readonly name: string;
  readonly method: string;
  /** Like `/v3/{project_id}/instances`. */
  readonly path: string;
  /** How long it takes, in milliseconds; at once if absent. */
  latency?(): number;
  answer(request: CallRequest): Answer;
}

/** A vendor service behind the cloud's front gateway. */
export interface Service {
  readonly vendor: string;
  readonly calls: readonly Call[];
  /** Throws the refusal of a request whose sender may not call; runs before the call. */
  admit(request: CallRequest): void;
  errorBody(refusal: Refusal): unknown;
  /** Headers of the service's own, made for every reply. */
  headers?(): Readonly<Record<string, string>>;
}

/** A fresh id as the cloud makes them: 32 hexadecimal digits. */
export function hexId(): string {
  return randomBytes(16).toString('hex');
}

/** The service as an emulator; unknown paths and methods are the front gateway's 404. */
export function createService(service: Service): PromptEmulator {
  return {
    vendor: service.vendor,
    callOf: (arrived) => match(service.calls, arrived)?.call.name ?? 'unknown',
    latency: (name) => service.calls.find((call) => call.name === name)?.latency?.() ?? 0,
    answer: (arrived) => {
      try {
        return reply(service, execute(service, arrived));
      } catch (error) {
        if (error instanceof Refusal) return refuse(service, error);
        throw error;
      }
    },
  };
}

function execute(service: Service, arrived: Arrived): Answer {
  if (arrived.path.length + arrived.query.length > LONGEST_URI) {
    throw new Refusal(414, 'APIGW.0201', 'Request URI too long');
  }
  if (arrived.body.length > LARGEST_BODY) throw new Refusal(413, 'APIGW.0201', 'Request entity too large');
  const matched = match(service.calls, arrived);
  if (!matched) {
    throw new Refusal(404, 'APIGW.0101', 'The API does not exist or has not been published in the environment.');
  }
  const request: CallRequest = {
    call: matched.call.name,
    arrived,
    query: new URLSearchParams(arrived.query),
    parameter: (name) => {
      const value = matched.parameters.get(name);
      if (value === undefined) throw new Error(`${matched.call.path} has no parameter ${name}`);
      return value;
    },
  };
  service.admit(request);
  return matched.call.answer(request);
}

function match(calls: readonly Call[], arrived: Arrived): { call: Call; parameters: Map<string, string> } | undefined {
  for (const call of calls) {
    if (call.method !== arrived.method) continue;
    const parameters = matchPath(call.path, arrived.path);
    if (parameters) return { call, parameters };
  }
  return undefined;
}

function matchPath(pattern: string, path: string): Map<string, string> | undefined {
  const expected = pattern.split('/');
  const actual = path.split('/');
  if (expected.length !== actual.length) return undefined;
  const parameters = new Map<string, string>();
  for (const [position, part] of expected.entries()) {
    const segment = decoded(actual[position] ?? '');
    if (part.startsWith('{') && segment) parameters.set(part.slice(1, -1), segment);
    else if (part !== segment) return undefined;
  }
  return parameters;
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

function refuse(service: Service, refusal: Refusal): Reply {
  const requestId = hexId();
  const fromGateway = refusal.code.startsWith('APIGW.');
  const body = fromGateway
    ? { error_msg: refusal.message, error_code: refusal.code, request_id: requestId }
    : service.errorBody(refusal);
  return reply(service, { status: refusal.status, body }, requestId);
}

function reply(service: Service, answer: Answer, requestId = hexId()): Reply {
  const headers = { Server: 'api-gateway', 'X-Request-Id': requestId, ...service.headers?.(), ...answer.headers };
  if (answer.body === undefined) return { status: answer.status, headers, body: '' };
  return {
    status: answer.status,
    headers: { ...headers, 'Content-Type': 'application/json' },
    body: stringify(answer.body) ?? '',
  };
}
