import { isVisible } from '../model/caller.js';
import { placeIn, type Writing } from '../model/request.js';
import type { Labels, Target } from '../model/target.js';
import type { Admission } from './judging.js';

/** Does a target carry all of these labels, each written `name:value`? */
export function carries({ labels }: Pick<Target, 'labels'>, wanted: readonly string[]): boolean {
  const own = new Set(Object.entries(labels).map(([name, value]) => `${name}:${value}`));
  return wanted.every((label) => own.has(label));
}

/** Labels as a query writes them: `env:prod`. */
export function writtenLabels(labels: Labels): readonly string[] {
  return Object.entries(labels).map(([name, value]) => `${name}:${value}`);
}

/**
 * The names that a call stands for: those that it tells, and then the granted targets that carry all of its labels.
 * Labels that none of them carries are added to the refusals.
 */
export function namedOrLabelled(
  { targets, caller, refusals }: Admission,
  writing: Writing,
  named: readonly string[],
  labels: readonly string[] | undefined,
): { readonly targets: readonly string[]; readonly writing: Writing } {
  if (labels === undefined || labels.length === 0) return { targets: named, writing };
  const found = targets.all.filter((target) => isVisible(caller, target.name) && carries(target, labels));
  if (found.length === 0) {
    const at = writing.in === 'query' ? placeIn(writing, 'label') : placeIn(writing, 'labels');
    refusals.add('unknown-target', {
      ...at,
      message: `No target that is granted to you carries ${labels.join(', ')}.`,
    });
  }
  const before = new Set(named);
  const more = found.map(({ name }) => name).filter((name) => !before.has(name));
  return { targets: [...named, ...more], writing: { ...writing, labelledFrom: named.length } };
}
