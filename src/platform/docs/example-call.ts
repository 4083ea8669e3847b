import type { FieldError, UpstreamAnswer } from '../../core/model/failure.js';

/** What examples share. */
export const exampleOf = {
  operation: 'op_0mwqccula002a5b97aac098c4',
  plan: 'plan_0mwqccula002a5b97aac098c4',
  freeze: 'frz_c158a69be0e94a63b77ce61fbac8adbe',
  request: '7f7c0c6e-3f0e-4a53-9d7c-5a0f0f6f2b11',
  caller: 'billing-app',
} as const;

/** What is read of an operation of the document. */
export interface DocumentedCall {
  readonly operationId: string;
  /** Names of its query parameters, and of the members of its body. */
  readonly parameters: readonly string[];
  readonly members: readonly string[];
  readonly reachesVendor: boolean;
}

/** One call, as the examples of its problems have it. */
export interface Called {
  /** What was asked for, without its query. */
  readonly path: string;
  readonly act: string;
  /** Whom it is about, and what that can be asked. */
  readonly target: string;
  readonly backend: string;
  readonly reachesVendor: boolean;
  /** What a vendor that is busy is told as, and its own words. */
  readonly conflict: string;
  readonly upstream: Pick<UpstreamAnswer, 'httpStatus' | 'code' | 'message' | 'requestId'>;
  /** How it would be invalid. */
  readonly invalid: FieldError;
  /** What is wrong with a member of it: a parameter or a place in its body, if it has one of that name. */
  at(name: string, message: string): readonly FieldError[];
}

const dcs = {
  target: 'carts',
  backend: 'dcs',
  conflict: 'What Huawei Cloud is doing already does not allow this call (DCS.4957).',
  upstream: {
    httpStatus: 400,
    code: 'DCS.4957',
    message: 'This operation is not allowed when the task is in the current state.',
    requestId: '5a8b1b3c0d1e4f5a',
  },
} as const;
const taurusdb = {
  target: 'orders',
  backend: 'taurusdb',
  conflict: 'What Huawei Cloud is doing already does not allow this call (DBS.200823).',
  upstream: { httpStatus: 409, code: 'DBS.200823', message: 'Instance status is not allowed.', requestId: '5a8b1b3c' },
} as const;
const tentendata = {
  target: 'bi-user',
  backend: '1010data',
  conflict: 'The uid is logged in already.',
  upstream: { httpStatus: 200, code: '5', message: 'User is already logged in', requestId: null },
} as const;

const acts: Readonly<Record<string, string>> = {
  listProcesses: 'look',
  killProcesses: 'kill',
  flushSessions: 'flush',
  tuneSession: 'tune',
  approveOperation: 'approve',
  rejectOperation: 'approve',
  cancelOperation: 'cancel',
  acknowledgeOperation: 'acknowledge',
  freezeTargets: 'freeze',
  endFreeze: 'freeze',
};

/** The call that the examples of an operation are about. */
export function calledBy(template: string, call: DocumentedCall): Called {
  const { operationId } = call;
  const vendor = operationId === 'flushSessions' ? dcs : operationId === 'tuneSession' ? tentendata : taurusdb;
  const id = template.startsWith('/freezes') ? exampleOf.freeze : exampleOf.operation;
  const at = (name: string, message: string): readonly FieldError[] => placesOf(call, name, message);
  const [invalid] = [
    ...at('reason', 'reason must be 1 to 500 printable characters.'),
    ...at('limit', 'limit must be a whole number of at most 9 digits, given once.'),
  ];
  return {
    ...vendor,
    path: template.replace('{name}', vendor.target).replace('{id}', id),
    act: acts[operationId] ?? 'look',
    reachesVendor: call.reachesVendor,
    invalid: invalid ?? { parameter: 'verbose', message: 'verbose is not known here.' },
    at,
  };
}

function placesOf({ parameters, members }: DocumentedCall, name: string, message: string): FieldError[] {
  if (parameters.includes(name)) return [{ parameter: name, message }];
  if (members.includes(name)) return [{ pointer: `/${name}`, message }];
  return members.includes(`${name}s`) ? [{ pointer: `/${name}s/0`, message }] : [];
}
