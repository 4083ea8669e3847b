import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { Approval, ApprovalDecision, ApprovalNeeds } from '../core/model/approval.js';
import { remark } from '../platform/http/shapes.js';
import { Input } from '../validation/input.js';
import { Optional, Remark } from '../validation/rules.js';

/** Who may approve an operation. */
@ApiSchema({ name: 'ApprovalNeeds', description: 'Who may approve an operation: one person is enough.' })
export class ApprovalNeedsDto implements ApprovalNeeds {
  /** The action that a grant must allow. */
  @ApiProperty({ enum: ['approve'], example: 'approve' })
  action!: 'approve';
  /** On which targets: all of them. */
  @ApiProperty({ type: [String], example: ['orders'] })
  targets!: readonly string[];
  /** Who may not: who asked for it, and on whose behalf. */
  @ApiProperty({ type: [String], example: ['billing-app', 'sue'] })
  notBy!: readonly string[];
}

/** What was said of an operation that waited. */
@ApiSchema({ name: 'ApprovalDecision', description: 'What somebody said of an operation that waited for an approval.' })
export class ApprovalDecisionDto implements ApprovalDecision {
  /** `withdrawn`: its own caller did not want it any more. `expired`: no decision came in time. */
  @ApiProperty({ enum: ['approved', 'rejected', 'withdrawn', 'expired'], example: 'approved' })
  is!: ApprovalDecision['is'];
  /** When. */
  @ApiProperty({ format: 'date-time', example: '2026-11-21T03:04:00.000Z' })
  at!: string;
  /** Who said it; null where time alone decided. */
  @ApiProperty({ type: String, nullable: true, example: 'dba-on-call' })
  by!: string | null;
  /** Why, in that caller's words. */
  @ApiProperty({ ...remark, nullable: true, example: 'seen with Sue, they are leaked' })
  reason!: string | null;
}

/** Of an operation that somebody else had to approve. */
@ApiSchema({ name: 'Approval', description: 'Since when an operation waits for an approval, and what was said.' })
export class ApprovalDto implements Approval {
  /** When it was asked for. */
  @ApiProperty({ format: 'date-time', example: '2026-11-21T03:00:00.000Z' })
  requestedAt!: string;
  /** When it is over by itself: nothing is sent then. */
  @ApiProperty({ format: 'date-time', example: '2026-11-21T03:30:00.000Z' })
  expiresAt!: string;
  /** Who may approve it. */
  needs!: ApprovalNeedsDto;
  /** What was said; null while it waits. */
  @ApiProperty({ type: () => ApprovalDecisionDto, nullable: true, example: null })
  decision!: ApprovalDecisionDto | null;
}

/** Why an operation is approved, or not. */
@ApiSchema({ name: 'Decide', description: 'Why an operation is approved, or rejected.' })
export class DecideBody extends Input {
  /** Why, for the record: up to 500 printable characters. */
  @Optional()
  @ApiProperty({ ...remark, required: false, example: 'seen with Sue, they are leaked' })
  @Remark()
  reason?: string;
}
