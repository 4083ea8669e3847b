import { oneProcessEach } from './one-process.js';
import { meantHosts } from '../model/host.js';
import type { Process, ProcessFacts } from '../model/process.js';
import type { Selection } from '../model/selection.js';
import { narrowFacts, type NarrowFact, type Narrowing } from '../model/sought.js';
import type { Target } from '../model/target.js';

interface Shown {
  readonly processes: readonly Process[];
  readonly complete: boolean;
}

/** For more exact values than these together a cut list is not asked for again. */
const mostNarrowings = 10;

/**
 * By which exact values the vendor is asked for the rest of a list that it cut, each of them once: what fits the
 * selection fits one of them. None where the selection does not say, or says too many.
 */
export function narrowingsOf(target: Target, selection: Selection): readonly Narrowing[] {
  if (!target.narrowsBy) return [];
  let all: readonly Narrowing[] = [{}];
  for (const fact of narrowFacts) {
    const values = target.narrowsBy.has(fact) ? exactValues(fact, selection) : [];
    const more = all.flatMap((one) => values.map((value) => ({ ...one, [fact]: value })));
    if (more.length > 0 && more.length <= mostNarrowings) all = more;
  }
  return all.filter((one) => Object.keys(one).length > 0);
}

/** What an earlier listing told of a process. */
type Known = Pick<ProcessFacts, NarrowFact>;

/**
 * The same for processes that were listed before: by what their sessions had then and keep, as exactly as the number of
 * questions allows.
 */
export function narrowingsTo({ narrowsBy }: Target, items: readonly Known[]): readonly Narrowing[] {
  if (!narrowsBy) return [];
  const byClient = narrowingsBy(narrowFacts, narrowsBy, items);
  return byClient.length > 0 ? byClient : narrowingsBy(['user', 'database'], narrowsBy, items);
}

/** None where that is too many, or where it leaves somebody out. */
function narrowingsBy(
  facts: readonly NarrowFact[],
  known: ReadonlySet<NarrowFact>,
  items: readonly Known[],
): readonly Narrowing[] {
  const all = items.map((item): Narrowing => {
    const values = facts.map((fact) => [fact, fact === 'client' ? addressOf(item.client) : item[fact]] as const);
    return Object.fromEntries(values.filter(([fact, value]) => value !== null && known.has(fact)));
  });
  const each = [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
  return each.length > mostNarrowings || each.some((one) => Object.keys(one).length === 0) ? [] : each;
}

/** What a look showed, and what others of the same node showed beside it: whole if those are. */
export function joined<Listed extends Shown>(cut: Listed, others: readonly Shown[]): Listed {
  return {
    ...cut,
    processes: oneProcessEach([cut, ...others].flatMap(({ processes }) => processes)),
    complete: others.every(({ complete }) => complete),
  };
}

/** What the selection takes of a fact, if that is nothing but exact values. */
function exactValues(fact: NarrowFact, { text }: Selection): readonly string[] {
  const wanted = (text[fact] ?? []).filter(({ excludes }) => !excludes);
  const values = wanted.map(({ literal }) => (fact === 'client' ? addressOf(literal) : literal));
  return values.every((value) => value !== null) ? [...new Set(values)] : [];
}

/** An IPv4 address has one spelling: who may be written in another way is not asked for by it. */
function addressOf(literal: string | null): string | null {
  const [host] = literal === null ? [] : meantHosts(literal, false);
  return host?.is === 'v4' ? host.address : null;
}
