import type { OpenResult, Terms } from '../../core/record/journal.js';
import type { MemoryClaims } from './memory.claims.js';
import type { MemoryKills } from './memory.kills.js';

/** Takes what an operation claims and spends: all of it, or nothing, and then it says why. */
export function takeTerms(
  claims: MemoryClaims,
  kills: MemoryKills,
  id: string,
  terms: Terms,
  at: number,
): OpenResult | undefined {
  for (const { scope, name } of terms.claims) {
    const held = claims.held(scope, name, at);
    if (held) return { is: 'held', held };
  }
  for (const { target, count, perMinute } of terms.spending) {
    const answer = kills.left(target, count, perMinute, at);
    if (answer.left < count) return { is: 'spent', target, ...answer };
  }
  claims.take(terms.claims, id);
  for (const { target, count } of terms.spending) kills.spend(id, target, count, at);
  return undefined;
}
