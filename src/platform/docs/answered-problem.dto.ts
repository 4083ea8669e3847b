import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { CommonProblemDto } from '../http/problem.dto.js';
import { requestIdShape } from '../http/shapes.js';

/** How long to wait is told in `Retry-After` here. */
@ApiSchema({ name: 'Problem', description: 'Why a call was refused, or came to nothing (RFC 9457).' })
export class AnsweredProblemDto extends CommonProblemDto {
  /** The path that was asked. */
  @ApiProperty({ format: 'uri-reference', example: '/sessions/flush' })
  instance!: string;
  /** The id of the request, also in `X-Request-Id`: it finds the request in the logs. */
  @ApiProperty({ ...requestIdShape, example: '7f7c0c6e-3f0e-4a53-9d7c-5a0f0f6f2b11' })
  requestId!: string;
  /** The record of the operation that failed, if one was begun. */
  @ApiPropertyOptional({ allOf: [{ $ref: '#/components/schemas/Operation' }] })
  operation?: object;
}
