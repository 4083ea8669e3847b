/** What a column holds. */
export type Value = string | number | null;

/** One statement with its parameters, as its engine takes it. */
export interface Statement {
  /** Only statements that are used again and again have one. */
  readonly name?: string;
  readonly sql: string;
  readonly parameters: readonly Value[];
}

/** The parameters of a statement by their names: those that it does not name are left out. */
export type Values = Readonly<Record<string, Value>>;

/**
 * How an engine marks the parameter at this place: SQLite by `?` each time, PostgreSQL by `$1` and so on, each name
 * once.
 */
export type Mark = '?' | '$';

/** Translates `:name` to the marks of an engine, once; filling in the parameters is all that is left for each use. */
export function bind(text: string, mark: Mark, name?: string): (values: Values) => Statement {
  const names: string[] = [];
  const sql = text.replaceAll(/:([a-z]\w*)/gi, (_, found: string) => {
    const known = names.indexOf(found);
    if (mark === '$' && known >= 0) return `$${String(known + 1)}`;
    names.push(found);
    return mark === '$' ? `$${String(names.length)}` : '?';
  });
  return (values) => ({
    ...(name === undefined ? {} : { name }),
    sql,
    parameters: names.map((one) => {
      const value = values[one];
      if (value === undefined) throw new TypeError(`The statement ${name ?? sql} lacks its parameter ${one}.`);
      return value;
    }),
  });
}

/** Text as both engines can hold it: PostgreSQL has no NUL, and neither has a lone surrogate. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD');
}
