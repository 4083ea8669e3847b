import type { Clock } from '../../core/model/clock.js';
import { Failure } from '../../core/model/failure.js';
import type { Telling } from '../../core/model/selection.js';
import type { Call, CallRecord, Node, Target } from '../../core/model/target.js';
import type { Answer } from '../../transport/exchange.js';
import type { Backend, Class, MemberError, TargetConfig } from '../backend.js';
import { configured, protectErrors } from '../protections.js';
import type { HuaweiConnectionConfig, NodeConfig, ServiceName } from './huawei.config.js';
import type { HuaweiConnection, Read } from './huawei.connection.js';
import { huawei } from './huawei.vendor.js';
import { NodeMemory } from './node-memory.js';
import type { SideBySide } from './pages-ahead.js';
import { vendorRequestIdOf, type VendorCall } from './huawei.wire.js';

/** What every target of a Huawei service is configured with. */
interface InstanceConfig extends TargetConfig {
  readonly instanceId: string;
  readonly nodes?: readonly ConfiguredNode[];
}

interface ConfiguredNode extends NodeConfig {
  readonly id: string;
  readonly component?: string;
}

/** One configured instance of a service, for what its target can do. */
export interface Instance {
  /** The name of its target. */
  readonly name: string;
  readonly clock: Clock;
  /** Milliseconds that a look at all of it may take. */
  readonly lookMs: number;
  readonly sideBySide: SideBySide;
  /** To be kept out of what is quoted of an answer. */
  readonly secrets: () => readonly string[];
  /** Sends one call. Gives what is read of a 2xx answer, or throws Failure. */
  readonly ask: <T>(request: VendorCall, read: Read<T>, call: Call) => Promise<T>;
}

/** A node as its vendor tells it. */
type FoundNode = Pick<ConfiguredNode, 'id' | 'component'>;

type Ability = 'look' | 'looksInOneCall' | 'kill' | 'flush' | 'follow' | 'gracefulNote';

/** What makes a service of Huawei Cloud a backend. */
export interface HuaweiService extends Pick<Target, 'protects' | 'isId' | 'narrowsBy'> {
  /** Its endpoint's name, too. */
  readonly kind: ServiceName;
  readonly Config: Class<InstanceConfig>;
  /** What its processes tell. */
  readonly telling: Telling;
  /** Asks which nodes an instance has, each under the name that it has where nobody configured another. */
  readonly findNodes: (instance: Instance, call: Call) => Promise<readonly FoundNode[]>;
  readonly abilitiesOf: (instance: Instance) => Pick<Target, Ability>;
}

/** The backend of a service: what its configuration is checked for, and how its targets are made. */
export function huaweiBackend(service: HuaweiService): Backend {
  const { kind, telling } = service;
  return {
    kind,
    vendor: huawei,
    Config: service.Config,
    check: (config: Partial<InstanceConfig>, connection: Partial<HuaweiConnectionConfig>) => [
      ...endpointErrors(kind, connection),
      ...nodeErrors(config.nodes ?? []),
      ...protectErrors(config, telling, config.nodes?.map(nameOf) ?? null),
    ],
    identity: ({ instanceId }: InstanceConfig, { endpoints }: Partial<HuaweiConnectionConfig>) => {
      const { origin = '' } = URL.parse(endpoints?.[kind] ?? '') ?? {};
      // No two projects have an instance of one id, and the project may not be known yet.
      return {
        text: `${kind} ${origin} ${instanceId}`.toLowerCase(),
        by: ['instanceId', `connection.endpoints.${kind}`],
      };
    },
    make: (config: InstanceConfig, connection: HuaweiConnection) => targetOf(service, config, connection),
  };
}

