/** What a replica can take. No vendor's health has a part in it. */
export interface Readiness {
  /** False while it starts and while it stops. */
  ready: boolean;
  /**
   * The store was written since this replica began. A later outage changes nothing: looks go on, and others are no
   * better.
   */
  readonly store: { readonly wasWritten: boolean };
}
