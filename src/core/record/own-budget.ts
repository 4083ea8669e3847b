/** The budget of one caller on a target, where its grants narrow that of the target. No target has such a name. */
export function ownBudget(caller: string, target: string): string {
  return `${target} ${caller}`;
}

/** Names a budget in a sentence. */
export function tellBudget(budget: string): string {
  const [target = '', ...caller] = budget.split(' ');
  return caller.length === 0 ? `"${target}"` : `"${target}" by ${caller.join(' ')}`;
}
