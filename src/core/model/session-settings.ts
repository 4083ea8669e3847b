/** The parameters of a 1010data session. What is absent is left as it is. */
export interface SessionSettings {
  readonly infinityToNa: boolean;
  readonly stepwise?: boolean;
  /** 0 to 10: how finely selections are cut into sections. */
  readonly blocking?: number;
}
