import { stringify } from 'lossless-json';
import type { JobType } from './dcs/jobs.ts';
import { turnKnobs } from './knobs.ts';
import type { HuaweiState } from './state.ts';

type Input = Readonly<Record<string, unknown>>;

/** Something to do to the cloud from outside: JSON in, JSON out, an error with a reason if it makes no sense. */
type HuaweiAction = (input: Input) => unknown;

/** The names by which an administrator acts on the cloud. */
export type HuaweiActions = Readonly<Record<string, HuaweiAction>>;

const MOST_ADDED = 5000;

const WISHES = {
  session: (
    'state userName clientIp clientPort databaseName applicationName query sqlId waitEvent waitStatus lockMode lockTag ' +
    'threadName startedAt transactionStartedAt queryStartedAt blockedBy'
  ).split(' '),
  thread: 'user host db command state info seconds internal'.split(' '),
  client: 'addr name user db cmd flags sub psub multi ageSeconds idleSeconds'.split(' '),
} as const;

/** All actions on that state; `place` is `{instanceId, nodeId}`, for GaussDB with a `componentId`. */
export function createActions(state: HuaweiState, reset: () => void): HuaweiActions {
  const { gaussdb, taurusdb, dcs, knobs } = state;
  return {
    reset: () => {
      reset();
      return {};
    },
    knobs: (input) => turnKnobs(knobs, input),
    'iam.revoke-tokens': () => {
      state.revokeTokens();
      return {};
    },
    'gaussdb.sessions': (input) => plain(gaussdb.sessions(componentPlace(input))),
    'gaussdb.add-sessions': (input) =>
      times(input, () => gaussdb.addSession(componentPlace(input), wish(input, 'session'))),
    'gaussdb.set-component': (input) => {
      gaussdb.setComponent(componentPlace(input), texts(input, ['status', 'role']));
      return {};
    },
    'gaussdb.fail-kills': (input) => {
      gaussdb.failKills(count(input, 'calls'));
      return {};
    },
    'taurusdb.threads': (input) => plain(taurusdb.threads(nodePlace(input))),
    'taurusdb.add-threads': (input) => times(input, () => taurusdb.addThread(nodePlace(input), wish(input, 'thread'))),
    'taurusdb.set-node': (input) => {
      taurusdb.setNode(nodePlace(input), texts(input, ['status', 'type']));
      return {};
    },
    'dcs.clients': (input) => plain(dcs.clients(nodePlace(input))),
    'dcs.add-clients': (input) => times(input, () => dcs.addClient(nodePlace(input), wish(input, 'client'))),
    'dcs.set-node': (input) => {
      dcs.setNode(nodePlace(input), texts(input, ['status', 'type']));
      return {};
    },
    'dcs.fail-next-job': (input) => {
      dcs.failNextJob(jobType(input), input.reason === undefined ? undefined : text(input, 'reason'));
      return {};
    },
  };
}

function componentPlace(input: Input): { instanceId: string; nodeId: string; componentId: string } {
  return { ...nodePlace(input), componentId: text(input, 'componentId') };
}

function nodePlace(input: Input): { instanceId: string; nodeId: string } {
  return { instanceId: text(input, 'instanceId'), nodeId: text(input, 'nodeId') };
}

function text(input: Input, name: string): string {
  const value = input[name];
  if (typeof value !== 'string') throw new Error(`${name} has to be a string`);
  return value;
}

/** Those of the named members that are given, all strings. */
function texts(input: Input, names: readonly string[]): Record<string, never> {
  return Object.fromEntries(names.filter((name) => name in input).map((name) => [name, text(input, name) as never]));
}

function count(input: Input, name: string): number {
  const value = input[name] ?? 1;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > MOST_ADDED) {
    throw new Error(`${name} has to be an integer from 0 to ${MOST_ADDED}`);
  }
  return value;
}

function jobType(input: Input): JobType | undefined {
  const { type } = input;
  if (type === undefined || type === 'scanClients' || type === 'killAllClients') return type;
  throw new Error('type has to be scanClients or killAllClients');
}

// What is added gets an id of its own, so that no two have the same.
function wish(input: Input, name: keyof typeof WISHES): Record<string, never> {
  const value = input[name] ?? {};
  if (typeof value !== 'object' || Array.isArray(value)) throw new Error(`${name} has to be an object`);
  const unknown = Object.keys(value).find((member) => !WISHES[name].includes(member));
  if (unknown !== undefined) throw new Error(`${name} cannot be given ${unknown}`);
  return { ...value };
}

function times(input: Input, add: () => unknown): unknown {
  return plain(Array.from({ length: count(input, 'count') }, add));
}

/** A copy in which ids beyond 2^53 are strings. */
function plain(value: unknown): unknown {
  return JSON.parse(
    stringify(value, (_name, member: unknown) => (typeof member === 'bigint' ? member.toString() : member)) ?? 'null',
  );
}
