import type { AuthConfig } from '../auth/auth.config.js';
import type { ConfigErrors } from './errors.js';

/** Adds where a grant should name a role, since it names no actions. What is wrong already is left out. */
export function tellGrantsOfNothing(auth: AuthConfig, errors: ConfigErrors): void {
  const paths = (['apiKeys', 'jwt'] as const).flatMap((list) =>
    (auth[list] ?? []).flatMap(({ grants }: Partial<NonNullable<AuthConfig['apiKeys']>[number]>, index) =>
      (grants ?? []).flatMap(({ role, actions }, at) => {
        const grant = `auth.${list}[${String(index)}].grants[${String(at)}]`;
        const isTold = errors.isRight(`${grant}.role`) && errors.isRight(`${grant}.actions`);
        return role === undefined && actions === undefined && isTold ? [`${grant}.role`] : [];
      }),
    ),
  );
  for (const path of paths) errors.add(path, 'must be there, unless actions are');
}
