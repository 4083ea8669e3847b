import type { Step } from '../http/step.js';
import type { Metrics } from '../telemetry/metrics.js';
import type { Drain } from './drain.js';

/**
 * Counts the requests that are being answered, for the metrics and for a replica that stops. Callers that
 * keep their connection would go on sending to a replica that stops: each is told to open its next one elsewhere.
 */
export function count(metrics: Metrics, drain?: Drain): Step {
  return {
    onRequest: (_request, { raw }, done) => {
      const ended = [metrics.began(), drain?.began()];
      // Comes once, also if the caller goes away before the answer.
      raw.once('close', () => {
        for (const end of ended) end?.();
      });
      done();
    },
    onSend: (_request, reply) => {
      if (drain?.isDraining === true) void reply.header('connection', 'close');
    },
  };
}
