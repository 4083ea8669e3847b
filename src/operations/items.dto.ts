import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { Length } from 'class-validator';
import { pageTokenShape, targetName } from '../platform/http/shapes.js';
import { Input } from '../validation/input.js';
import { Once, Optional, QueryNumber } from '../validation/rules.js';
import { ItemDto } from './outcome.dto.js';

/** One process of an operation, and its target. */
@ApiSchema({
  name: 'TargetItem',
  description: 'One process that the operation is about, and the target that it lives on.',
})
export class TargetItemDto extends ItemDto {
  /** Name of its target. */
  @ApiProperty({ ...targetName, example: 'orders' })
  target!: string;
}

/** A page of the processes of an operation. */
@ApiSchema({ name: 'ItemList', description: 'The processes that an operation is about, target by target.' })
export class ItemListDto {
  /** As many as `limit` allows. */
  @ApiProperty({ type: [TargetItemDto], maxItems: 1000 })
  items!: readonly TargetItemDto[];
  /** Give it as `pageToken` for the next page; null if this was the last. */
  @ApiProperty({ ...pageTokenShape, nullable: true, example: null })
  nextPageToken!: string | null;
}

/** Which page of the items of an operation. */
export class ItemListQuery extends Input {
  /** How many to a page: 1 to 1000, default 1000. */
  @Optional()
  @ApiProperty({ type: 'integer', format: 'int32', minimum: 1, maximum: 1000, required: false })
  @QueryNumber()
  limit?: string;
  /** `nextPageToken` of the page before. */
  @Optional()
  @ApiProperty({ ...pageTokenShape, maxLength: 256, required: false })
  @Once()
  @Length(1, 256)
  pageToken?: string;
}
