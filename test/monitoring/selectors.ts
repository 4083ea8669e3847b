/** One vector selector of an expression: `name{label="value", …}`. */
export interface Selector {
  readonly metric: string;
  readonly matchers: readonly Matcher[];
}

export interface Matcher {
  readonly label: string;
  readonly operator: '=' | '!=' | '=~' | '!~';
  readonly value: string;
}

/** One line of a scrape. */
export interface Sample {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
}

const selector = /([a-zA-Z_:][\w:]*)\{((?:[^"{}]|"[^"]*")*)\}/g;
const matcher = /([a-zA-Z_]\w*)\s*(=~|!~|!=|=)\s*"([^"]*)"/g;
/** What an expression may hold besides selectors. A name that is none of these is a metric without braces. */
const words = new Set(
  `sum max min avg count topk by on unless and or ignoring group_left rate increase changes histogram_quantile absent time
   max_over_time min_over_time clamp_max abs bool count_values`.split(/\s+/),
);

/** All selectors of an expression. Throws where a metric stands without a selection in braces. */
export function selectorsOf(expression: string): readonly Selector[] {
  const bare = expression
    .replaceAll(selector, ' ')
    .replaceAll(/\[[^\]]*\]/g, ' ')
    .replaceAll(/\b(?:by|on|ignoring|group_left)\s*\([^)]*\)/g, ' ')
    .match(/[a-zA-Z_:][\w:]*/g);
  for (const name of bare ?? []) if (!words.has(name)) throw new Error(`${name} stands without a selection in braces`);
  return [...expression.matchAll(selector)].map(([, metric = '', inner = '']) => ({
    metric,
    matchers: [...inner.matchAll(matcher)].map(([, label = '', operator, value = '']) => ({
      label,
      operator: operator as Matcher['operator'],
      value,
    })),
  }));
}

/** The samples of a scrape, in the text format. */
export function samplesOf(scrape: string): readonly Sample[] {
  return scrape
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, metric = '', , inner = ''] = /^([a-zA-Z_:][\w:]*)(\{(.*)\})? /.exec(line) ?? [];
      return {
        metric,
        labels: Object.fromEntries(
          [...inner.matchAll(matcher)].map(([, label = '', , value = '']) => [label, value] as const),
        ),
      };
    });
}

export function fits({ labels }: Sample, { label, operator, value }: Matcher): boolean {
  const found = labels[label] ?? '';
  if (operator === '=') return found === value;
  if (operator === '!=') return found !== value;
  const isLike = new RegExp(`^(?:${value})$`).test(found);
  return operator === '=~' ? isLike : !isLike;
}
