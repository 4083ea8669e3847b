import { ApiProperty } from '@nestjs/swagger';
import { countShape } from '../platform/http/shapes.js';
import { processStates, type Process, type ProcessFacts, type ProcessState } from '../core/model/process.js';

/** A process, and the facts by which people know it. What the backend cannot tell is null. */
export class ProcessFactsDto implements ProcessFacts, Pick<Process, 'id' | 'node'> {
  /** What the vendor knows it by, such as a session id, a thread id or an address: always a string. */
  @ApiProperty({ example: '2075425' })
  id!: string;
  /** The node that it lives on; null where the target has none, or no node was seen to have it. */
  @ApiProperty({ type: String, nullable: true, example: 'primary' })
  node!: string | null;
  /** Whom it is logged in as. */
  @ApiProperty({ type: String, nullable: true, example: 'app_orders' })
  user!: string | null;
  /** Where it is connected from, with its port if told. */
  @ApiProperty({ type: String, nullable: true, example: '10.0.0.7:51324' })
  client!: string | null;
  /** The database that it uses; on caches its number. */
  @ApiProperty({ type: String, nullable: true, example: 'orders' })
  database!: string | null;
  /** What its program calls itself. */
  @ApiProperty({ type: String, nullable: true, example: null })
  application!: string | null;
  /** The kind of command that it runs, or ran last. */
  @ApiProperty({ type: String, nullable: true, example: 'Sleep' })
  command!: string | null;
  /** What it is doing. `offline` is a member of a pool that is not logged in. */
  @ApiProperty({ type: String, enum: processStates, nullable: true, example: 'idle' })
  state!: ProcessState | null;
  /** Seconds without a statement; null while it is busy. */
  @ApiProperty({ ...countShape, nullable: true, example: 640 })
  idleSeconds!: number | null;
  /** Seconds in the present statement; null while it is idle. */
  @ApiProperty({ ...countShape, nullable: true, example: null })
  busySeconds!: number | null;
  /** Seconds since it connected. */
  @ApiProperty({ ...countShape, nullable: true, example: null })
  ageSeconds!: number | null;
  /** Seconds since its transaction began; null where none is open, or the vendor does not tell. */
  @ApiProperty({ ...countShape, nullable: true, example: null })
  transactionSeconds!: number | null;
  /** What all executions of its statement share, whatever their values: the vendor's own id of it. */
  @ApiProperty({ type: String, nullable: true, example: null })
  statementId!: string | null;
}
