import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { SessionsNow } from '../core/model/operation.js';
import { countShape } from '../platform/http/shapes.js';

/** Who is connected now, where only the vendor chooses whom a flush ends. */
@ApiSchema({
  name: 'SessionsNow',
  description: 'Who is connected now, where only the vendor chooses whom a flush ends.',
})
export class SessionsNowDto implements SessionsNow {
  /** Those that execute something or have a transaction open; of a pool, the ids that are taken. */
  @ApiProperty({ ...countShape, example: 3 })
  busy!: number;
  /** Those that do nothing; of a pool, the ids that are free and logged in. */
  @ApiProperty({ ...countShape, example: 2 })
  idle!: number;
  /** All that are connected. */
  @ApiProperty({ ...countShape, example: 5 })
  connected!: number;
  /** False where a list was cut, or not every node was seen. */
  @ApiProperty({ example: true })
  complete!: boolean;
  /** When the vendor told it. */
  @ApiProperty({ type: String, format: 'date-time', example: '2026-11-21T03:00:00.000Z' })
  collectedAt!: string;
}
