import type { Clock, PromptEmulator } from '../exchange.ts';
import { createDcs } from './dcs/dcs.ts';
import { DCS } from './dcs/seed.ts';
import { createDcsState } from './dcs/store.ts';
import { createGaussdb } from './gaussdb/gaussdb.ts';
import { GAUSSDB } from './gaussdb/seed.ts';
import { createGaussdbState } from './gaussdb/store.ts';
import { createGeminidb } from './geminidb/geminidb.ts';
import { GEMINIDB } from './geminidb/seed.ts';
import { createGeminidbState } from './geminidb/store.ts';
import type { Authenticate } from './identity/authentication.ts';
import type { HuaweiKnobs } from './knobs.ts';
import { TAURUSDB } from './taurusdb/seed.ts';
import { createTaurusdbState } from './taurusdb/store.ts';
import { createTaurusdb } from './taurusdb/taurusdb.ts';

/** One emulated service of the cloud. */
interface EmulatedService<State extends { reset(): void }> {
  /** What IAM's catalog calls it. */
  readonly catalog: string;
  /** What it has at the start. */
  createState(clock: Clock, knobs: HuaweiKnobs): State;
  create(authenticate: Authenticate, clock: Clock, knobs: HuaweiKnobs, state: State): PromptEmulator;
  /** What the demonstration configures of it, but for backend and connection. */
  readonly targets: readonly (Readonly<Record<string, unknown>> & { readonly name: string })[];
}

function emulated<State extends { reset(): void }>(service: EmulatedService<State>): EmulatedService<State> {
  return service;
}

/** Every emulated service, by the name of its backend: one entry is all that the sandbox needs of a service. */
export const huaweiServices = {
  gaussdb: emulated({
    catalog: 'gaussdb-opengauss',
    createState: createGaussdbState,
    create: createGaussdb,
    targets: [{ name: 'ledger', instanceId: GAUSSDB.instanceId }],
  }),
  taurusdb: emulated({
    catalog: 'gaussdb',
    createState: createTaurusdbState,
    create: createTaurusdb,
    targets: [
      {
        name: 'orders',
        instanceId: TAURUSDB.instanceId,
        nodes: [
          { name: 'primary', id: TAURUSDB.nodeId },
          { name: 'replica', id: TAURUSDB.secondNodeId },
        ],
      },
    ],
  }),
  dcs: emulated({
    catalog: 'dcs',
    createState: createDcsState,
    create: (authenticate, _clock, knobs, state) => createDcs(authenticate, knobs, state),
    targets: [{ name: 'carts', instanceId: DCS.instanceId }],
  }),
  geminidb: emulated({
    catalog: 'gaussdb-nosql',
    createState: createGeminidbState,
    create: createGeminidb,
    targets: [{ name: 'profiles', instanceId: GEMINIDB.instanceId }],
  }),
};

export type HuaweiServiceName = keyof typeof huaweiServices;

/** The names of all emulated services. */
export const huaweiServiceNames = Object.keys(huaweiServices) as readonly HuaweiServiceName[];

/** What tests read and change of each service. */
export type ServiceStates = {
  readonly [Name in HuaweiServiceName]: ReturnType<(typeof huaweiServices)[Name]['createState']>;
};

/** An emulator of each service, over its state. */
export function createServices(authenticate: Authenticate, clock: Clock, knobs: HuaweiKnobs) {
  const made = huaweiServiceNames.map((name) => {
    // Its own state is what each of them makes.
    const service = huaweiServices[name] as EmulatedService<{ reset(): void }>;
    const state = service.createState(clock, knobs);
    return [name, state, service.create(authenticate, clock, knobs, state)] as const;
  });
  return {
    states: Object.fromEntries(made.map(([name, state]) => [name, state])) as ServiceStates,
    emulators: Object.fromEntries(made.map(([name, , emulator]) => [name, emulator])) as Readonly<
      Record<HuaweiServiceName, PromptEmulator>
    >,
  };
}
