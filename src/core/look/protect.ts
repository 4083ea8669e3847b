import type { Protection, Seen } from '../model/process.js';
import { fits } from '../model/fits.js';
import type { Selection } from '../model/selection.js';
import type { Target } from '../model/target.js';

/**
 * Why nobody may end this process through Sluice; null if anybody who may kill may. It is judged of what a listing
 * gave, so that nothing the backend needs for it is missing. What is built in is told first: no configuration takes it
 * away.
 */
export function protectionOf(target: Pick<Target, 'protects' | 'safeguards'>, process: Seen): Protection | null {
  return (
    target.protects(process) ?? (target.safeguards.protect.some((rule) => covers(rule, process)) ? 'configured' : null)
  );
}

/** A fact that is null may fit, so it does: it protects. */
function covers(rule: Selection, process: Seen): boolean {
  const isThere = rule.nodes.length === 0 || process.node === null || rule.nodes.includes(process.node);
  return isThere && fits(process, rule, true);
}
