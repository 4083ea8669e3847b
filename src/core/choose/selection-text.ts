import { tellPattern } from '../model/pattern.js';
import { clockFacts, textFacts } from '../model/process.js';
import { defaultMinIdleSeconds, type KillRequest, type MutatingRequest } from '../model/request.js';
import { everything, type Selection } from '../model/selection.js';

/** Says in words whom a call is about, so that somebody can read it aloud before it is made. */
export function tellRequest(request: MutatingRequest, targets: readonly string[] = request.targets): string {
  const where = targets.join(', ');
  if (request.kind === 'sessions.tune') return `the session of ${where}`;
  if (request.plan) return `those that the plan ${request.plan.id} fixed, on ${where}`;
  if (request.kind === 'processes.kill') return `${tellKill(request)}, on ${where}`;
  const at = request.node === null ? '' : ` at ${request.node}`;
  const who = request.text ? `; ${tellSelection({ ...everything, text: request.text })}` : '';
  if (request.mode === 'forced') return `every process${at}${who}, on ${where}`;
  const seconds = String(request.minIdleSeconds ?? defaultMinIdleSeconds);
  return `every process${at} that is not executing anything, for at least ${seconds} s where that is known${who}, on ${where}`;
}

/** `user is app_* or web_*, but not app_admin; idle for at least 60 s`. */
function tellSelection(selection: Selection): string {
  const { ids, nodes, text, states, minimums } = selection;
  const said = [
    ...(ids.length > 0 ? [`id is ${ids.join(' or ')}`] : []),
    ...(nodes.length > 0 ? [`at ${nodes.join(' or ')}`] : []),
    ...textFacts.flatMap((fact) => {
      const patterns = text[fact] ?? [];
      const wanted = patterns.filter((pattern) => !pattern.excludes).map(tellPattern);
      const unwanted = patterns.filter((pattern) => pattern.excludes).map(tellPattern);
      return tellWords(fact === 'statementId' ? 'statement id' : fact, wanted, unwanted);
    }),
    ...tellWords('state', states.includes, states.excludes),
    ...clockFacts.flatMap((fact) => {
      const seconds = minimums[fact];
      return seconds === undefined ? [] : [`${clockWords[fact]} for at least ${String(seconds)} s`];
    }),
    ...(selection.blocking === undefined ? [] : [blockingWords(selection.blocking)]),
  ];
  return said.length === 0 ? 'every process' : said.join('; ');
}

const clockWords = {
  idleSeconds: 'idle',
  busySeconds: 'busy',
  ageSeconds: 'connected',
  transactionSeconds: 'in a transaction',
} as const;

function tellKill({ listed, selection, sort, first }: KillRequest): string {
  if (listed) {
    const count = [...listed.values()].reduce((sum, some) => sum + some.length, 0);
    return `the processes that are listed: ${String(count)}`;
  }
  const order = sort ? `, longest ${clockWords[sort]} first` : '';
  return `${tellSelection(selection)}${first ? `; the first ${String(first)} of these${order}` : ''}`;
}

function blockingWords(blocking: boolean): string {
  return blocking ? 'blocks others, and is not blocked itself' : 'blocks no others, or is blocked itself';
}

function tellWords(fact: string, wanted: readonly string[], unwanted: readonly string[]): readonly string[] {
  if (wanted.length + unwanted.length === 0) return [];
  const is = wanted.length > 0 ? [`is ${wanted.join(' or ')}`] : [];
  const isNot = unwanted.length > 0 ? [`is not ${unwanted.join(' nor ')}`] : [];
  return [`${fact} ${[...is, ...isNot].join(' and ')}`];
}
