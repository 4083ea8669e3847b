import type { Registry } from 'prom-client';
import { CallMetrics } from './call-metrics.js';
import { ExpiryMetrics } from './expiry-metrics.js';
import { IssuerMetrics } from './issuer-metrics.js';

/** What changes by itself while nobody looks: ends that come near, keys that grow old, calls that queue. */
export class DriftMetrics {
  readonly expiry: ExpiryMetrics;
  readonly issuers: IssuerMetrics;
  readonly calls: CallMetrics;

  constructor(registry: Registry) {
    this.expiry = new ExpiryMetrics(registry);
    this.issuers = new IssuerMetrics(registry);
    this.calls = new CallMetrics(registry);
  }
}