function targetOf(
  { kind, telling, protects, isId, narrowsBy, findNodes, abilitiesOf }: HuaweiService,
  config: InstanceConfig,
  connection: HuaweiConnection,
): Target {
  const { clock, secrets, lookMs, sideBySide, nodesUnseen } = connection;
  const of = { target: config.name, backend: kind };
  const instance: Instance = {
    ...{ name: config.name, clock, lookMs, sideBySide, secrets },
    ask: (request, read, call) => connection.ask({ ...of, instanceId: config.instanceId }, request, read, call),
  };
  const nodes = config.nodes?.map(nodeOf);
  const memory = new NodeMemory((call) => findNodes(instance, call).then((found) => found.map(nodeOf)), clock);
  return {
    ...configured(config),
    ...{ backend: kind, lookMs, ...telling, protects, isId, ...(narrowsBy ? { narrowsBy } : {}) },
    configuredNodes: nodes ?? null,
    get foundNodes() {
      return memory.last;
    },
    nodes: nodes ? () => Promise.resolve(nodes) : (call) => memory.nodes(call),
    ...(nodes ? { unseenNodes: unseenIn(memory, nodes, (count) => nodesUnseen?.(config.name, count)) } : {}),
    ...forgetting(memory, abilitiesOf(instance)),
  };
}

/** What the vendor has and the configuration leaves out. */
function unseenIn(
  memory: NodeMemory,
  nodes: readonly Node[],
  tell: (count: number) => void,
): NonNullable<Target['unseenNodes']> {
  const configured = new Set(nodes.map(placeOf));
  return async (call) => {
    const found = await memory.beside(call);
    const unseen = found?.filter((node) => !configured.has(placeOf(node))).flatMap(({ name }) => name ?? []) ?? null;
    tell(unseen?.length ?? 0);
    return unseen;
  };
}

/** A node that refuses may be gone: the next look asks again which nodes there are. */
function forgetting(memory: NodeMemory, abilities: Pick<Target, Ability>): Pick<Target, Ability> {
  const watched = async <T>(answer: Promise<T>): Promise<T> => {
    try {
      return await answer;
    } catch (thrown) {
      if (thrown instanceof Failure && thrown.kind === 'upstream-rejected') memory.forget();
      throw thrown;
    }
  };
  const { look, kill } = abilities;
  return {
    ...abilities,
    ...(look ? { look: (...given) => watched(look(...given)) } : {}),
    ...(kill ? { kill: { ...kill, run: (...given) => watched(kill.run(...given)) } } : {}),
  };
}

function nodeOf(node: ConfiguredNode): Node {
  return { name: nameOf(node), id: node.id, component: node.component ?? null };
}

function placeOf({ id, component }: Pick<Node, 'component'> & { readonly id?: string | null }): string {
  return `${plain(id ?? undefined)}/${component ?? ''}`;
}

/** What callers name a configured node by. */
function nameOf({ name, id, component }: ConfiguredNode): string {
  return name ?? (component === undefined ? id : `${id}/${component}`);
}

/** The id by which the vendor knows a node. */
export function idOf({ id }: Node): string {
  if (id === null) throw new Failure('internal', 'A node without an id was to be asked.');
  return id;
}

/** What an answered call leaves in the operation's record: these services tell no code and no words on success. */
export function recordOf(node: Node | null, call: string, answer: Answer, jobId: string | null = null): CallRecord {
  return { node: node?.name ?? null, call, code: null, message: null, requestId: vendorRequestIdOf(answer), jobId };
}

/** The connection may be invalid itself, which is told where it stands. */
function endpointErrors(kind: ServiceName, { endpoints }: Partial<HuaweiConnectionConfig>): readonly MemberError[] {
  if (!endpoints || endpoints[kind] !== undefined) return [];
  const message = `must name a connection that has endpoints.${kind}`;
  return [{ path: 'connection', message, by: [`connection.endpoints.${kind}`] }];
}

/** Two nodes of one name, or one node under two. What is invalid of a node was left out. */
function nodeErrors(nodes: readonly ConfiguredNode[]): readonly MemberError[] {
  const names = nodes.map(nameOf);
  const places = nodes.map(({ id, component }) => placeOf({ id, component: component ?? null }));
  return names.flatMap((name, index) => {
    const at = `nodes[${String(index)}]`;
    if (names.indexOf(name) < index) return [{ path: at, message: `is a second node "${name}"` }];
    const same = places.indexOf(places[index] ?? '');
    const message = `is the same node as nodes[${String(same)}] under another name`;
    return same < index ? [{ path: at, message }] : [];
  });
}

/** An id is the same in letters of either case, with dashes and without. */
function plain(id: string | undefined): string {
  return (id ?? '').replaceAll('-', '').toLowerCase();
}
