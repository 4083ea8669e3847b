import { sql, type Compilable, type RawBuilder } from 'kysely';

/** What a column holds. */
export type Value = string | number | null;

/** One statement with its parameters, in the words of one engine. */
export interface Statement {
  /** Only statements that are used again and again have one. */
  readonly name?: string;
  readonly sql: string;
  readonly parameters: readonly Value[];
}

/** Stands for a parameter that is given later. */
class Slot {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

type Values = Readonly<Record<string, Value>>;
type Slots<Given extends Values> = { readonly [Name in keyof Given]: RawBuilder<Given[Name]> };

let prepared = 0;

/** Compiles a statement once, so that using it costs no more than filling in its parameters. */
export function prepare<Given extends Values>(
  build: (slots: Slots<Given>) => Compilable,
): (values: Given) => Statement {
  const slots = new Proxy({}, { get: (_target, name) => sql.val(new Slot(String(name))) }) as Slots<Given>;
  const { sql: text, parameters } = build(slots).compile();
  prepared += 1;
  const name = `s${String(prepared)}`;
  return (values) => ({
    name,
    sql: text,
    parameters: parameters.map((one) => (one instanceof Slot ? values[one.name as keyof Given] : (one as Value))),
  });
}

/** Compiles a statement that is not worth keeping. */
export function compile(query: Compilable): Statement {
  const { sql: text, parameters } = query.compile();
  return { sql: text, parameters: parameters as readonly Value[] };
}

/** Text as both engines can hold it: PostgreSQL has no NUL, and neither has a lone surrogate. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD');
}
