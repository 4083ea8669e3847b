import { expect, it } from '@jest/globals';
import type { LookedTarget } from '../src/core/look/look.js';
import type { Operation } from '../src/core/model/operation.js';
import type { Problem } from '../src/core/model/problem.js';
import type { Process } from '../src/core/model/process.js';
import type { OperationDto } from '../src/operations/operations.dto.js';
import type { ProblemDto } from '../src/platform/http/problem.dto.js';
import type { LookedTargetDto, ProcessDto } from '../src/processes/processes.dto.js';

/** True if either type may stand for the other: a member that only one of them has is an error of the compiler's. */
type Same<Left, Right> = [Required<Left>, Required<Right>] extends [Required<Right>, Required<Left>]
  ? keyof Left extends keyof Right
    ? keyof Right extends keyof Left
      ? true
      : never
    : never
  : never;

it('documents exactly what core answers', () => {
  const same: [
    Same<OperationDto, Operation>,
    Same<ProcessDto, Process>,
    Same<LookedTargetDto, LookedTarget>,
    Same<ProblemDto, Problem>,
  ] = [true, true, true, true];
  expect(same).not.toContain(false);
});
