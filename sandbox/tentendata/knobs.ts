/** What the vendor does not document, or documents in two ways. */
export interface TentendataKnobs {
  /** Whether a login by possess gives the session a new encrypted password, which ends the old one. */
  possessRotatesPassword: boolean;
  /** Whether `kill=auth` answers with the message alone, or with the session there is. */
  authReply: 'message' | 'session';
  /** What a request meets whose session runs a query: it waits for its end, or is refused as busy. */
  parallel: 'queue' | 'busy';
  /** When `flushpool` ends the sessions of free ids. */
  flushFree: 'now' | 'onGetuid' | 'never';
  /** Whether `warmpool` leaves the ids it has logged in taken. */
  warmLeavesBusy: boolean;
  notOwnerRc: 1 | 37;
  gidRequiredOnReluid: boolean;
  plusIsSpace: boolean;
  /** What may be asked by GET: logging in and out, as production clients do, or whatever has no body. */
  byGet: 'logins' | 'all' | 'nothing';
  idleMinutes: number;
  /** How long an id stays taken after a logout without release. */
  reservationMinutes: number;
  /** How long a login with `kill=no` still meets rc 5 after a logout. */
  recycleMilliseconds: number;
  /** The code of "System busy, please try again" when a pool has no free id. */
  busyRc: number;
  /** The code when a real password comes where the encrypted one is due. */
  wrongPasswordKindRc: 4 | 35;
  samstatusSupported: boolean;
  samstatusShape: 'attributes' | 'elements' | 'words';
  releaseErrorRc: number;
  xmlProlog: boolean;
  versionInLogin: boolean;
  /** The most sessions a company may have at once; null for no limit. */
  maxLogins: number | null;
  maxLoginsRc: number;
  /** How many wrong passwords a uid has within `throttleMinutes` before login answers rc 45; null for never. */
  throttleAfter: number | null;
  throttleMinutes: number;
}

/** The vendor as it is most likely. */
export const likelyKnobs: Readonly<TentendataKnobs> = {
  possessRotatesPassword: false,
  authReply: 'message',
  parallel: 'queue',
  flushFree: 'now',
  warmLeavesBusy: false,
  notOwnerRc: 37,
  gidRequiredOnReluid: false,
  plusIsSpace: false,
  byGet: 'logins',
  idleMinutes: 15,
  reservationMinutes: 15,
  recycleMilliseconds: 0,
  busyRc: 38,
  wrongPasswordKindRc: 4,
  samstatusSupported: true,
  samstatusShape: 'attributes',
  releaseErrorRc: 1,
  xmlProlog: false,
  versionInLogin: true,
  maxLogins: null,
  maxLoginsRc: 38,
  throttleAfter: null,
  throttleMinutes: 5,
};
