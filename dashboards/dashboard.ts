import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  AnnotationQueryBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
  VariableSort,
  type Dashboard,
  type Panel,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { datasource } from './panels.ts';

/** What every query selects by: the chosen namespace and replicas. */
export const replicas = 'job="sluice", namespace=~"$namespace", instance=~"$instance"';
/** The same for what recording rules give, which is told of no replica. */
export const installation = 'job="sluice", namespace=~"$namespace"';
/** The routes of the API: neither probes and scrapes nor documentation. */
export const routes = 'http_route!~"unmatched|.*/(health/.*|metrics|docs.*|problems.*|openapi[.]json)"';

/** A variable whose values a label has. All of them are chosen at first; a label that is not there fits as well. */
function variable(name: string, metric: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .datasource(datasource)
    .query(`label_values(${metric}, ${name})`)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ text: 'All', value: '$__all' });
}

const variables: Readonly<Record<string, QueryVariableBuilder>> = {
  backend: variable('backend', `sluice_upstream_requests_total{${replicas}}`),
  target: variable('target', `sluice_operations_unsettled{${replicas}}`),
};

/** One dashboard. */
export interface Drawn {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  /** The variables that its queries use besides namespace and instance. */
  readonly variables: readonly (keyof typeof variables)[];
  /** The panels, by the title of their row. */
  readonly rows: Readonly<Record<string, readonly Builder<Panel>[]>>;
}

/** Builds a dashboard, with what all have in common. */
export function draw({ uid, title, description, variables: used, rows }: Drawn): Dashboard {
  const dashboard = new DashboardBuilder(`Sluice / ${title}`)
    .uid(uid)
    .description(description)
    .tags(['sluice'])
    .timezone('browser')
    .time({ from: 'now-3h', to: 'now' })
    .refresh('30s')
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .link(
      new DashboardLinkBuilder('Sluice')
        .type(DashboardLinkType.Dashboards)
        .tags(['sluice'])
        .asDropdown(true)
        .includeVars(true)
        .keepTime(true),
    )
    .annotation(
      new AnnotationQueryBuilder()
        .name('Begins')
        .datasource(datasource)
        .enable(true)
        .iconColor('blue')
        .expr(`process_start_time_seconds{${replicas}} * 1000`)
        .useValueForTime(true)
        .titleFormat('{{instance}} began'),
    )
    .withVariable(new DatasourceVariableBuilder('datasource').type('prometheus'))
    .withVariable(variable('namespace', 'sluice_build_info{job="sluice"}'))
    .withVariable(variable('instance', 'sluice_build_info{job="sluice", namespace=~"$namespace"}'));
  for (const name of used) {
    const one = variables[name];
    if (one) dashboard.withVariable(one);
  }
  for (const [row, panels] of Object.entries(rows)) {
    dashboard.withRow(new RowBuilder(row));
    for (const panel of panels) dashboard.withPanel(panel);
  }
  const built = dashboard.build();
  // Grafana keeps what people set for a panel by its id.
  (built.panels ?? []).forEach((panel, index) => {
    panel.id = index + 1;
  });
  return built;
}
