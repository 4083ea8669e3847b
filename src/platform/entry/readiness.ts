/** What a replica can take. */
export interface Readiness {
  /** False while it starts and while it stops. No vendor's health has a part in it. */
  ready: boolean;
}
