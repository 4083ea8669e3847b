import { draw, replicas } from './dashboard.ts';
import { curves, figure } from './panels.ts';

const expiry = `sluice_credential_expiry_timestamp_seconds{${replicas}}`;

/** The store, and what changes while nobody looks. */
export const upkeep = draw({
  uid: 'sluice-upkeep',
  title: 'Upkeep',
  description: 'The store, and what changes by itself: configurations, keys, certificates, queues.',
  variables: [],
  rows: {
    Now: [
      figure({
        title: 'Next end',
        description: 'Until the first key, certificate or credential ends. Bad below 14 days.',
        queries: { end: `min(${expiry} > time()) - time()` },
        unit: 's',
        alert: 'SluiceCredentialExpiresSoon',
      }),
      figure({
        title: 'Configurations in use',
        description: 'How many different files replicas use. 1 is good.',
        queries: { files: `count(count_values("file", sluice_config_hash{${replicas}}))` },
        unit: 'short',
        alert: 'SluiceConfigDrift',
      }),
      figure({
        title: 'Waiting for a restart',
        description: 'Replicas whose file says what only another start would use.',
        queries: { replicas: `sum(sluice_config_pending_hash{${replicas}} > bool 0)` },
        unit: 'short',
        alert: 'SluiceRestartPending',
      }),
      figure({
        title: 'Certificate in use',
        description: '1 if every replica uses the certificate that it was given last.',
        queries: { applied: `min(sluice_certificate_last_reload_successful{${replicas}})` },
        unit: 'short',
        alert: 'SluiceCertificateReloadFailed',
      }),
      figure({
        title: 'Operations kept',
        description: 'In the store.',
        queries: { operations: `max(sluice_store_operations{${replicas}})` },
        unit: 'short',
      }),
      figure({
        title: 'Oldest record',
        description: 'When the oldest operation that is kept was created. In 1970: there is none.',
        queries: { created: `min(sluice_store_oldest_timestamp_seconds{${replicas}}) * 1000` },
        unit: 'dateTimeFromNow',
        alert: 'SluiceStoreNearLimit',
      }),
    ],
    'The store': [
      curves({
        title: 'Duration, p50 and p95',
        description: 'Of whatever is asked of it. Bad from 500 ms on.',
        queries: Object.fromEntries(
          ['0.5', '0.95'].map((quantile) => [
            `p${Number(quantile) * 100}`,
            `histogram_quantile(${quantile}, sum by (le) (rate(sluice_store_duration_seconds_bucket{${replicas}}[$__rate_interval])))`,
          ]),
        ),
        unit: 's',
        alert: 'SluiceStoreSlow',
      }),
      curves({
        title: 'Duration by what is asked, p95',
        description: '95 % are faster.',
        queries: {
          '{{operation}}': `histogram_quantile(0.95, sum by (operation, le) (rate(sluice_store_duration_seconds_bucket{${replicas}}[$__rate_interval]))) >= 0`,
        },
        unit: 's',
        alert: 'SluiceStoreSlow',
      }),
      curves({
        title: 'What is asked',
        description: 'A second, by kind.',
        queries: {
          '{{operation}}': `sum by (operation) (rate(sluice_store_duration_seconds_count{${replicas}}[$__rate_interval]))`,
        },
        unit: 'reqps',
        isStacked: true,
      }),
      curves({
        title: 'Failures',
        description: 'By reason, in a minute.',
        queries: {
          '{{reason}}': `sum by (reason) (rate(sluice_store_failures_total{${replicas}}[$__rate_interval])) * 60`,
        },
        unit: 'short',
        isStacked: true,
        alert: 'SluiceStoreFailures',
      }),
      curves({
        title: 'Size',
        description: 'Bytes of the kept operations, and from when on the oldest are deleted (0: never).',
        queries: {
          kept: `max(sluice_store_bytes{${replicas}})`,
          limit: `max(sluice_store_max_bytes{${replicas}})`,
        },
        unit: 'bytes',
        alert: 'SluiceStoreNearLimit',
      }),
      curves({
        title: 'Deleted',
        description: 'Operations in an hour: because of their age, or because of the size of the store.',
        queries: { '{{why}}': `sum by (why) (increase(sluice_store_pruned_total{${replicas}}[1h]))` },
        unit: 'short',
        isStacked: true,
        alert: 'SluiceStoreNearLimit',
      }),
      curves({
        title: 'Not sealed',
        description:
          'For how long nothing was sealed of the record: about a minute at most. Nothing for a store in memory.',
        queries: { age: `time() - (max(sluice_record_sealed_timestamp_seconds{${replicas}}) > 0)` },
        unit: 's',
        alert: 'SluiceRecordNotSealed',
      }),
      curves({
        title: 'Seals',
        description: 'Seals in an hour, and operations that were over and in no seal when that was last looked at.',
        queries: {
          seals: `sum(increase(sluice_record_seals_total{${replicas}}[1h]))`,
          'not sealed': `max(sluice_record_unsealed_operations{${replicas}})`,
        },
        unit: 'short',
        alert: 'SluiceRecordNotSealed',
      }),
    ],
    'Ends and ages': [
      curves({
        title: 'Until keys, certificates and credentials end',
        description: 'Bad below 14 days.',
        queries: { '{{kind}} {{name}}': `min by (kind, name) (${expiry}) - time()` },
        unit: 's',
        alert: 'SluiceCredentialExpiresSoon',
      }),
      curves({
        title: 'Age of the keys of token issuers',
        description: 'They are read anew after 10 minutes, once a token comes. After an hour without, none is let in.',
        queries: { '{{issuer}}': `time() - min by (issuer) (sluice_issuer_keys_read_timestamp_seconds{${replicas}})` },
        unit: 's',
        alert: 'SluiceKeysStale',
      }),
    ],
    'Calls to vendors': [
      curves({
        title: 'In flight',
        description: 'Of all replicas. Each may have as many as the limit of the connection says.',
        queries: {
          '{{connection}} {{service}}': `sum by (connection, service) (sluice_connection_calls_in_flight{${replicas}})`,
          '{{connection}} {{service}}, limit': `sum by (connection, service) (sluice_connection_calls_limit{${replicas}})`,
        },
        unit: 'short',
        alert: 'SluiceCallsQueued',
      }),
      curves({
        title: 'Queued',
        description: 'Calls that wait for their turn.',
        queries: {
          '{{connection}} {{service}}': `sum by (connection, service) (sluice_connection_calls_queued{${replicas}})`,
        },
        unit: 'short',
        isStacked: true,
        alert: 'SluiceCallsQueued',
      }),
    ],
  },
});
