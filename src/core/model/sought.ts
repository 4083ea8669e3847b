/** The facts by whose exact values a vendor may filter before it cuts its list. */
export const narrowFacts = ['user', 'client', 'database'] as const;
export type NarrowFact = (typeof narrowFacts)[number];

/** One exact value of each of some of them; of a client its address alone. */
export type Narrowing = Readonly<Partial<Record<NarrowFact, string>>>;

/** What a look is for, where less than the whole list serves it. */
export interface Sought {
  /**
   * Once all of these were seen, nothing else is needed: the look may end there, and tell that the list is not whole.
   * Only where it is certain that no later row is about one of them, since of several rows the protected one wins.
   */
  readonly ids?: readonly string[];
  /** The vendor is to list nobody else. */
  readonly narrowing?: Narrowing;
}
