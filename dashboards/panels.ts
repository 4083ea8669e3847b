import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  BigValueColorMode,
  GraphDrawStyle,
  LegendDisplayMode,
  LegendPlacement,
  StackingMode,
  TooltipDisplayMode,
} from '@grafana/grafana-foundation-sdk/common';
import * as common from '@grafana/grafana-foundation-sdk/common';
import { DashboardLinkBuilder, type Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as HeatmapBuilder } from '@grafana/grafana-foundation-sdk/heatmap';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimelineBuilder } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

/** The data source that the reader chooses: none is written into a dashboard. */
export const datasource = { type: 'prometheus', uid: '${datasource}' };

/** What a panel shows. Widths are of 24 columns. */
export interface Shown {
  readonly title: string;
  /** What it means, and from when on it is bad. */
  readonly description: string;
  /** Expressions by the text of their legend. */
  readonly queries: Readonly<Record<string, string>>;
  readonly unit: string;
  readonly width?: number;
  /** The alert that fires when this is bad. */
  readonly alert?: string;
  readonly isStacked?: boolean;
}

function queriesOf({ queries }: Shown, isInstant = false): Builder<ReturnType<DataqueryBuilder['build']>>[] {
  return Object.entries(queries).map(([legend, expression], index) => {
    const query = new DataqueryBuilder()
      .expr(expression)
      .legendFormat(legend)
      .refId(String.fromCharCode(65 + index));
    return isInstant ? query.instant() : query.range();
  });
}

function linksOf({ alert }: Shown): DashboardLinkBuilder[] {
  if (alert === undefined) return [];
  return [new DashboardLinkBuilder(alert).url(`/alerting/list?search=${alert}`).targetBlank(true)];
}

/** The alert's page, where a reader of the description finds it. */
function described({ description, alert }: Shown): string {
  return alert === undefined ? description : `${description} Alert ${alert}: docs/runbooks/${alert}.md.`;
}

/** Curves over time. */
export function curves(shown: Shown): Builder<Panel> {
  const { title, unit, width = 12, isStacked = false } = shown;
  return new TimeseriesBuilder()
    .title(title)
    .description(described(shown))
    .links(linksOf(shown))
    .datasource(datasource)
    .targets(queriesOf(shown))
    .unit(unit)
    .min(0)
    .height(8)
    .span(width)
    .drawStyle(GraphDrawStyle.Line)
    .fillOpacity(isStacked ? 60 : 10)
    .stacking(new common.StackingConfigBuilder().mode(isStacked ? StackingMode.Normal : StackingMode.None))
    .legend(
      new common.VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.Table)
        .placement(LegendPlacement.Bottom)
        .showLegend(true)
        .calcs(['lastNotNull', 'max']),
    )
    .tooltip(new common.VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi));
}

/** One number, as it is now. */
export function figure(shown: Shown): Builder<Panel> {
  const { title, unit, width = 4 } = shown;
  return new StatBuilder()
    .title(title)
    .description(described(shown))
    .links(linksOf(shown))
    .datasource(datasource)
    .targets(queriesOf(shown, true))
    .unit(unit)
    .height(4)
    .span(width)
    .colorMode(BigValueColorMode.Value);
}

/** What is in which state, over time. */
export function timeline(shown: Shown): Builder<Panel> {
  const { title, unit, width = 12 } = shown;
  return new TimelineBuilder()
    .title(title)
    .description(described(shown))
    .links(linksOf(shown))
    .datasource(datasource)
    .targets(queriesOf(shown))
    .unit(unit)
    .height(8)
    .span(width);
}

/** How durations are spread, over time: the query gives buckets by `le`. */
export function heat(shown: Shown): Builder<Panel> {
  const { title, unit, width = 12 } = shown;
  const queries = Object.values(shown.queries).map((expression) =>
    new DataqueryBuilder().expr(expression).legendFormat('{{le}}').format(PromQueryFormat.Heatmap).refId('A').range(),
  );
  return new HeatmapBuilder()
    .title(title)
    .description(described(shown))
    .links(linksOf(shown))
    .datasource(datasource)
    .targets(queries)
    .unit(unit)
    .height(8)
    .span(width);
}
