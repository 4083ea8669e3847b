import type { Operation } from '../model/operation.js';
import { Failure } from '../model/failure.js';
import type { Brakes, CancelRequest } from '../record/brakes.js';
import type { Elsewhere } from './elsewhere.js';
import type { Running } from './running.js';
import type { Waits } from './waits.js';

/**
 * Where an operation is worked on: by this process, or by another one, or by none any more: then it is as it was read.
 */
export type Found = { readonly running: Running } | { readonly kept: Operation; readonly isOver?: boolean };

/** One operation, as a caller follows it. */
export class OperationHandle {
  readonly id: string;
  /** An earlier request began it. */
  readonly isRepeated: boolean;
  readonly #running: Running | null;
  readonly #caller: string;
  readonly #waits: Waits;
  readonly #elsewhere: Elsewhere;
  #kept: Operation | null;
  /** It was over when it was read. */
  readonly #wasOver: boolean;

  constructor(found: Found, isRepeated: boolean, caller: string, waits: Waits, elsewhere: Elsewhere) {
    this.#running = 'running' in found ? found.running : null;
    this.#kept = 'kept' in found ? found.kept : null;
    this.#wasOver = 'kept' in found && found.isOver === true;
    this.id = 'running' in found ? found.running.record.id : found.kept.id;
    this.isRepeated = isRepeated;
    this.#caller = caller;
    this.#waits = waits;
    this.#elsewhere = elsewhere;
  }

  /** Nothing of it runs before somebody approves it. */
  get isWaiting(): boolean {
    return this.#kept?.state === 'awaitingApproval';
  }

  /** How it stands, with all that is known here. */
  get now(): Operation {
    const operation = this.#kept ?? this.#running?.record.operation;
    if (!operation) throw new TypeError('A handle has an operation.');
    return operation;
  }

  /**
   * Resolves to true once it has ended, after so many milliseconds, or when the signal aborts; to false at once where
   * nobody may wait.
   */
  async closed(milliseconds: number, signal?: AbortSignal): Promise<boolean> {
    if (this.#kept && this.#kept.state !== 'running') return true;
    return this.#waits.until((over) => this.#end(over), this.#caller, milliseconds, signal);
  }

  /**
   * The same, until nothing more is to be expected of it: what waits is decided, what is unknown is settled, and what
   * drains is watched no longer.
   */
  async completed(milliseconds: number, signal?: AbortSignal): Promise<boolean> {
    if (this.#wasOver) return true;
    const hasWaited = await this.#waits.until((over) => this.#completion(over), this.#caller, milliseconds, signal);
    if (hasWaited && this.#kept) this.#kept = (await this.#elsewhere.now(this.id)) ?? this.#kept;
    return hasWaited;
  }

  /**
   * Nothing more of it is sent once this resolves, whichever replica works on it. Repeating it does no harm. Throws
   * Failure `operation-over` if it has ended.
   */
  async cancel(brakes: Brakes, request: CancelRequest): Promise<void> {
    const isCancelled = (): boolean => this.now.cancelled !== undefined;
    if (isCancelled()) return;
    const { is } = await brakes.requestCancel(this.id, request);
    if (is === 'requested') await this.#cancelled(request);
    if (isCancelled()) return;
    const message = `The operation ${this.id} is over: there is nothing left of it to cancel.`;
    throw new Failure('operation-over', message);
  }

  /** Resolves once the replica that works on it sends nothing more of it, or it has ended. */
  async #cancelled(request: CancelRequest): Promise<void> {
    if (this.#running && !this.#running.record.isLost) {
      this.#running.record.cancel(request);
      await this.#running.record.written();
    } else this.#kept = (await this.#elsewhere.cancelled(this.id)) ?? this.#kept;
  }

  async #completion(over: () => AbortSignal): Promise<void> {
    await this.#running?.over;
    if (this.#running && !this.#running.record.isLost) return;
    this.#kept = (await this.#elsewhere.completed(this.id, over())) ?? this.#kept;
  }

  async #end(over: () => AbortSignal): Promise<void> {
    await this.#running?.closed;
    if (this.#running && !this.#running.record.isLost) return;
    // Another replica works on it.
    this.#kept = (await this.#elsewhere.ended(this.id, over())) ?? this.#kept;
  }
}
