import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { remark } from '../platform/http/shapes.js';
import { Input } from '../validation/input.js';
import { Remark } from '../validation/rules.js';

/** Why nobody needs to look at an unknown operation any more. */
@ApiSchema({ name: 'Acknowledge', description: 'What somebody found out of an operation that is unknown.' })
export class AcknowledgeBody extends Input {
  /** What came of it, or why it does not matter any more: up to 500 printable characters. */
  @ApiProperty({ ...remark, example: 'gone from the list of threads' })
  @Remark()
  reason!: string;
}
