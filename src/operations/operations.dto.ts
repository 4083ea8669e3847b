import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import {
  operationKinds,
  operationStates,
  strategies,
  type Counts,
  type DrainState,
  type Foreseen,
  type ForeseenCall,
  type Item,
  type ItemOutcome,
  type Operation,
  type OperationKind,
  type OperationState,
  type Strategy,
  type TargetOutcome,
} from '../core/operation.js';
import { processStates, protections, type ProcessState, type Protection } from '../core/process.js';
import { maxTargets } from '../core/request.js';
import type { CallRecord, Effect, Mode } from '../core/target.js';
import { count, operationIdShape, planIdShape, remark, requestIdShape, vendorWords } from '../platform/docs/shapes.js';
import { ProblemDto } from '../platform/problem/problem.dto.js';

const itemOutcomes = [
  'ended',
  'notFound',
  'skipped',
  'failed',
  'unknown',
  'wouldEnd',
] as const satisfies readonly ItemOutcome[];

@ApiSchema({
  name: 'Counts',
  description: 'How many processes came to which end. Null where the vendor gives no count and no listing can tell.',
})
export class CountsDto implements Counts {
  /** Connections that were ended. */
  @ApiProperty({ ...count, nullable: true, example: 2 })
  ended!: number | null;
  /** Connections that are marked, and end when they are released. */
  @ApiProperty({ ...count, nullable: true, example: 3 })
  deferred!: number | null;
  /** Ids that the vendor did not find. */
  @ApiProperty({ ...count, nullable: true, example: 0 })
  notFound!: number | null;
  /** Processes that were left alone. */
  @ApiProperty({ ...count, nullable: true, example: 0 })
  skipped!: number | null;
  /** Processes that were surely not ended, though it was tried. */
  @ApiProperty({ ...count, nullable: true, example: 0 })
  failed!: number | null;
  /** Processes of which nobody can say what became. */
  @ApiProperty({ ...count, nullable: true, example: 0 })
  unknown!: number | null;
  /** In a dry run: processes that the same call would try to end. */
  @ApiProperty({ ...count, nullable: true, example: 0 })
  wouldEnd!: number | null;
}

@ApiSchema({ name: 'OperationItem', description: 'One process that the operation is about, as seen just before.' })
export class ItemDto implements Item {
  /** The backend's own id of the process, always a string. */
  @ApiProperty({ example: '2075425' })
  id!: string;
  /** The node that it lives on; null if it was seen on none. */
  @ApiProperty({ type: String, nullable: true, example: 'primary' })
  node!: string | null;
  /** Whom it was logged in as. */
  @ApiProperty({ type: String, nullable: true, example: 'app_orders' })
  user!: string | null;
  /** Where it was connected from. */
  @ApiProperty({ type: String, nullable: true, example: '10.0.0.7:51324' })
  client!: string | null;
  /** The database that it used. */
  @ApiProperty({ type: String, nullable: true, example: 'orders' })
  database!: string | null;
  /** What its program called itself. */
  @ApiProperty({ type: String, nullable: true, example: null })
  application!: string | null;
  /** The kind of command that it ran. */
  @ApiProperty({ type: String, nullable: true, example: 'Sleep' })
  command!: string | null;
  /** What it was doing. */
  @ApiProperty({ type: String, enum: processStates, nullable: true, example: 'idle' })
  state!: ProcessState | null;
  /** What became of it. `notFound` is the vendor's word: the wanted state holds. */
  @ApiProperty({ enum: itemOutcomes, example: 'ended' })
  outcome!: ItemOutcome;
  /**
   * Why it was skipped, failed or is unknown, in one word: `noMatch`, `notListed`, `protected`, `changed`,
   * `internal`, `notSent`, `notConfirmed`.
   */
  @ApiProperty({ required: false })
  why?: string;
  /** A later listing confirmed the outcome. */
  @ApiProperty({ example: false })
  verified!: boolean;
}

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
  @ApiProperty({ ...vendorWords, nullable: true, example: 'OK' })
  message!: string | null;
  /** The vendor's id of the request. */
  @ApiProperty({ type: String, nullable: true, example: null })
  requestId!: string | null;
  /** The vendor's id of the job that the call became. */
  @ApiProperty({ type: String, nullable: true, example: null })
  jobId!: string | null;
}

