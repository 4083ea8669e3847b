import type { Ability } from './abilities.js';
import type { Mode } from './target.js';

/** What a grant may allow, each by itself. */
export const actions = ['look', 'kill', 'flush', 'flush:forced', 'tune', 'approve', 'freeze', 'audit'] as const;
/** One of them. */
export type Action = (typeof actions)[number];

/** Names for sets of actions, each including the one before. */
export const roles = ['viewer', 'operator', 'admin'] as const;
/** One of them. */
export type Role = (typeof roles)[number];

const ofViewers: readonly Action[] = ['look'];
const ofOperators: readonly Action[] = [...ofViewers, 'kill', 'flush', 'flush:forced', 'tune'];
const actionsOfRole: Readonly<Record<Role, readonly Action[]>> = {
  viewer: ofViewers,
  operator: ofOperators,
  admin: actions,
};

/** What narrows the caps of a target for a caller. */
export interface GrantCaps {
  readonly maxProcesses?: number;
  readonly killsPerMinute?: number;
}

/** What is allowed on the targets whose names match one of the globs: by a role, by actions, or by both together. */
export interface Grant {
  readonly role: Role | null;
  /** Beside those of the role. */
  readonly actions?: readonly Action[];
  readonly caps?: GrantCaps;
  /** May the caller do without an approval in an emergency? */
  readonly breakGlass?: boolean;
  matches(target: string): boolean;
  /** May the caller read the text of statements, which can hold personal data? */
  readonly statements: boolean;
}

/** Who is asking. A JWT caller is called `<iss>#<sub>`. */
export interface Caller {
  readonly name: string;
  /** What its token calls the person, where the configuration says which claim tells it. */
  readonly displayName?: string;
  readonly grants: readonly Grant[];
  /** By what it was found out; absent where nobody asks. */
  readonly credential?: CredentialKind;
}

/** A grant, and how it was configured. */
export interface ConfiguredGrant extends Grant {
  readonly targets: readonly string[];
  readonly written: WrittenGrant;
}

/** The members of a grant that the configuration writes beside its targets and statements. */
export interface WrittenGrant {
  readonly role?: Role;
  readonly actions?: readonly Action[];
  readonly approve?: boolean;
  readonly breakGlass?: boolean;
  readonly caps?: GrantCaps;
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

/** Does the target exist for a caller? */
export function isVisible(caller: Caller, target: string): boolean {
  return caller.grants.some((grant) => grant.matches(target));
}

/** May a caller do this to a target? */
export function mayDo(caller: Caller, target: string, action: Action): boolean {
  return caller.grants.some((grant) => actionsOf(grant).includes(action) && grant.matches(target));
}

/** May a caller change a target in any way? */
export function mayChange(caller: Caller, target: string): boolean {
  return (['kill', 'flush', 'flush:forced', 'tune'] as const).some((action) => mayDo(caller, target, action));
}

/** Does a caller see what others did to a target? All may who may do more there than look. */
export function seesOperations(caller: Caller, target: string): boolean {
  return actions.some((action) => action !== 'look' && mayDo(caller, target, action));
}

/** May a caller do without an approval on a target, in an emergency? */
export function mayBreakGlass(caller: Caller, target: string): boolean {
  return caller.grants.some((grant) => grant.breakGlass === true && grant.matches(target));
}

/** The highest role that the caller holds on a target; null if it holds none. */
export function roleOn(caller: Caller, target: string): Role | null {
  const held = caller.grants.filter((grant) => grant.matches(target)).flatMap(({ role }) => role ?? []);
  return roles.findLast((role) => held.includes(role)) ?? null;
}

/** What a caller is to a target, in words for a refusal. */
export function tellHeld(caller: Caller, target: string): string {
  const matching = caller.grants.filter((grant) => grant.matches(target));
  const role = roleOn(caller, target);
  if (role !== null && matching.every((grant) => grant.actions === undefined)) return `is ${role} of "${target}"`;
  const held = actions.filter((action) => mayDo(caller, target, action));
  return `may ${held.length === 0 ? 'do nothing' : held.join(', ')} on "${target}"`;
}

/** The narrowest caps of all grants that a caller has on a target. */
export function capsOn(caller: Caller, target: string): Required<GrantCaps> {
  const caps = caller.grants.filter((grant) => grant.matches(target)).map((grant) => grant.caps ?? {});
  const least = (cap: keyof GrantCaps): number => Math.min(...caps.map((one) => one[cap] ?? Infinity), Infinity);
  return { maxProcesses: least('maxProcesses'), killsPerMinute: least('killsPerMinute') };
}

/** May a caller read the statements of a target? */
export function maySeeStatements(caller: Caller, target: string): boolean {
  return caller.grants.some((grant) => grant.statements && grant.matches(target));
}

/** The action that a call needs. */
export function actionFor(ability: Ability, mode: Mode = 'graceful'): Action {
  return ability === 'flush' && mode === 'forced' ? 'flush:forced' : ability;
}

/** The lowest role that has an action. */
export function roleFor(action: Action): Role {
  return roles.find((role) => actionsOfRole[role].includes(action)) ?? 'admin';
}

function actionsOf({ role, actions: own = [] }: Grant): readonly Action[] {
  return role === null ? own : [...actionsOfRole[role], ...own];
}
