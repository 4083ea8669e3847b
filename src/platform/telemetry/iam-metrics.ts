import { Counter, type Registry } from 'prom-client';
import type { FailureKind } from '../../core/model/failure.js';

/** What may become of asking IAM. */
const iamOutcomes = [
  'ok',
  'upstream-rejected',
  'upstream-malformed',
  'upstream-unavailable',
  'upstream-throttled',
  'upstream-timeout',
  'overloaded',
] as const;

/** What IAM answered to one question of each connection. */
class Asked {
  readonly #asked: Counter;

  constructor(registry: Registry, name: string, help: string) {
    this.#asked = new Counter({ name, help, labelNames: ['connection', 'outcome'], registers: [registry] });
  }

  /** Starts what is counted of a connection at zero. */
  expected(connection: string): void {
    for (const outcome of iamOutcomes) this.#asked.inc({ connection, outcome }, 0);
  }

  /** IAM was asked, and this came of it. */
  asked(connection: string, outcome: 'ok' | FailureKind): void {
    this.#asked.inc({ connection, outcome });
  }
}

/** What connections to Huawei Cloud ask IAM for. */
export class IamMetrics {
  readonly tokens: Asked;
  readonly projects: Asked;

  constructor(registry: Registry) {
    this.tokens = new Asked(registry, 'sluice_token_refresh_total', 'Tokens that were asked for.');
    this.projects = new Asked(
      registry,
      'sluice_project_lookups_total',
      'Times that IAM was asked which project a region has.',
    );
  }
}
