import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { remark } from '../platform/http/shapes.js';
import { Input } from '../validation/input.js';
import { Optional, Remark } from '../validation/rules.js';

/** Why an operation is cancelled. */
@ApiSchema({ name: 'Cancel', description: 'Why nothing more of an operation shall be sent.' })
export class CancelBody extends Input {
  /** Why, for the record: up to 500 printable characters. */
  @Optional()
  @ApiProperty({ ...remark, required: false, example: 'the wrong target' })
  @Remark()
  reason?: string;
}
