import { draw, installation, replicas, routes } from './dashboard.ts';
import { curves, figure, heat } from './panels.ts';

const count = 'http_server_request_duration_seconds_count';
const bucket = 'http_server_request_duration_seconds_bucket';
const looks = 'http_request_method="GET", http_route=~".*/processes"';

/** Rate, errors, duration: what callers feel. */
export const service = draw({
  uid: 'sluice-service',
  title: 'Service',
  description: 'What callers feel: rate, errors and duration of requests, and the budgets of both.',
  variables: [],
  rows: {
    Budgets: [
      figure({
        title: 'Availability, 3 days',
        description: 'The share of answers that are no 5xx. 99.5 % is promised.',
        queries: { availability: `1 - namespace_job:http_server_request_errors:ratio_rate3d{${installation}}` },
        unit: 'percentunit',
        alert: 'SluiceErrorBudgetBurn',
      }),
      figure({
        title: 'Budget of errors left',
        description: 'Of the 0.5 % that may fail in 3 days. Below 0 the promise is broken.',
        queries: { left: `1 - namespace_job:http_server_request_errors:ratio_rate3d{${installation}} / 0.005` },
        unit: 'percentunit',
        alert: 'SluiceErrorBudgetBurn',
      }),
      figure({
        title: 'Fast looks, 3 days',
        description: 'The share of looks that took at most 2.5 s. 95 % is promised.',
        queries: { fast: `1 - namespace_job:http_server_request_slow:ratio_rate3d{${installation}}` },
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
          '1 h': `namespace_job:http_server_request_errors:ratio_rate1h{${installation}} / 0.005`,
          '6 h': `namespace_job:http_server_request_errors:ratio_rate6h{${installation}} / 0.005`,
        },
        unit: 'short',
        alert: 'SluiceErrorBudgetBurn',
      }),
      curves({
        title: 'Errors: all, and faults of our own',
        description: 'Any 5xx, which may be a fault of a vendor, beside 500, which never is.',
        queries: {
          'any 5xx': `namespace_job:http_server_request_errors:ratio_rate5m{${installation}}`,
          '500 alone': `namespace_job:http_server_request_faults:ratio_rate5m{${installation}}`,
        },
        unit: 'percentunit',
        alert: 'SluiceInternalErrors',
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
        title: 'Duration of looks',
        description: 'Half, 95 % and 99 % of looks at processes are faster.',
        queries: Object.fromEntries(
          ['0.5', '0.95', '0.99'].map((quantile) => [
            `p${Number(quantile) * 100}`,
            `histogram_quantile(${quantile}, sum by (le) (rate(${bucket}{${replicas}, ${looks}}[$__rate_interval])))`,
          ]),
        ),
        unit: 's',
        alert: 'SluiceLatencyBudgetBurn',
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
