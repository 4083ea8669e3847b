import type { Operation, Target } from '../clients/typescript/src/sluice.ts';
import { printable, tableOf } from './output.ts';

const mostShown = 30;

/**
 * What a dry run found, for the person who decides: whom, why, what is left alone, what it draws on, what refuses it.
 */
export function previewText(operation: Operation): string {
  const { victims, protected: spared, calls, filterText, refusal, planNote } = operation;
  const targets = [...new Set(operation.targets.map(({ target }) => target))].join(', ');
  const all = victims ?? [];
  const lines = [`${whatItDoes(operation)} on ${targets}${filterText ? `\n  Chosen: ${printable(filterText)}` : ''}\n`];
  if (all.length > 0) {
    const known = all.slice(0, mostShown);
    const columns = (
      ['target', 'node', 'id', 'user', 'client', 'database', 'application', 'command', 'state'] as const
    ).map((name) => [name.toUpperCase(), (victim: (typeof all)[number]) => victim[name]] as const);
    lines.push('\n', tableOf(known, columns, '  '));
    if (all.length > known.length) lines.push(`  and ${String(all.length - known.length)} more\n`);
  }
  if ((spared ?? []).length > 0) {
    lines.push(
      `\nLeft alone: ${String((spared ?? []).length)} protected (${countsOf((spared ?? []).map(({ why }) => why))})\n`,
    );
  }
  for (const { id, why } of leftAlone(operation)) lines.push(`Not ended: ${printable(id)} (${String(why)})\n`);
  for (const call of calls ?? []) {
    const where = call.node === null ? call.target : `${call.target}/${call.node}`;
    lines.push(`Call to ${where}: ${call.method} ${call.path}${call.ids ? `, ${String(call.ids)} ids` : ''}\n`);
  }
  for (const { target, note } of operation.targets) if (note) lines.push(`Note on ${target}: ${note}\n`);
  if (planNote) lines.push(`No plan: ${planNote}\n`);
  else for (const { target, planNote: why } of operation.targets) if (why) lines.push(`No plan: ${target}: ${why}\n`);
  if (refusal) lines.push(`\nRefused: ${refusal.detail} [${refusal.code}]\n`);
  for (const { message } of refusal?.errors ?? []) lines.push(`  ${message}\n`);
  return lines.join('');
}

/** How much of what may still be killed this minute a kill takes: a line for each of its targets. */
export function budgetText({ kind, targets, refusal }: Operation, known: readonly Target[]): string {
  if (kind !== 'processes.kill') return '';
  const lines = targets.map(({ target, counts }) => {
    const left = known.find(({ name }) => name === target)?.limits.killsLeft ?? null;
    if (left === null) return '';
    const takes = `${refusal ? 'this would take' : 'this takes'} ${String(counts.wouldEnd ?? 0)}`;
    return `Kills: ${target} has ${String(left)} left this minute, ${takes}\n`;
  });
  return lines.join('');
}

/** Who was named and would not be ended. */
export function leftAlone({ targets }: Operation): Operation['targets'][number]['items'] {
  return targets.flatMap(({ items }) => items.filter(({ outcome }) => outcome === 'skipped'));
}

/** "End 2 sessions", and what a flush leaves to the vendor. */
export function whatItDoes({ kind, mode, counts, victims, targets }: Operation): string {
  const count = counts.wouldEnd ?? victims?.length ?? 0;
  const sessions = `End ${String(count)} session${count === 1 ? '' : 's'}`;
  const byVendor = targets.filter((one) => one.counts.wouldEnd === null).map(({ target }) => target);
  if (kind !== 'sessions.flush' || byVendor.length === 0) return sessions;
  const rest = mode === 'forced' ? 'every session' : 'the sessions that the vendor finds free';
  return count === 0 ? `End ${rest}` : `${sessions}, and ${rest} of ${byVendor.join(', ')},`;
}

/** What came of it, target by target. */
export function outcomeText(operation: Operation): string {
  const lines = operation.targets.map(({ target, state, effect, counts, note, problem, drain }) => {
    const words = Object.entries(counts)
      .filter(([name, count]) => count !== null && count !== 0 && name !== 'wouldEnd')
      .map(([name, count]) => `${String(count)} ${countWords[name] ?? name}`);
    const told = words.length > 0 ? words.join(', ') : effect === 'none' ? 'nothing was ended' : effect;
    const drains = drain
      ? ` (drain: ${drain.state}${drain.remaining === null ? '' : `, ${String(drain.remaining)} left`})`
      : '';
    return `${target}: ${state}, ${told}${drains}\n${note ? `  ${note}\n` : ''}${problem ? `  ${printable(problem.detail)} [${problem.code}]\n` : ''}`;
  });
  const unknown = operation.state === 'unknown' || operation.targets.some(({ state }) => state === 'unknown');
  const advice = unknown
    ? `The outcome is unknown: nothing is sent twice. Look again, or: sluice wait ${operation.id}\n`
    : '';
  return `${operation.id}: ${operation.state}\n${lines.join('')}${advice}`;
}

const countWords: Readonly<Record<string, string>> = {
  ended: 'ended',
  deferred: 'marked, they end when they are released',
  notFound: 'not found (gone already)',
  skipped: 'left alone',
  failed: 'failed',
  unknown: 'unknown',
};

function countsOf(words: readonly (string | null)[]): string {
  const each = [...new Set(words)].map(
    (word) => `${String(words.filter((one) => one === word).length)} ${String(word)}`,
  );
  return each.join(', ');
}
