/** A time in which nothing is changed on some targets: those of these names, or those that bear all of these labels. */
export interface Freeze {
  readonly id: string;
  /** Null where labels say which. */
  readonly targets: readonly string[] | null;
  readonly labels: Readonly<Record<string, string>> | null;
  readonly reason: string;
  /** Who asked for it. */
  readonly requestedBy: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** When it ends by itself, by the clock of who looks at it. */
  readonly until: number;
}
