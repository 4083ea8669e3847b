/** What can be turned on the emulated cloud; every one of them also while it runs. */
export interface HuaweiKnobs {
  /** Length of an IAM token in bytes, from 64 up to about 100,000. */
  tokenBytes: number;
  tokenLifetimeMs: number;
  /** Wrong passwords within `passwordLockMs` that lock the user; 0 never locks. */
  passwordFailureLimit: number;
  passwordLockMs: number;
  /** Token requests allowed within `tokenRequestWindowMs`; 0 allows any number. */
  tokenRequestLimit: number;
  tokenRequestWindowMs: number;
  /** More consecutive bad signatures than this lock the access key; 0 never locks. */
  accessKeyFailureLimit: number;
  accessKeyLockMs: number;
  /** How far `X-Sdk-Date` may be from the cloud's clock. */
  signatureWindowMs: number;
  /** How long a DCS job takes; its first third is INIT, the rest RUNNING. */
  jobMs: number;
  /** While a job of a DCS instance runs, no other may begin, and nobody may be killed; else kills alone exclude each other. */
  oneJob: boolean;
  /** DCS clients that a kill-all ended are back at once, with new ids and ports. */
  reconnectAfterKillAll: boolean;
  /** A DCS scan without `clean_cache: true` keeps a list that is there already. */
  scanKeepsList: boolean;
}

/** The values a cloud starts with. */
export const DEFAULT_KNOBS: Readonly<HuaweiKnobs> = {
  tokenBytes: 2048,
  tokenLifetimeMs: 24 * 60 * 60 * 1000,
  passwordFailureLimit: 5,
  passwordLockMs: 15 * 60 * 1000,
  tokenRequestLimit: 0,
  tokenRequestWindowMs: 1000,
  accessKeyFailureLimit: 5,
  accessKeyLockMs: 5 * 60 * 1000,
  signatureWindowMs: 15 * 60 * 1000,
  jobMs: 300,
  oneJob: false,
  reconnectAfterKillAll: false,
  scanKeepsList: false,
};
