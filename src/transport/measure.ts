import type { Clock } from '../core/model/clock.js';
import { asFailure, type FailureKind } from '../core/model/failure.js';
import type { Wrap } from './exchange.js';

/** One attempt that was made, without anything a secret could hide in. */
export interface Measured {
  readonly connection: string;
  readonly backend: string;
  readonly target: string | null;
  readonly call: string;
  readonly outcome: 'ok' | FailureKind;
  readonly seconds: number;
  readonly at: number;
}

/** Is told of each attempt or exchange. */
export type Measure = (measured: Measured) => void;

/** Tells of every attempt how it ended and how long it took, queueing left out. */
export function measure(connection: string, clock: Clock, tell: Measure): Wrap {
  return (next) => async (exchange, call) => {
    const { backend, target, call: name } = exchange;
    const started = clock.now();
    const end = (outcome: Measured['outcome']): void => {
      const at = clock.now();
      tell({ connection, backend, target, call: name, outcome, seconds: (at - started) / 1000, at });
    };
    try {
      const answer = await next(exchange, call);
      end('ok');
      return answer;
    } catch (thrown) {
      end(asFailure(thrown).kind);
      throw thrown;
    }
  };
}
