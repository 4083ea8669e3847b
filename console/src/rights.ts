import type { Grant, Me } from '../../clients/typescript/src/sluice.ts';

/** May somebody do without an approval on all of these targets, in an emergency? */
export function mayBreakGlass(me: Me | null, targets: readonly string[]): boolean {
  return may(me, targets, ({ breakGlass }) => breakGlass === true);
}

/** May somebody approve what others ask for on all of these targets? */
export function mayApprove(me: Me | null, targets: readonly string[]): boolean {
  return may(
    me,
    targets,
    ({ role, approve, actions = [] }) => role === 'admin' || approve === true || actions.includes('approve'),
  );
}

function may(me: Me | null, targets: readonly string[], allows: (grant: Grant) => boolean): boolean {
  const granted = (me?.grants ?? []).filter(allows).flatMap((grant) => grant.targets);
  return targets.every((target) => granted.some((glob) => fits(glob, target)));
}

/** `*` stands for any run of characters. */
function fits(glob: string, name: string): boolean {
  const pieces = glob.split('*').map((piece) => piece.replaceAll(/[^\w-]/g, String.raw`\$&`));
  return new RegExp(`^${pieces.join('.*')}$`).test(name);
}
