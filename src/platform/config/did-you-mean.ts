/** `: did you mean "port"?`, if one of the names is so near that the word must be meant for it; else nothing. */
export function didYouMean(word: unknown, names: readonly string[]): string {
  if (typeof word !== 'string' || word === '') return '';
  const near = names
    .map((name) => ({ name, steps: distance(word.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, steps }) => steps <= Math.min(2, Math.floor(Math.max(word.length, name.length) / 3)))
    .toSorted((one, other) => one.steps - other.steps)[0];
  return near ? `: did you mean ${JSON.stringify(near.name)}?` : '';
}

/** How many letters must be changed, added, left out or swapped with the next one to make one word of the other. */
function distance(one: string, other: string): number {
  let [before, last] = [[] as number[], Array.from({ length: other.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const isSame = one[i - 1] === other[j - 1];
      const steps = [(last[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (isSame ? 0 : 1)];
      const isSwapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      if (isSwapped) steps.push((before[j - 2] ?? 0) + 1);
      next.push(Math.min(...steps));
    }
    [before, last] = [last, next];
  }
  return last[other.length] ?? 0;
}
