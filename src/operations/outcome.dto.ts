import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import {
  operationStates,
  strategies,
  type Counts,
  type DrainState,
  type Item,
  type ItemOutcome,
  type OperationState,
  type Strategy,
  type TargetOutcome,
} from '../core/model/operation.js';
import type { CallRecord, Effect } from '../core/model/target.js';
import { countShape, vendorWordsShape } from '../platform/http/shapes.js';
import { ProblemDto } from '../platform/http/problem.dto.js';
import { ProcessFactsDto } from './process-facts.dto.js';
import { SessionsNowDto } from './sessions-now.dto.js';

const itemOutcomes = [
  'ended',
  'notFound',
  'skipped',
  'failed',
  'unknown',
  'wouldEnd',
] as const satisfies readonly ItemOutcome[];

/** How many processes came to which end. */
@ApiSchema({
  name: 'Counts',
  description: 'How many processes came to which end. Null where the vendor gives no count and no listing can tell.',
})
export class CountsDto implements Counts {
  /** Connections that were ended. */
  @ApiProperty({ ...countShape, nullable: true, example: 2 })
  ended!: number | null;
  /** Connections that are marked, and end when they are released. */
  @ApiProperty({ ...countShape, nullable: true, example: 3 })
  deferred!: number | null;
  /** Ids that the vendor did not find. */
  @ApiProperty({ ...countShape, nullable: true, example: 0 })
  notFound!: number | null;
  /** Processes that were left alone. */
  @ApiProperty({ ...countShape, nullable: true, example: 0 })
  skipped!: number | null;
  /** Processes that were surely not ended, though it was tried. */
  @ApiProperty({ ...countShape, nullable: true, example: 0 })
  failed!: number | null;
  /** Processes of which the outcome is unknown. */
  @ApiProperty({ ...countShape, nullable: true, example: 0 })
  unknown!: number | null;
  /** In a dry run: processes that the same call would try to end. */
  @ApiProperty({ ...countShape, nullable: true, example: 0 })
  wouldEnd!: number | null;
}

