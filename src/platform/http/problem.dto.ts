import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { failureKinds, type FailureKind, type FieldError, type UpstreamAnswer } from '../../core/model/failure.js';
import type { Problem } from '../../core/model/problem.js';
import { vendorWordsShape } from './shapes.js';

/** One error of a request, and its place. */
@ApiSchema({ name: 'FieldError', description: 'One thing that is wrong with a request, and where.' })
export class FieldErrorDto implements FieldError {
  /** JSON pointer into the body; empty for the whole of it. */
  @ApiProperty({ required: false, example: '/targets/0' })
  pointer?: string;
  /** Name of the query parameter, or of the header; empty for the whole query. */
  @ApiProperty({ required: false, example: 'minIdleSeconds' })
  parameter?: string;
  /** What is wrong there. */
  @ApiProperty({ example: 'must be a whole number of at most 9 digits, given once' })
  message!: string;
}

/** A vendor's refusal, in its own words. */
@ApiSchema({ name: 'Upstream', description: 'What the vendor said. What is not known of its answer is null.' })
export class UpstreamAnswerDto implements UpstreamAnswer {
  /** Name of the target that it was asked about. */
  @ApiProperty({ type: String, nullable: true, example: 'carts' })
  target!: string | null;
  /** The backend of that target. */
  @ApiProperty({ type: String, nullable: true, example: 'dcs' })
  backend!: string | null;
  /** The HTTP status of its answer; null if there was none. */
  @ApiProperty({ type: 'integer', format: 'int32', minimum: 100, maximum: 999, nullable: true, example: 400 })
  httpStatus!: number | null;
  /** Its own code: `rc` of 1010data, `error_code` of Huawei Cloud. */
  @ApiProperty({ type: String, nullable: true, example: 'DCS.4957' })
  code!: string | null;
  /** The vendor's words, cut to 500 characters, without credentials. */
  @ApiProperty({
    ...vendorWordsShape,
    nullable: true,
    example: 'This operation is not allowed when the task is in the current state.',
  })
  message!: string | null;
  /** The vendor's id of the request: what its support asks for. */
  @ApiProperty({ type: String, nullable: true, example: '5a8b1b3c0d1e4f5a' })
  requestId!: string | null;
}

/** What is told of every problem. */
export class CommonProblemDto {
  /** Where this type of problem is described. */
  @ApiProperty({ format: 'uri-reference', example: '/problems/upstream-conflict' })
  type!: string;
  /** What type of problem it is, in a few words. */
  @ApiProperty({ example: 'The vendor is busy with something that excludes this' })
  title!: string;
  /** The HTTP status that goes with this type. */
  @ApiProperty({ type: 'integer', format: 'int32', minimum: 400, maximum: 599, example: 409 })
  status!: number;
  /** What happened, in our words. */
  @ApiProperty({ example: 'The vendor does not allow this in its current state.' })
  detail!: string;
  /** The type of problem, for programs. */
  @ApiProperty({ enum: failureKinds, example: 'upstream-conflict' })
  code!: FailureKind;
  /** True: nothing was done, and the same call may be sent again, once the time to wait is over. */
  @ApiProperty({ example: false })
  retryable!: boolean;
  /** Everything that is wrong with the request, each with its place. */
  @ApiProperty({ type: [FieldErrorDto], required: false })
  errors?: readonly FieldErrorDto[];
  /** What the vendor said, if it was asked. */
  @ApiProperty({ type: () => UpstreamAnswerDto, required: false })
  upstream?: UpstreamAnswerDto;
}

/** A problem (RFC 9457). */
@ApiSchema({ name: 'TargetProblem', description: 'Why it came to nothing on one target, or on one of its nodes.' })
export class ProblemDto extends CommonProblemDto implements Problem {
  /** Seconds to wait before the same call may be sent again. */
  @ApiProperty({ type: 'integer', format: 'int32', minimum: 0, maximum: 2_147_483_647, required: false, example: 5 })
  retryAfterSeconds?: number;
}
