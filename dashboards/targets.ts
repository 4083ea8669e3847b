import { draw, installation, replicas } from './dashboard.ts';
import { curves, figure, timeline } from './panels.ts';

const chosen = `${replicas}, backend=~"$backend"`;
const requests = `sluice_upstream_requests_total{${chosen}, target=~"$target"`;
const bucket = `sluice_upstream_request_duration_seconds_bucket{${chosen}}`;

/** How vendors treat what is sent to them. */
export const targets = draw({
  uid: 'sluice-targets',
  title: 'Targets',
  description: 'How vendors treat what Sluice sends them, by target.',
  variables: ['backend', 'target'],
  rows: {
    Now: [
      figure({
        title: 'Open circuits',
        description: 'Services of connections that are left alone, because they failed several times in a row.',
        queries: { open: `sum(sluice_circuit_state{${replicas}, state="open"})` },
        unit: 'short',
        width: 6,
        alert: 'SluiceCircuitOpen',
      }),
      figure({
        title: 'Refused credentials, 1 h',
        description: 'How often IAM refused a token, or to tell the project of a region.',
        queries: {
          tokens: `sum(increase(sluice_token_refresh_total{${replicas}, outcome="upstream-rejected"}[1h]))`,
          projects: `sum(increase(sluice_project_lookups_total{${replicas}, outcome="upstream-rejected"}[1h]))`,
        },
        unit: 'short',
        width: 6,
        alert: 'SluiceCredentialsRejected',
      }),
      figure({
        title: 'Attempts',
        description: 'At vendors, a second.',
        queries: { attempts: `sum(rate(${requests}}[$__rate_interval]))` },
        unit: 'reqps',
        width: 6,
      }),
      figure({
        title: 'Answered well',
        description: 'The share of attempts that were.',
        queries: {
          ok: `sum(rate(${requests}, outcome="ok"}[$__rate_interval])) / sum(rate(${requests}}[$__rate_interval]))`,
        },
        unit: 'percentunit',
        width: 6,
        alert: 'SluiceTargetFailing',
      }),
    ],
    'By target': [
      curves({
        title: 'Attempts',
        description: 'A second. `none` is for no target alone: asking for tokens.',
        queries: { '{{backend}} {{target}}': `sum by (backend, target) (rate(${requests}}[$__rate_interval]))` },
        unit: 'reqps',
        isStacked: true,
      }),
      curves({
        title: 'Share that fails',
        description: 'Not reached, not answered in time, or not understood, over 5 minutes. Bad from a fifth on.',
        queries: {
          '{{backend}} {{target}}': `namespace_job_backend_target:sluice_upstream_failures:ratio_rate5m{${installation}, backend=~"$backend", target=~"$target"}`,
        },
        unit: 'percentunit',
        alert: 'SluiceTargetFailing',
      }),
      curves({
        title: 'What went wrong',
        description: 'Attempts that were not answered well, a second.',
        queries: {
          '{{target}} {{outcome}}': `sum by (target, outcome) (rate(${requests}, outcome!="ok"}[$__rate_interval]))`,
        },
        unit: 'reqps',
        isStacked: true,
        alert: 'SluiceTargetRefuses',
      }),
      curves({
        title: 'Throttled',
        description: 'Attempts that the vendor refused as too many, a second.',
        queries: {
          '{{target}}': `sum by (target) (rate(${requests}, outcome="upstream-throttled"}[$__rate_interval]))`,
        },
        unit: 'reqps',
        alert: 'SluiceTargetThrottled',
      }),
    ],
    'By call': [
      curves({
        title: 'Duration, p50',
        description: 'Half of the attempts are faster. Waiting for their turn is left out.',
        queries: {
          '{{backend}} {{call}}': `histogram_quantile(0.5, sum by (backend, call, le) (rate(${bucket}[$__rate_interval]))) >= 0`,
        },
        unit: 's',
      }),
      curves({
        title: 'Duration, p95',
        description: '95 % of the attempts are faster. Bad from 7.5 s on: they are given up after 10.',
        queries: {
          '{{backend}} {{call}}': `histogram_quantile(0.95, sum by (backend, call, le) (rate(${bucket}[$__rate_interval]))) >= 0`,
        },
        unit: 's',
        alert: 'SluiceTargetSlow',
      }),
    ],
    Connections: [
      timeline({
        title: 'Circuits',
        description: '1 while a service of a connection is left alone, by replica.',
        queries: {
          '{{connection}} {{service}}': `max by (connection, service) (sluice_circuit_state{${replicas}, state="open"})`,
        },
        unit: 'short',
        alert: 'SluiceCircuitOpen',
      }),
      curves({
        title: 'Tokens and projects asked for',
        description: 'By what came of it, in a minute.',
        queries: {
          '{{connection}} {{outcome}}': `sum by (connection, outcome) (rate(sluice_token_refresh_total{${replicas}}[$__rate_interval])) * 60`,
          '{{connection}} project {{outcome}}': `sum by (connection, outcome) (rate(sluice_project_lookups_total{${replicas}}[$__rate_interval])) * 60`,
        },
        unit: 'short',
        alert: 'SluiceTokenUnavailable',
      }),
    ],
  },
});
