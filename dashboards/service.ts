import { draw, installation, replicas, routes } from './dashboard.ts';
import { curves, figure, heat } from './panels.ts';

const count = 'http_server_request_duration_seconds_count';
const bucket = 'http_server_request_duration_seconds_bucket';
const looks = 'http_request_method="GET", http_route=~".*/processes"';

/** Rate, errors, duration: what callers feel. */
export const service = draw({
  uid: 'sluice-service',
  title: 'Service',
  description: 'What callers feel: rate, errors and duration of requests, and the budgets of what is promised.',
  variables: [],
  rows: {
    Budgets: [
      figure({
        title: 'Answers without an error of ours, 3 days',
        description: '99.9 % is promised. What vendors cause is not in it.',
        queries: { availability: `1 - namespace_job:http_server_request_own_errors:ratio_rate3d{${installation}}` },
        unit: 'percentunit',
        alert: 'SluiceErrorBudgetBurn',
      }),
      figure({
        title: 'Operations with a known end, 3 days',
        description: '99.9 % is promised, counted once a target.',
        queries: { known: `1 - namespace_job:sluice_operations_unknown:ratio_rate3d{${installation}}` },
        unit: 'percentunit',
        alert: 'SluiceOutcomeBudgetBurn',
      }),
      figure({
        title: 'Requests not held up by us, 3 days',
        description: 'To 95 % of requests Sluice promises to add at most 100 ms.',
        queries: { fast: `1 - namespace_job:sluice_request_added_slow:ratio_rate3d{${installation}}` },
        unit: 'percentunit',
        alert: 'SluiceLatencyBudgetBurn',
      }),
      figure({
        title: 'Replicas',
        description: 'How many answer scrapes.',
        queries: { up: `sum(up{${replicas}})` },
        unit: 'short',
        alert: 'SluiceReplicaDown',
      }),
      figure({
        title: 'Being answered',
        description: 'Requests that wait for their answer now, the scrapes themselves among them.',
        queries: { now: `sum(http_server_active_requests{${replicas}})` },
        unit: 'short',
        alert: 'SluiceShedding',
      }),
      figure({
        title: 'Configuration in use',
        description: '1 if what every replica was given last is in use.',
        queries: { applied: `min(sluice_config_last_reload_successful{${replicas}})` },
        unit: 'short',
        alert: 'SluiceConfigReloadFailed',
      }),
      curves({
        title: 'How fast the budget of errors burns',
        description: '1 uses it up exactly. 14.4 in an hour calls somebody.',
        queries: {
          '1 h': `namespace_job:http_server_request_own_errors:ratio_rate1h{${installation}} / 0.001`,
          '6 h': `namespace_job:http_server_request_own_errors:ratio_rate6h{${installation}} / 0.001`,
        },
        unit: 'short',
        alert: 'SluiceErrorBudgetBurn',
      }),
      curves({
        title: 'Errors: all, and our own',
        description: 'Any 5xx, which may be caused by a vendor, beside the errors that are our own.',
        queries: {
          'any 5xx': `namespace_job:http_server_request_errors:ratio_rate5m{${installation}}`,
          'our own': `namespace_job:http_server_request_own_errors:ratio_rate5m{${installation}}`,
        },
        unit: 'percentunit',
        alert: 'SluiceErrorBudgetBurn',
      }),
    ],
    Rate: [
      curves({
        title: 'Requests by route',
        description: 'A second, by method and route.',
        queries: {
          '{{http_request_method}} {{http_route}}': `sum by (http_request_method, http_route) (rate(${count}{${replicas}, ${routes}}[$__rate_interval]))`,
        },
        unit: 'reqps',
        isStacked: true,
      }),
      curves({
        title: 'Answers by status',
        description: 'A second.',
        queries: {
          '{{http_response_status_code}}': `sum by (http_response_status_code) (rate(${count}{${replicas}, ${routes}}[$__rate_interval]))`,
        },
        unit: 'reqps',
        isStacked: true,
      }),
    ],
    Errors: [
      curves({
        title: 'Problems by code',
        description:
          'Requests that were answered with a problem, a second. `upstream-*` is a vendor, `internal` a defect.',
        queries: { '{{code}}': `sum by (code) (rate(sluice_refusals_total{${replicas}}[$__rate_interval])) > 0` },
        unit: 'reqps',
        isStacked: true,
      }),
      curves({
        title: 'Callers that were not let in',
        description: 'By reason, a second.',
        queries: { '{{reason}}': `sum by (reason) (rate(sluice_auth_failures_total{${replicas}}[$__rate_interval]))` },
        unit: 'reqps',
        alert: 'SluiceAuthFailures',
      }),
    ],
    Duration: [
      curves({
        title: 'What Sluice adds',
        description:
          'The time that requests took beside what vendors took: half, 95 % and 99 % are below. 95 % below 100 ms is promised.',
        queries: Object.fromEntries(
          ['0.5', '0.95', '0.99'].map((quantile) => [
            `p${Number(quantile) * 100}`,
            `histogram_quantile(${quantile}, sum by (le) (rate(sluice_request_added_seconds_bucket{${replicas}}[$__rate_interval])))`,
          ]),
        ),
        unit: 's',
        alert: 'SluiceLatencyBudgetBurn',
      }),
      curves({
        title: 'Duration of looks',
        description: 'Half, 95 % and 99 % of looks at processes are faster.',
        queries: Object.fromEntries(
          ['0.5', '0.95', '0.99'].map((quantile) => [
            `p${Number(quantile) * 100}`,
            `histogram_quantile(${quantile}, sum by (le) (rate(${bucket}{${replicas}, ${looks}}[$__rate_interval])))`,
          ]),
        ),
        unit: 's',
        alert: 'SluiceTargetSlow',
      }),
      curves({
        title: 'Duration by route, p95',
        description: '95 % of requests are faster. Mutating calls wait for as long as their callers ask.',
        queries: {
          '{{http_request_method}} {{http_route}}': `histogram_quantile(0.95, sum by (http_request_method, http_route, le) (rate(${bucket}{${replicas}, ${routes}}[$__rate_interval]))) >= 0`,
        },
        unit: 's',
      }),
      heat({
        title: 'Durations of looks',
        description: 'How they are spread.',
        queries: { le: `sum by (le) (increase(${bucket}{${replicas}, ${looks}}[$__rate_interval]))` },
        unit: 's',
        width: 24,
      }),
    ],
  },
});
