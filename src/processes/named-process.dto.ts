import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsString, Length } from 'class-validator';
import { word } from '../platform/http/shapes.js';
import { Optional } from '../validation/rules.js';

/** An id as text: integers are taken too, as long as they are exact. */
export function idText(value: unknown): unknown {
  return typeof value === 'bigint' || Number.isSafeInteger(value) ? String(value) : value;
}

/** What an id in a body must be. */
export const anId = 'must be a string of 1 to 256 characters, or an integer that is exact';

/** A process that a kill lists. */
@ApiSchema({ name: 'NamedProcess', description: 'A process by its id, and where it lives.' })
export class NamedProcessBody {
  /** Name of its target. */
  @ApiProperty({ ...word, required: true, example: 'orders' })
  @IsString()
  @Length(1, 256)
  target!: string;
  /** The node that it lives on; without it, the one that is seen to have it. */
  @Optional()
  @ApiProperty({ ...word, required: false, example: 'primary' })
  @IsString()
  @Length(1, 256)
  node?: string;
  /** Its id, exactly as a look shows it. */
  @ApiProperty({ ...word, required: true, example: '2075425' })
  @Transform(({ value }: { value: unknown }) => idText(value))
  @IsString({ message: anId })
  @Length(1, 256, { message: anId })
  id!: string;
}
