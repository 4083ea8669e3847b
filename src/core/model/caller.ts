import type { Ability } from './abilities.js';

/** What a caller may do, each including the one before. */
export const roles = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof roles)[number];

/** A role on the targets whose names match one of the globs. */
export interface Grant {
  readonly role: Role;
  matches(target: string): boolean;
  /** May the caller read the text of statements, which can hold personal data? */
  readonly statements: boolean;
}

/** Who is asking. A JWT caller is called `<iss>#<sub>`. */
export interface Caller {
  readonly name: string;
  readonly grants: readonly Grant[];
}

/** A grant, and the globs that it was configured with. */
export interface ConfiguredGrant extends Grant {
  readonly targets: readonly string[];
}

/** By what Sluice knows a caller. */
export const credentialKinds = ['apiKey', 'token', 'anonymous'] as const;
export type CredentialKind = (typeof credentialKinds)[number];

/** A caller, and by what it was found out. */
export interface KnownCaller extends Caller {
  readonly grants: readonly ConfiguredGrant[];
  readonly credential: CredentialKind;
  /** When the credential stops working, in milliseconds since the epoch; Infinity if never. */
  readonly expiresAt: number;
}

/** The highest role that the caller holds on a target; null if the target does not exist for it. */
export function roleOn(caller: Caller, target: string): Role | null {
  const held = caller.grants.filter((grant) => grant.matches(target)).map((grant) => roles.indexOf(grant.role));
  return held.length === 0 ? null : (roles[Math.max(...held)] ?? null);
}

/** Does a caller hold at least this role on a target? */
export function holds(caller: Caller, target: string, role: Role): boolean {
  const held = roleOn(caller, target);
  return held !== null && roles.indexOf(held) >= roles.indexOf(role);
}

/** May a caller read the statements of a target? */
export function maySeeStatements(caller: Caller, target: string): boolean {
  return caller.grants.some((grant) => grant.statements && grant.matches(target));
}

/** The role that each ability needs. */
export const roleFor: Record<Ability, Role> = { look: 'viewer', flush: 'operator', kill: 'operator', tune: 'operator' };
