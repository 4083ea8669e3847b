import { draw, replicas } from './dashboard.ts';
import { curves, figure } from './panels.ts';

/** Utilisation, saturation, errors of the processes themselves. */
export const runtime = draw({
  uid: 'sluice-runtime',
  title: 'Runtime',
  description: 'Utilisation, saturation and errors of the processes themselves.',
  variables: [],
  rows: {
    Now: [
      figure({
        title: 'Versions',
        description: 'Replicas by what they run.',
        queries: {
          '{{version}} on Node {{node_version}}': `sum by (version, node_version) (sluice_build_info{${replicas}})`,
        },
        unit: 'short',
        width: 8,
        alert: 'SluiceVersionSkew',
      }),
      figure({
        title: 'Youngest replica',
        description: 'How long ago it began.',
        queries: { age: `time() - max(process_start_time_seconds{${replicas}})` },
        unit: 's',
        width: 8,
        alert: 'SluiceRestarting',
      }),
      figure({
        title: 'Samples in a scrape',
        description: 'Of the largest. A scrape of more than 5000 is refused by the monitor of the chart.',
        queries: { samples: `max(scrape_samples_post_metric_relabeling{${replicas}})` },
        unit: 'short',
        width: 8,
        alert: 'SluiceCardinality',
      }),
    ],
    Utilisation: [
      curves({
        title: 'Processor',
        description: 'Processors used. JavaScript runs on one.',
        queries: { '{{instance}}': `rate(process_cpu_seconds_total{${replicas}}[$__rate_interval])` },
        unit: 'short',
        alert: 'SluiceEventLoopBlocked',
      }),
      curves({
        title: 'Memory',
        description: 'What the process holds, the heap within it, and what the heap may grow to.',
        queries: {
          '{{instance}} resident': `process_resident_memory_bytes{${replicas}}`,
          '{{instance}} heap': `nodejs_heap_size_used_bytes{${replicas}}`,
          '{{instance}} limit of the heap': `sluice_heap_limit_bytes{${replicas}}`,
        },
        unit: 'bytes',
        alert: 'SluiceHeapNearLimit',
      }),
      curves({
        title: 'Heap in use',
        description: 'Of what it may grow to. Bad from 90 % on.',
        queries: { '{{instance}}': `nodejs_heap_size_used_bytes{${replicas}} / sluice_heap_limit_bytes{${replicas}}` },
        unit: 'percentunit',
        alert: 'SluiceHeapNearLimit',
      }),
      curves({
        title: 'File descriptors in use',
        description: 'Of those that the process may have.',
        queries: { '{{instance}}': `process_open_fds{${replicas}} / process_max_fds{${replicas}}` },
        unit: 'percentunit',
        alert: 'SluiceFileDescriptorsNearLimit',
      }),
    ],
    Saturation: [
      curves({
        title: 'Lag of the event loop',
        description: 'How late one turn in two and one in a hundred come. Bad from 250 ms on.',
        queries: {
          '{{instance}} p50': `nodejs_eventloop_lag_p50_seconds{${replicas}}`,
          '{{instance}} p99': `nodejs_eventloop_lag_p99_seconds{${replicas}}`,
        },
        unit: 's',
        alert: 'SluiceEventLoopBlocked',
      }),
      curves({
        title: 'Collecting garbage',
        description: 'Seconds of each second, by kind.',
        queries: {
          '{{kind}}': `sum by (kind) (rate(nodejs_gc_duration_seconds_sum{${replicas}}[$__rate_interval]))`,
        },
        unit: 's',
        alert: 'SluiceHeapNearLimit',
      }),
      curves({
        title: 'Requests being answered',
        description: 'By replica, its own scrape among them.',
        queries: { '{{instance}}': `http_server_active_requests{${replicas}}` },
        unit: 'short',
        alert: 'SluiceShedding',
      }),
      curves({
        title: 'What the runtime waits for',
        description: 'Sockets, timers and the like, by type.',
        queries: { '{{type}}': `sum by (type) (nodejs_active_resources{${replicas}})` },
        unit: 'short',
      }),
    ],
    Errors: [
      curves({
        title: 'Defects and shed requests',
        description: '500 `internal`, and 503 `overloaded`, a second.',
        queries: {
          '{{code}}': `sum by (code) (rate(sluice_refusals_total{${replicas}, code=~"internal|overloaded"}[$__rate_interval]))`,
        },
        unit: 'reqps',
        alert: 'SluiceInternalErrors',
      }),
      curves({
        title: 'Restarts',
        description: 'How often a replica began anew in half an hour.',
        queries: { '{{instance}}': `changes(process_start_time_seconds{${replicas}}[30m])` },
        unit: 'short',
        alert: 'SluiceRestarting',
      }),
    ],
  },
});
