import { readFileSync } from 'node:fs';

interface Profile {
  readonly nodes: readonly Frame[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

interface Frame {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly children?: readonly number[];
}

/** The stages of a request, and whose code they are made of: the first that fits. */
const stages: readonly (readonly [stage: string, owners: RegExp])[] = [
  ['garbage collection', /^\(garbage/],
  [
    'entry: Fastify, Nest, limits, queue',
    /^(?:fastify|@fastify|find-my-way|@nestjs|rxjs|rate-limiter|sluice platform\/(?!telemetry))/,
  ],
  ['input', /^(?:class-|lossless|sluice validation|sluice (?:sessions|processes|operations))/],
  ['what Sluice does', /^sluice core/],
  ['store', /^sluice store/],
  ['vendor: HTTP', /^(?:axios|undici|sluice transport)/],
  ['vendor: reading', /^(?:fast-xml|strnum|saxes|xmlchars|sluice backends)/],
  ['log, metrics', /^(?:pino|quick-format|prom-client|sluice platform\/telemetry)/],
  ['Node and the system', /^(?:node|native code)$/],
];

/** Whose code it is: a package, a folder of ours, or Node itself. */
function ownerOf({ functionName, url }: Frame['callFrame']): string {
  if (functionName === '(garbage collector)') return functionName;
  const [, name] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url) ?? [];
  if (name !== undefined) return name;
  const [, folder] = /\/build\/([^/]+(?:\/[^/.]+(?=\/))?)/.exec(url) ?? [];
  if (folder !== undefined) return `sluice ${folder}`;
  return url === '' ? 'native code' : 'node';
}

function nameOf({ functionName, url, lineNumber }: Frame['callFrame']): string {
  return `${functionName || '(anonymous)'} ${url.replace(/.*\//, '')}:${String(lineNumber + 1)}`;
}

/**
 * Tells where the time of a CPU profile went: by stage of a request, by owner, by function, and by function with all
 * that it calls. The beginning is left out.
 */
export function tellProfile(file: string, skippedSeconds: number, shown: number): void {
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(file, 'utf8')) as Profile;
  // Nor is what the process does about the profile at its end.
  const outside = new Set(['(idle)', 'reallyExit']);
  const idle = new Set(nodes.filter(({ callFrame }) => outside.has(callFrame.functionName)).map(({ id }) => id));
  const own = new Map<number, number>();
  let passed = 0;
  for (const [index, id] of samples.entries()) {
    const took = timeDeltas[index] ?? 0;
    passed += took;
    if (passed > skippedSeconds * 1e6) own.set(id, (own.get(id) ?? 0) + took);
  }
  const frames = new Map(nodes.map((frame) => [frame.id, frame]));
  const [owners, functions, whole] = [new Map<string, number>(), new Map<string, number>(), new Map<string, number>()];
  const add = (times: Map<string, number>, key: string, time: number) => times.set(key, (times.get(key) ?? 0) + time);
  const walk = (id: number, above: ReadonlySet<string>): number => {
    const frame = frames.get(id);
    if (!frame || idle.has(id)) return 0;
    const name = nameOf(frame.callFrame);
    const time = own.get(id) ?? 0;
    add(owners, ownerOf(frame.callFrame), time);
    add(functions, name, time);
    const below = new Set([...above, name]);
    const sum = (frame.children ?? []).reduce((total, child) => total + walk(child, below), time);
    // What calls itself is counted once.
    if (!above.has(name)) add(whole, name, sum);
    return sum;
  };
  const root = nodes[0];
  const total = root ? walk(root.id, new Set()) : 0;
  const ofStages = new Map<string, number>();
  for (const [owner, time] of owners) add(ofStages, stages.find(([, mine]) => mine.test(owner))?.[0] ?? 'other', time);
  const sections = [
    ['by stage', ofStages],
    ['by owner', owners],
    ['by function', functions],
    ['by function, with all that it calls', whole],
  ] as const;
  for (const [title, times] of sections) {
    process.stdout.write(`\n${title}\n`);
    for (const [name, time] of [...times].sort(([, left], [, right]) => right - left).slice(0, shown)) {
      process.stdout.write(`${((time / total) * 100).toFixed(1).padStart(6)} %  ${name}\n`);
    }
  }
}
