import type { ClockFact, Process } from './process.js';

/** Where a process stands in the list: by target, then node, then id. */
export type Position = Pick<Process, 'target' | 'node' | 'id'>;

/** The duration that processes are sorted by, longest first. */
export type Sort = ClockFact;

const digits = /^\d+$/;

/** Orders ids by their number where both are numbers, however long; numbers come before other text. */
export function compareIds(left: string, right: string): number {
  const leftIsNumber = digits.test(left);
  const rightIsNumber = digits.test(right);
  if (leftIsNumber && rightIsNumber) {
    const [leftNumber, rightNumber] = [withoutZeros(left), withoutZeros(right)];
    const difference = leftNumber.length - rightNumber.length || compareText(leftNumber, rightNumber);
    if (difference !== 0) return difference;
  } else if (leftIsNumber !== rightIsNumber) {
    return leftIsNumber ? -1 : 1;
  }
  return compareText(left, right);
}

function withoutZeros(id: string): string {
  return id.startsWith('0') ? id.replace(/^0+/, '') : id;
}

/** Orders by code unit: the same on every replica, whatever its locale. */
export function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Orders places by target, node and id. */
export function comparePositions(left: Position, right: Position): number {
  return (
    compareText(left.target, right.target) ||
    compareText(left.node ?? '', right.node ?? '') ||
    compareIds(left.id, right.id)
  );
}

/** Most first; those whose clock is unknown come last; the position settles ties. */
export function compareBy(sort: Sort): (left: Process, right: Process) => number {
  return (left, right) => (right[sort] ?? -1) - (left[sort] ?? -1) || comparePositions(left, right);
}
