import { ApiProperty } from '@nestjs/swagger';
import { mostRepeats, word } from '../platform/http/shapes.js';
import { Input } from '../validation/input.js';
import { FilterValues, Optional } from '../validation/rules.js';

/** Which targets to tell of. */
export class TargetsQuery extends Input {
  /** Only those that carry it: `env:prod`. Given several times, all must fit. */
  @Optional()
  @ApiProperty({ type: 'array', maxItems: mostRepeats, items: word, required: false })
  @FilterValues()
  label?: string[];
}
