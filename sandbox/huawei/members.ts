import { isInteger, parse } from 'lossless-json';
import type { Arrived } from '../exchange.ts';
import type { Complaints } from './refusal.ts';

const JSON_TYPE = /^application\/json\s*(;\s*charset="?utf-?8"?)?$/i;

/** The members of a JSON object, read strictly: what is missing, unknown or of the wrong type is refused. */
export class Members {
  readonly #values: ReadonlyMap<string, unknown>;
  readonly #complaints: Complaints;

  constructor(value: object, known: readonly string[], complaints: Complaints) {
    this.#values = new Map(Object.entries(value));
    this.#complaints = complaints;
    for (const name of this.#values.keys()) if (!known.includes(name)) throw complaints.invalid(name);
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  text(name: string): string {
    const value = this.#values.get(name);
    if (typeof value !== 'string' || value === '') throw this.#complaints.invalid(name);
    return value;
  }

  optionalText(name: string): string | undefined {
    return this.has(name) ? this.text(name) : undefined;
  }

  optionalFlag(name: string): boolean | undefined {
    const value = this.#values.get(name);
    if (value === undefined || typeof value === 'boolean') return value;
    throw this.#complaints.invalid(name);
  }

  /** A list of at least one string, none of them empty. */
  texts(name: string): string[] {
    return this.#list(name).map((item) => {
      if (typeof item !== 'string' || item === '') throw this.#complaints.invalid(name);
      return item;
    });
  }

  /** A list of at least one JSON integer, exact at any size. */
  integers(name: string): bigint[] {
    return this.#list(name).map((item) => {
      if (typeof item !== 'bigint') throw this.#complaints.invalid(name);
      return item;
    });
  }

  object(name: string, known: readonly string[]): Members {
    const value = this.#values.get(name);
    if (!isObject(value)) throw this.#complaints.invalid(name);
    return new Members(value, known, this.#complaints);
  }

  optionalObject(name: string, known: readonly string[]): Members | undefined {
    return this.has(name) ? this.object(name, known) : undefined;
  }

  #list(name: string): unknown[] {
    const value = this.#values.get(name);
    if (!Array.isArray(value) || value.length === 0) throw this.#complaints.invalid(name);
    return value as unknown[];
  }
}

/** The request's body, which must be a JSON object of known members under a JSON content type. */
export function readBody(arrived: Arrived, known: readonly string[], complaints: Complaints): Members {
  if (!JSON_TYPE.test(arrived.headers['content-type']?.trim() ?? '')) throw complaints.contentType();
  if (arrived.body.length === 0) throw complaints.emptyBody();
  const value = parsed(arrived.body.toString('utf8'), complaints);
  if (!isObject(value)) throw complaints.notJson();
  return new Members(value, known, complaints);
}

/** The one value of a query parameter; given twice is refused, absent is undefined. */
export function queryText(query: URLSearchParams, name: string, complaints: Complaints): string | undefined {
  const values = query.getAll(name);
  if (values.length > 1 || values[0] === '') throw complaints.invalid(name);
  return values[0];
}

interface Range {
  readonly least: number;
  readonly most: number;
  readonly otherwise: number;
}

/** A query parameter that is a plain decimal integer within its range. */
export function queryInteger(query: URLSearchParams, name: string, range: Range, complaints: Complaints): number {
  const text = queryText(query, name, complaints);
  if (text === undefined) return range.otherwise;
  const value = /^\d{1,10}$/.test(text) ? Number(text) : -1;
  if (value < range.least || value > range.most) throw complaints.invalid(name);
  return value;
}

/** Refuses query parameters that the call does not know. */
export function onlyKnown(query: URLSearchParams, known: readonly string[], complaints: Complaints): void {
  for (const name of query.keys()) if (!known.includes(name)) throw complaints.invalid(name);
}

function parsed(text: string, complaints: Complaints): unknown {
  try {
    return parse(text, undefined, (digits) => (isInteger(digits) ? BigInt(digits) : Number(digits)));
  } catch {
    throw complaints.notJson();
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
