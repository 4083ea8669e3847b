import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ProblemDto } from '../problem/problem.dto.js';

/** A problem as it is answered (RFC 9457). */
export class AnsweredProblemDto extends ProblemDto {
  /** The path that was asked. */
  @ApiProperty({ format: 'uri-reference', example: '/sessions/flush' })
  instance!: string;
  /** The id of the request, also in `X-Request-Id`: it finds the request in the logs. */
  @ApiProperty({ example: '7f7c0c6e-3f0e-4a53-9d7c-5a0f0f6f2b11' })
  requestId!: string;
  /** The record of the operation that failed, if one was begun. */
  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: true,
    description: 'An operation, as its own call gives it.',
  })
  operation?: object;
}