/** One process of an operation, and what became of it. */
@ApiSchema({ name: 'OperationItem', description: 'One process that the operation is about, as seen just before.' })
export class ItemDto extends ProcessFactsDto implements Item {
  /** What became of it. `notFound` is the vendor's word: the wanted state holds. */
  @ApiProperty({ enum: itemOutcomes, example: 'ended' })
  outcome!: ItemOutcome;
  /**
   * Why it was skipped, failed or is unknown, in one word: `noMatch`, `notListed`, `nodeUnseen`, `listCut`,
   * `protected`, `changed`, `internal`, `notSent`, `cancelled`, `readOnly`, `frozen`, `notConfirmed`.
   */
  @ApiProperty({ required: false })
  why?: string;
  /** Two later listings confirmed the outcome. */
  @ApiProperty({ example: false })
  verified!: boolean;
  /** Of one that stays `unknown`: when a list last showed it alive. Null if none did, and for any other outcome. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  lastSeenAt!: string | null;
}

/** One call to a vendor, and its answer. */
@ApiSchema({ name: 'VendorCall', description: 'What the vendor said to one mutating call.' })
export class CallRecordDto implements CallRecord {
  /** The node that it was about; null for the whole target. */
  @ApiProperty({ type: String, nullable: true, example: null })
  node!: string | null;
  /** The vendor's name for the call. */
  @ApiProperty({ example: 'flushpool' })
  call!: string;
  /** The vendor's code. */
  @ApiProperty({ type: String, nullable: true, example: '0' })
  code!: string | null;
  /** The vendor's words, cut to 500 characters. */
  @ApiProperty({ ...vendorWordsShape, nullable: true, example: 'OK' })
  message!: string | null;
  /** The vendor's id of the request. */
  @ApiProperty({ type: String, nullable: true, example: null })
  requestId!: string | null;
  /** The vendor's id of the job that the call became. */
  @ApiProperty({ type: String, nullable: true, example: null })
  jobId!: string | null;
}

/** How far the marked members of a pool have logged out. */
@ApiSchema({
  name: 'Drain',
  description: 'How far the members of a pool that a flush marked have logged out, as last seen.',
})
export class DrainStateDto implements DrainState {
  /** `drained`: all have. `ended`: some had not when the watch was over. `unknown`: the installation cannot tell. */
  @ApiProperty({ enum: ['watching', 'drained', 'ended', 'unknown'], example: 'watching' })
  state!: DrainState['state'];
  /** How many have not logged out yet; null where it is unknown. */
  @ApiProperty({ ...countShape, nullable: true, example: 3 })
  remaining!: number | null;
  /** Who has not: at most 1000. */
  @ApiProperty({ type: [String], maxItems: 1000, example: ['acme_u02'] })
  ids!: readonly string[];
  /** When the vendor was last asked. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2026-11-21T03:00:00.000Z' })
  checkedAt!: string | null;
  /** When the watch is over at the latest; null if it is over, or never began. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2026-11-21T04:00:00.000Z' })
  until!: string | null;
}

/** What became of an operation on one target. */
@ApiSchema({
  name: 'TargetOutcome',
  description: 'What came of the operation on one target. Targets that you may not see have an empty name.',
})
export class TargetOutcomeDto implements TargetOutcome {
  /** Name of the target. */
  @ApiProperty({ example: 'bi-pool' })
  target!: string;
  /** The backend of the target. */
  @ApiProperty({ example: '1010data' })
  backend!: string;
  /** The call does not apply to it, and `inapplicable=skip` left it out; absent of any other. */
  @ApiProperty({ type: String, enum: ['skipped'], required: false, example: 'skipped' })
  status?: 'skipped';
  /** Why it was skipped; absent of any other. */
  @ApiProperty({ required: false, example: 'The target "carts" (dcs) cannot judge minBusySeconds.' })
  why?: string;
  /** Only in a dry run: why its plan fixes nothing here, and leaves the target out; absent where it does. */
  @ApiProperty({ required: false })
  planNote?: string;
  /** Only in a dry run of a pool or GaussDB that the vendor's own mass call would flush; absent if no look can tell. */
  @ApiProperty({ type: () => SessionsNowDto, required: false })
  now?: SessionsNowDto;
  /** Nodes that the configuration does not name, and that were left alone; absent if there are none. */
  @ApiProperty({ type: [String], required: false, example: ['b7e4f2c0ab3d4b6e9c1f0a2d3e4f5a6bno07'] })
  nodesUnseen?: readonly string[];
  /** How it stands on this target. */
  @ApiProperty({ enum: operationStates, example: 'succeeded' })
  state!: OperationState;
  /**
   * `native`: a flush by the vendor's own mass call. `selective`: looked, chosen and killed by id. Null for other
   * calls.
   */
  @ApiProperty({ type: String, enum: strategies, nullable: true, example: 'native' })
  strategy!: Strategy | null;
  /** What happened to the target's processes. `deferred`: marked, they end on release. */
  @ApiProperty({ enum: ['ended', 'deferred', 'set', 'none'], example: 'deferred' })
  effect!: Effect;
  /** Milliseconds from the first look to the last answer; null while it runs. */
  @ApiProperty({ ...countShape, nullable: true, example: 41 })
  durationMs!: number | null;
  /** Its processes, counted. */
  counts!: CountsDto;
  /** The processes that it is about, where Sluice knows them: at most 1000. */
  @ApiProperty({ type: [ItemDto], maxItems: 1000, example: [] })
  items!: readonly ItemDto[];
  /** How many items are not shown. */
  @ApiProperty({ ...countShape, example: 0 })
  itemsOmitted!: number;
  /** What the vendor said to each mutating call. */
  @ApiProperty({ type: [CallRecordDto] })
  calls!: readonly CallRecordDto[];
  /** What the call cannot promise. */
  @ApiProperty({ type: String, nullable: true, example: 'Busy ids log out when their application releases them.' })
  note!: string | null;
  /** Why it failed or is unknown; null otherwise. */
  @ApiProperty({ type: () => ProblemDto, nullable: true, example: null })
  problem!: ProblemDto | null;
  /** After the flush of a pool: how far its marked members have logged out. Null otherwise. */
  @ApiProperty({ type: () => DrainStateDto, nullable: true, example: null })
  drain!: DrainStateDto | null;
  /** All that was asked of this target is done, and nothing is deferred. */
  @ApiProperty({ example: false })
  completed!: boolean;
}
