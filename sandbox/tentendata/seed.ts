/** An account at the start. */
interface SeedUser {
  readonly uid: string;
  readonly password: string;
  readonly company: string;
  /** Whether it may speak for every pool that its company owns. */
  readonly admin?: boolean;
}

/** An id of a pool at the start. */
export interface SeedMember {
  readonly uid: string;
  readonly taken?: boolean;
  readonly loggedIn?: boolean;
  readonly marked?: boolean;
}

/** A pool at the start; a member that is no user is a nested group, which can be handed out and not logged in. */
interface SeedPool {
  readonly gid: string;
  readonly owner: string;
  readonly members: readonly SeedMember[];
}

export interface TentendataSeed {
  readonly users: readonly SeedUser[];
  readonly pools: readonly SeedPool[];
}

const password = 'poolPass1';

/** Two companies: a pool with three taken ids, two free and one offline, a small one, and one that is empty. */
export const demonstration: TentendataSeed = {
  users: [
    { uid: 'acme_owner', password: 'ownerPass1', company: 'acme' },
    { uid: 'acme_admin', password: 'adminPass1', company: 'acme', admin: true },
    { uid: 'acme_m1', password, company: 'acme' },
    { uid: 'acme_m2', password, company: 'acme' },
    { uid: 'acme_m3', password, company: 'acme' },
    { uid: 'acme_m4', password, company: 'acme' },
    { uid: 'acme_m5', password, company: 'acme' },
    { uid: 'acme_m6', password, company: 'acme' },
    { uid: 'zeta_owner', password: 'zetaPass1', company: 'zeta' },
    { uid: 'zeta_m1', password, company: 'zeta' },
    { uid: 'zeta_m2', password, company: 'zeta' },
  ],
  pools: [
    {
      gid: 'acme_pool',
      owner: 'acme_owner',
      members: [
        { uid: 'acme_m1', taken: true, loggedIn: true },
        { uid: 'acme_m2', taken: true, loggedIn: true },
        { uid: 'acme_m3', taken: true, loggedIn: true },
        { uid: 'acme_m4', loggedIn: true },
        { uid: 'acme_m5', loggedIn: true },
        { uid: 'acme_m6' },
      ],
    },
    { gid: 'acme_spare', owner: 'acme_owner', members: [] },
    {
      gid: 'zeta_pool',
      owner: 'zeta_owner',
      members: [{ uid: 'zeta_m1', taken: true, loggedIn: true }, { uid: 'zeta_m2' }],
    },
  ],
};
