import { Gauge, type Registry } from 'prom-client';

/** What ends by itself, and has to be replaced before: a closed list, for the metrics. */
type ExpiringKind = 'api-key' | 'certificate' | 'peer-certificate' | 'vendor-credential';

/** When keys, certificates and credentials end. */
export class ExpiryMetrics {
  readonly #ends: Gauge;
  readonly #usable: Gauge;
  readonly #names: Record<ExpiringKind, Set<string>> = {
    'api-key': new Set(),
    certificate: new Set(),
    'peer-certificate': new Set(),
    'vendor-credential': new Set(),
  };

  constructor(registry: Registry) {
    const registers = [registry];
    this.#ends = new Gauge({
      name: 'sluice_credential_expiry_timestamp_seconds',
      help: 'When a key, certificate or credential ends; where several have one name, the last of them.',
      labelNames: ['kind', 'name'],
      registers,
    });
    this.#usable = new Gauge({
      name: 'sluice_certificate_last_reload_successful',
      help: '1 if the certificate of server.tls is used as its files are, 0 if they were rejected; 1 without any.',
      registers,
    });
    this.certificateUsable(true);
  }

  /** One of a kind ends then, in milliseconds since the epoch; null if it does not, as far as is known. */
  ends(kind: ExpiringKind, name: string, end: number | null): void {
    if (end === null) {
      this.#names[kind].delete(name);
      this.#ends.remove({ kind, name });
    } else {
      this.#names[kind].add(name);
      this.#ends.set({ kind, name }, end / 1000);
    }
  }

  /** Forgets what there is no more of a kind. */
  keepOnly(kind: ExpiringKind, isThere: (name: string) => boolean): void {
    for (const name of this.#names[kind]) if (!isThere(name)) this.ends(kind, name, null);
  }

  /** Whether the files of the server's certificate could be used when they were last read. */
  certificateUsable(isUsable: boolean): void {
    this.#usable.set(isUsable ? 1 : 0);
  }
}
