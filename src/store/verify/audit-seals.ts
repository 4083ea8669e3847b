import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { MadeSeal } from '../../core/record/seals.js';
import type { Finding } from './findings.js';
import { sealFinding } from './judge-seal.js';

/** What an audit log says of a seal. */
interface LoggedSeal {
  readonly hashes: readonly string[];
  readonly at: string;
  readonly newestAt: string;
}

/** The seals of an audit log that was kept elsewhere, by their numbers. */
export class AuditSeals {
  readonly #seals = new Map<number, LoggedSeal>();

  /** Reads the lines of a file that are seals, whatever stands before and between them. */
  static async read(file: string): Promise<AuditSeals> {
    const seals = new AuditSeals();
    for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
      const seal = sealOf(line);
      if (seal) seals.#add(seal);
    }
    return seals;
  }

  get size(): number {
    return this.#seals.size;
  }

  #add({ number, hash, at, newestAt }: MadeSeal): void {
    const hashes = this.#seals.get(number)?.hashes ?? [];
    if (!hashes.includes(hash)) this.#seals.set(number, { hashes: [...hashes, hash], at, newestAt });
  }

  has(number: number): boolean {
    return this.#seals.has(number);
  }

  /** What is wrong with a seal of the store. */
  judge(number: number, hash: string): Finding | null {
    const { hashes = [], at = '' } = this.#seals.get(number) ?? {};
    const others = hashes.filter((one) => one !== hash);
    if (others.length === 0) return null;
    const detail = `The audit log has another one of ${at}, with the hash ${String(others[0])}: the store was written anew, or restored from a copy.`;
    return sealFinding('changed', number, detail);
  }

  /** The first seal that the store should have and has not: it may have lost those before its first by age. */
  judgeMissing(first: number, last: number, keptSince: number): Finding | null {
    const missing = [...this.#seals].filter(
      ([number, { newestAt }]) => number > last || (number < first && Date.parse(newestAt) >= keptSince),
    );
    const [found] = missing.toSorted(([left], [right]) => left - right);
    return found ? sealFinding('removed', found[0], `The audit log has it, of ${found[1].at}.`) : null;
  }
}

/** The seal that a line tells; undefined if it tells none. Collectors may write something before the JSON. */
function sealOf(line: string): MadeSeal | undefined {
  if (!line.includes('"audit":"seal"')) return undefined;
  try {
    const told = JSON.parse(line.slice(line.indexOf('{'))) as MadeSeal;
    return Number.isInteger(told.number) && typeof told.hash === 'string' ? told : undefined;
  } catch {
    return undefined;
  }
}