@ApiSchema({
  name: 'Drain',
  description: 'How far the members of a pool that a flush marked have logged out, as last seen.',
})
export class DrainStateDto implements DrainState {
  /** `drained`: all have. `ended`: some had not when the watch was over. `unknown`: the installation cannot tell. */
  @ApiProperty({ enum: ['watching', 'drained', 'ended', 'unknown'], example: 'watching' })
  state!: DrainState['state'];
  /** How many have not logged out yet; null where nobody can say. */
  @ApiProperty({ ...count, nullable: true, example: 3 })
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
  /** How it stands on this target. */
  @ApiProperty({ enum: operationStates, example: 'succeeded' })
  state!: OperationState;
  /** `native`: a flush by the vendor's own mass call. `selective`: looked, chosen and killed by id. Null for other calls. */
  @ApiProperty({ type: String, enum: strategies, nullable: true, example: 'native' })
  strategy!: Strategy | null;
  /** What happened to the target's processes. `deferred`: marked, they end on release. */
  @ApiProperty({ enum: ['ended', 'deferred', 'set', 'none'], example: 'deferred' })
  effect!: Effect;
  /** Milliseconds from the first look to the last answer; null while it runs. */
  @ApiProperty({ ...count, nullable: true, example: 41 })
  durationMs!: number | null;
  /** Its processes, counted. */
  counts!: CountsDto;
  /** The processes that it is about, where Sluice knows them: at most 1000. */
  @ApiProperty({ type: [ItemDto], maxItems: 1000, example: [] })
  items!: readonly ItemDto[];
  /** How many items are not shown. */
  @ApiProperty({ ...count, example: 0 })
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

@ApiSchema({
  name: 'ForeseenProcess',
  description: 'A process that a dry run tells of: the first 100 in full, of any other its target, node and id.',
})
export class ForeseenDto implements Foreseen {
  /** Name of its target. */
  @ApiProperty({ example: 'orders' })
  target!: string;
  /** The node that it lives on; null where the target has none. */
  @ApiProperty({ type: String, nullable: true, example: 'primary' })
  node!: string | null;
  /** The backend's own id of the process. */
  @ApiProperty({ example: '2075425' })
  id!: string;
  /** Whom it is logged in as. */
  @ApiProperty({ type: String, nullable: true, required: false, example: 'app_orders' })
  user?: string | null;
  /** Where it is connected from. */
  @ApiProperty({ type: String, nullable: true, required: false, example: '10.0.0.7:51324' })
  client?: string | null;
  /** The database that it uses. */
  @ApiProperty({ type: String, nullable: true, required: false, example: 'orders' })
  database?: string | null;
  /** What its program calls itself. */
  @ApiProperty({ type: String, nullable: true, required: false, example: null })
  application?: string | null;
  /** The kind of command that it runs. */
  @ApiProperty({ type: String, nullable: true, required: false, example: 'Sleep' })
  command?: string | null;
  /** What it is doing. */
  @ApiProperty({ type: String, enum: processStates, nullable: true, required: false, example: 'idle' })
  state?: ProcessState | null;
}

@ApiSchema({ name: 'ProtectedProcess', description: 'A process that fits, and is left alone because it is protected.' })
export class ProtectedDto extends ForeseenDto {
  /** `vendor`: the vendor needs it. `replication`: it copies data. `configured`: the configuration protects it. */
  @ApiProperty({ enum: protections, example: 'replication' })
  why!: Protection;
}

@ApiSchema({ name: 'ForeseenCall', description: 'A call to a vendor that the real call would make.' })
export class ForeseenCallDto implements ForeseenCall {
  /** Name of its target. */
  @ApiProperty({ example: 'orders' })
  target!: string;
  /** The node that it is about; null for the whole target. */
  @ApiProperty({ type: String, nullable: true, example: 'primary' })
  node!: string | null;
  /** The vendor's name for it. */
  @ApiProperty({ example: 'delete-processes' })
  call!: string;
  /** Its HTTP method. */
  @ApiProperty({ example: 'DELETE' })
  method!: string;
  /** Its path, with the parameters by their names. */
  @ApiProperty({ example: '/v3/{project_id}/instances/{instance_id}/nodes/{node_id}/processes' })
  path!: string;
  /** How many ids it carries; null where the vendor chooses. */
  @ApiProperty({ ...count, nullable: true, example: 20 })
  ids!: number | null;
}

@ApiSchema({ name: 'Plan', description: 'Ends exactly the victims that a dry run told, once, for the caller who made it.' })
export class PlanDto {
  /** Give it as `plan` to the real call. */
  @ApiProperty({ ...planIdShape, example: 'plan_0mi8t2k1q3b7c9d2e4f60718a' })
  id!: string;
  /** Until when it can be used. */
  @ApiProperty({ format: 'date-time', example: '2026-11-21T03:02:00.000Z' })
  expiresAt!: string;
}

@ApiSchema({
  name: 'Operation',
  description: 'The record of one mutating call: who, why, what was asked, and what came of it on every target.',
})
export class OperationDto implements Operation {
  /** Give it to `GET /operations/{id}`. */
  @ApiProperty({ ...operationIdShape, example: 'op_0mi8t2k1q3b7c9d2e4f60718a' })
  id!: string;
  /** Which call it was. */
  @ApiProperty({ enum: operationKinds, example: 'sessions.flush' })
  kind!: OperationKind;
  /** The mode of a flush, null otherwise. */
  @ApiProperty({ type: String, enum: ['graceful', 'forced'], nullable: true, example: 'graceful' })
  mode!: Mode | null;
  /**
   * `planned`: a dry run. `running`. `succeeded`. `partial`: something was done, and something was not. `failed`: nothing was
   * done. `unknown`: it was sent, and nobody can say what came of it.
   */
  @ApiProperty({ enum: operationStates, example: 'succeeded' })
  state!: OperationState;
  /** True: nothing was sent that changes anything. */
  @ApiProperty({ example: false })
  dryRun!: boolean;
  /** The caller: the name of its API key, or `<iss>#<sub>` of its token. */
  @ApiProperty({ example: 'billing-app' })
  requestedBy!: string;
  /** The human behind an app, in the caller's word. */
  @ApiProperty({ ...remark, nullable: true, example: 'sue' })
  onBehalfOf!: string | null;
  /** Why, in the caller's words. */
  @ApiProperty({ ...remark, nullable: true, example: 'nightly reload' })
  reason!: string | null;
  /** The id of the request that asked for it: it finds the request in the logs. */
  @ApiProperty({ ...requestIdShape, example: '7f7c0c6e-3f0e-4a53-9d7c-5a0f0f6f2b11' })
  requestId!: string;
  /** When it was asked for. */
  @ApiProperty({ format: 'date-time', example: '2026-11-21T03:00:00.000Z' })
  createdAt!: string;
  /** When the last target was done; null while it runs. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2026-11-21T03:00:00.041Z' })
  endedAt!: string | null;
  /** The processes of all targets, counted. */
  counts!: CountsDto;
  /** What came of it on every target, in the order of the call. */
  @ApiProperty({ type: [TargetOutcomeDto], maxItems: maxTargets })
  targets!: readonly TargetOutcomeDto[];
  /** Only in a dry run: everything that the real call would try to end. */
  @ApiProperty({ type: [ForeseenDto], required: false })
  victims?: readonly ForeseenDto[];
  /** Only in a dry run: what fits, and is left alone because it is protected, at most 1000. */
  @ApiProperty({ type: [ProtectedDto], maxItems: 1000, required: false })
  protected?: readonly ProtectedDto[];
  /** Only in a dry run: the vendors' calls that the real call would make, target by target. */
  @ApiProperty({ type: [ForeseenCallDto], required: false })
  calls?: readonly ForeseenCallDto[];
  /** Only in a dry run: whom the call is about, in words. */
  @ApiProperty({ required: false, example: 'user is app_*; idle for at least 600 s, on orders' })
  filterText?: string;
  /** Only in a dry run: why the real call would be refused now; null if it would not. */
  @ApiProperty({ type: () => ProblemDto, nullable: true, required: false, example: null })
  refusal?: ProblemDto | null;
  /** Only in a dry run: ends exactly these victims; null where nobody can fix them. */
  @ApiProperty({ type: () => PlanDto, nullable: true, required: false })
  plan?: PlanDto | null;
  /** Only in a dry run: why there is no plan; null if there is one. */
  @ApiProperty({ type: String, nullable: true, required: false, example: null })
  planNote?: string | null;
}
