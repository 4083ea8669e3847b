import type { Clock, Emulator, PromptEmulator } from './exchange.ts';
import { administer } from './frame/admin.ts';
import { Faults } from './frame/faults.ts';
import { Journal } from './frame/journal.ts';
import type { Listener } from './frame/listener.ts';
import { serve } from './frame/server.ts';
import { createHuawei } from './huawei/huawei.ts';
import type { Huawei } from './huawei/huawei.ts';
import type { HuaweiKnobs } from './huawei/knobs.ts';
import { loadInstances } from './huawei/loaded.ts';
import { huaweiServiceNames, huaweiServices } from './huawei/services.ts';
import type { HuaweiServiceName } from './huawei/services.ts';
import { identityActions } from './identity/actions.ts';
import { startIdentity } from './identity/identity.ts';
import type { Identity } from './identity/identity.ts';
import type { TentendataKnobs } from './tentendata/knobs.ts';
import type { TentendataState } from './tentendata/state.ts';
import { createTentendata } from './tentendata/tentendata.ts';

/** The services of vendors, by the names of their ports. */
type Service = 'tentendata' | 'iam' | HuaweiServiceName;

/** What stands behind emulators: it is given one and the cloud's state, and gives what listens instead. */
export type Behind = Partial<Record<HuaweiServiceName, (emulator: PromptEmulator, state: Huawei['state']) => Emulator>>;

export interface VendorOptions {
  /** Wall-clock time by default. */
  readonly clock?: Clock;
  /** Free ports by default. */
  readonly ports?: Partial<Record<Service | 'identity' | 'admin', number>>;
  readonly tentendata?: Partial<TentendataKnobs>;
  readonly huawei?: Partial<HuaweiKnobs>;
  /** Fills the second instances: 10,000 threads of TaurusDB, and more sessions of GaussDB than it lists. */
  readonly loaded?: boolean;
  /** Nothing by default: the emulators' state is their own. */
  readonly behind?: Behind;
}

/** Base URLs have no slash at their end, but for the issuer, whose name includes it. */
interface VendorUrls extends Readonly<Record<Service, string>> {
  readonly issuer: string;
  readonly jwks: string;
  readonly admin: string;
}

/** All vendors, running on loopback. */
export interface Vendors {
  readonly urls: VendorUrls;
  readonly tentendata: TentendataState;
  readonly huawei: Huawei['state'];
  readonly identity: Identity;
  readonly faults: Faults;
  readonly journal: Journal;
  /** Back to the seed: state and knobs; without faults and with an empty journal. */
  readonly reset: () => void;
  /** Closes the port of one vendor for good: connections are refused from then on. */
  readonly stop: (service: Service) => Promise<void>;
  /** Leaves nothing open: no port, no connection, no timer. */
  readonly close: () => Promise<void>;
}

async function start(options: VendorOptions, opened: Pick<Listener, 'close'>[]): Promise<Vendors> {
  const { clock = Date.now, ports = {} } = options;
  const journal = new Journal(clock);
  const faults = new Faults();
  const frame = { journal, faults };
  const tentendata = createTentendata({ clock, ...(options.tentendata && { knobs: options.tentendata }) });
  const huawei = createHuawei({ clock, ...options.huawei });

  const before = (service: keyof Behind) =>
    options.behind?.[service]?.(huawei[service], huawei.state) ?? huawei[service];

  async function on<Opened extends Pick<Listener, 'close'>>(opening: Promise<Opened>): Promise<Opened> {
    const listener = await opening;
    opened.push(listener);
    return listener;
  }

  const cloud = {} as Record<HuaweiServiceName, Listener>;
  for (const name of huaweiServiceNames) cloud[name] = await on(serve(before(name), frame, ports[name]));
  const listeners: Readonly<Record<Service, Listener>> = {
    tentendata: await on(serve(tentendata.emulator, frame, ports.tentendata)),
    iam: await on(serve(huawei.iam, frame, ports.iam)),
    ...cloud,
  };
  huawei.state.endpoints.set('iam', listeners.iam.url);
  for (const name of huaweiServiceNames) huawei.state.endpoints.set(huaweiServices[name].catalog, cloud[name].url);
  const identity = await on(startIdentity(frame, clock, ports.identity));
  const load = () => {
    if (options.loaded === true) loadInstances(huawei.state, clock());
  };
  load();
  const reset = () => {
    tentendata.state.reset();
    huawei.reset();
    load();
    faults.clear();
    journal.clear();
  };
  const admin = await on(
    administer(
      {
        ...frame,
        vendors: ['1010data', 'iam', ...huaweiServiceNames, 'identity'],
        actions: { '1010data': tentendata.actions, huawei: huawei.state.actions, identity: identityActions(identity) },
        reset,
      },
      ports.admin,
    ),
  );
  return {
    urls: {
      ...(Object.fromEntries(huaweiServiceNames.map((name) => [name, cloud[name].url])) as Record<
        HuaweiServiceName,
        string
      >),
      tentendata: `${listeners.tentendata.url}/gw.k`,
      iam: listeners.iam.url,
      issuer: identity.issuer,
      jwks: identity.jwks,
      admin: admin.url,
    },
    tentendata: tentendata.state,
    huawei: huawei.state,
    identity,
    faults,
    journal,
    reset,
    stop: (service) => listeners[service].close(),
    close: () => closeAll(opened),
  };
}

async function closeAll(opened: readonly Pick<Listener, 'close'>[]): Promise<void> {
  await Promise.all(opened.map((listener) => listener.close()));
}

/** Starts the emulators of all vendors, an identity server and the admin routes; rejects if a port is taken. */
export async function startVendors(options: VendorOptions = {}): Promise<Vendors> {
  const opened: Pick<Listener, 'close'>[] = [];
  try {
    return await start(options, opened);
  } catch (error) {
    await closeAll(opened);
    throw error;
  }
}
