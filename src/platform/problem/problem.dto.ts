import { ApiProperty } from '@nestjs/swagger';
import { failureKinds, type FailureKind, type Fault, type UpstreamAnswer } from '../../core/failure.js';
import type { Problem } from '../../core/problem.js';

/** One thing that is wrong with a request, and where. */
export class FaultDto implements Fault {
  /** JSON pointer into the body. */
  @ApiProperty({ required: false, example: '/targets/0' })
  pointer?: string;
  /** Name of the query parameter. */
  @ApiProperty({ required: false, example: 'minIdleSeconds' })
  parameter?: string;
  @ApiProperty({ example: 'must be a whole number of at most 9 digits, given once' })
  message!: string;
}

/** What the vendor said. */
export class UpstreamAnswerDto implements UpstreamAnswer {
  @ApiProperty({ type: String, nullable: true, example: 'carts' })
  target!: string | null;
  @ApiProperty({ type: String, nullable: true, example: 'dcs' })
  backend!: string | null;
  @ApiProperty({ type: 'integer', nullable: true, example: 400 })
  httpStatus!: number | null;
  @ApiProperty({ type: String, nullable: true, example: 'DCS.4957' })
  code!: string | null;
  /** The vendor's words, cut to 500 characters, without credentials. */
  @ApiProperty({
    type: String,
    nullable: true,
    example: 'This operation is not allowed when the task is in the current state.',
  })
  message!: string | null;
  @ApiProperty({ type: String, nullable: true, example: '5a8b1b3c0d1e4f5a' })
  requestId!: string | null;
}

/** A problem as RFC 9457 has it. Inside an operation it lacks `instance` and `requestId`. */
export class ProblemDto implements Problem {
  /** Where this type of problem is described. */
  @ApiProperty({ format: 'uri-reference', example: '/problems/upstream-conflict' })
  type!: string;
  @ApiProperty({ example: 'The vendor is busy with something that excludes this' })
  title!: string;
  @ApiProperty({ type: 'integer', minimum: 400, maximum: 599, example: 409 })
  status!: number;
  /** What happened, in our words. */
  @ApiProperty({ example: 'The vendor does not allow this in its current state.' })
  detail!: string;
  @ApiProperty({ enum: failureKinds, example: 'upstream-conflict' })
  code!: FailureKind;
  /** Nothing was done, and the same call may be sent again after `Retry-After`. */
  @ApiProperty({ example: false })
  retryable!: boolean;
  /** Seconds to wait before that. */
  @ApiProperty({ type: 'integer', required: false, example: 5 })
  retryAfterSeconds?: number;
  @ApiProperty({ type: [FaultDto], required: false })
  errors?: readonly FaultDto[];
  @ApiProperty({ type: () => UpstreamAnswerDto, required: false })
  upstream?: UpstreamAnswerDto;
}
