/** What can be turned on the emulated cloud; every one of them also while it runs. */
export interface HuaweiKnobs {
  /** Length of an IAM token in bytes, from 64 up to about 100,000. */
  tokenBytes: number;
  tokenLifetimeMs: number;
  /** Wrong passwords within `passwordLockMs` that lock the user; 0 never locks. */
  passwordFailureLimit: number;
  passwordLockMs: number;
  /** When the password of the user ends, as IAM writes times; it does not if empty. */
  passwordExpiresAt: string;
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
  /**
   * While a job of a DCS instance runs, no other may begin, and nobody may be killed; else kills alone exclude each
   * other.
   */
  oneJob: boolean;
  /** DCS clients that a kill-all ended are back at once, with new ids and ports. */
  reconnectAfterKillAll: boolean;
  /**
   * The unit of GaussDB's three `*_start`: the typed clients read 32 bits, which hold seconds; nobody has seen it live.
   */
  gaussdbTimes: 'seconds' | 'milliseconds';
  /** Rows in which GaussDB lists one session, one for each of its threads. */
  rowsPerSession: number;
  /** How rows write their ids: as the vendor's pages do, or all as strings, or all as numbers. */
  rowIds: 'documented' | 'strings' | 'numbers';
  /** So many rows at the head of each list have no id. */
  rowsWithoutIds: number;
  /** Whether the rows of a DCS proxy name the `peer` by which a client can be killed. */
  proxyPeers: boolean;
  /**
   * The code by which every call on an instance is refused for its state: `DCS.…` with 400, `DBS.…` with 409; none if
   * empty.
   */
  stateRefusal: string;
  /** How long a page of a list takes. */
  pageMs: number;
  /**
   * So many threads a second end on the first node of TaurusDB, and as many begin; only those whose user is `churn`
   * end.
   */
  churnPerSecond: number;
  /** A DCS scan without `clean_cache: true` keeps a list that is there already. */
  scanKeepsList: boolean;
}

/** The values a cloud starts with. */
export const DEFAULT_KNOBS: Readonly<HuaweiKnobs> = {
  tokenBytes: 2048,
  tokenLifetimeMs: 24 * 60 * 60 * 1000,
  passwordFailureLimit: 5,
  passwordLockMs: 15 * 60 * 1000,
  passwordExpiresAt: '',
  tokenRequestLimit: 0,
  tokenRequestWindowMs: 1000,
  accessKeyFailureLimit: 5,
  accessKeyLockMs: 5 * 60 * 1000,
  signatureWindowMs: 15 * 60 * 1000,
  jobMs: 300,
  oneJob: false,
  reconnectAfterKillAll: false,
  gaussdbTimes: 'seconds',
  rowsPerSession: 1,
  rowIds: 'documented',
  rowsWithoutIds: 0,
  proxyPeers: true,
  stateRefusal: '',
  pageMs: 0,
  churnPerSecond: 0,
  scanKeepsList: false,
};

const CHOICES: Readonly<Partial<Record<keyof HuaweiKnobs, readonly string[]>>> = {
  gaussdbTimes: ['seconds', 'milliseconds'],
  rowIds: ['documented', 'strings', 'numbers'],
};

/** Turns the named knobs; throws an Error, and turns none, if there is no such knob or it has no such value. */
export function turnKnobs(knobs: HuaweiKnobs, values: Readonly<Record<string, unknown>>): HuaweiKnobs {
  const current = new Map<string, unknown>(Object.entries(knobs));
  const choices = new Map<string, readonly string[]>(Object.entries(CHOICES));
  for (const [name, value] of Object.entries(values)) {
    if (typeof value !== typeof current.get(name)) throw new Error(`There is no knob ${name} of that type`);
    const among = choices.get(name);
    if (among && !among.includes(value as string)) throw new Error(`${name} is one of ${among.join(', ')}`);
  }
  return Object.assign(knobs, values);
}

/** An id as rows write it; absent in the first rows of a list if the knob says so. */
export function rowId(
  knobs: HuaweiKnobs,
  index: number,
  id: string | bigint,
  documentedAs: 'strings' | 'numbers',
): string | bigint | undefined {
  if (index < knobs.rowsWithoutIds) return undefined;
  const written = knobs.rowIds === 'documented' ? documentedAs : knobs.rowIds;
  return written === 'strings' ? String(id) : BigInt(id);
}
