// The dashboards: what is committed is what is generated, and every query has an answer of a real Prometheus.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { dashboards, written } from '../../dashboards/all.ts';
import { startLoadedGateway } from './loaded-gateway.ts';
import { startPrometheus, type Prometheus } from './prometheus.ts';
import { Findings, needTool } from './tools.ts';

interface Panel {
  readonly id?: number;
  readonly type: string;
  readonly title?: string;
  readonly description?: string;
  readonly datasource?: { readonly uid?: string };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat?: string }[];
  readonly panels?: readonly Panel[];
}
interface Written {
  readonly uid: string;
  readonly panels: readonly Panel[];
  readonly annotations: { readonly list: readonly { readonly expr?: string }[] };
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly type: string; readonly query: string }[];
  };
}

const root = join(import.meta.dirname, '..', '..');
const folder = join(root, 'helm', 'sluice', 'files', 'dashboards');
const rules = join(root, 'helm', 'sluice', 'files', 'rules');
const rounds = 4;
/** What Grafana would put in: 'All' of every variable, and a window of several scrapes. */
const globals: Readonly<Record<string, string>> = { __rate_interval: '30s', __interval: '5s', __range: '3m' };

needTool('prometheus', 'test:dashboards');
const findings = new Findings();
const began = performance.now();
const counted = { queries: 0, zeros: 0 };

/** Every panel, also those within rows. */
function panelsOf(panels: readonly Panel[]): readonly Panel[] {
  return panels.flatMap((panel) => [panel, ...panelsOf(panel.panels ?? [])]);
}

function substitute(expression: string, variables: Readonly<Record<string, string>>): string {
  return expression.replaceAll(/\$(?:\{(\w+)\}|(\w+))/g, (whole, braced?: string, bare?: string) => {
    return { ...variables, ...globals }[braced ?? bare ?? ''] ?? whole;
  });
}

async function checkFiles(): Promise<void> {
  const files = readdirSync(folder).toSorted();
  const expected = Object.keys(dashboards).map((name) => `${name}.json`);
  if (files.join() !== expected.toSorted().join()) findings.add(`There are ${files.join(', ')}: npm run dashboards`);
  for (const [name, dashboard] of Object.entries(dashboards)) {
    const committed = files.includes(`${name}.json`) ? readFileSync(join(folder, `${name}.json`), 'utf8') : '';
    if (committed !== (await written(dashboard)))
      findings.add(`${name}.json is not what is generated: npm run dashboards`);
  }
}

function alertNames(): ReadonlySet<string> {
  const files = readdirSync(rules).map(
    (file) => parse(readFileSync(join(rules, file), 'utf8')) as { groups: { rules: { alert?: string }[] }[] },
  );
  return new Set(
    files.flatMap(({ groups }) => groups.flatMap((group) => group.rules.flatMap(({ alert }) => alert ?? []))),
  );
}

function checkForm(name: string, { panels, uid }: Written, uids: Set<string>, alerts: ReadonlySet<string>): void {
  if (uids.has(uid)) findings.add(`${name}: the uid ${uid} is used twice.`);
  uids.add(uid);
  const all = panelsOf(panels);
  const ids = all.flatMap(({ id }) => id ?? []);
  if (new Set(ids).size < all.length) findings.add(`${name}: ids of panels are missing or used twice.`);
  for (const { type, title = '', description = '', datasource, targets = [] } of all) {
    if (type === 'row') continue;
    const where = `${name} / ${title}`;
    if (datasource?.uid !== '${datasource}') findings.add(`${where} has a data source of its own.`);
    if (description === '') findings.add(`${where} has no description.`);
    if (targets.length === 0) findings.add(`${where} asks nothing.`);
    const named = /Alert (\w+):/.exec(description)?.[1];
    if (named !== undefined && !alerts.has(named))
      findings.add(`${where} names the alert ${named}, which there is not.`);
  }
}

async function checkQuery(where: string, expression: string, legend: string, prometheus: Prometheus): Promise<void> {
  counted.queries += 1;
  if (/\$/.test(expression)) findings.add(`${where}: a variable is unknown in ${expression}`);
  try {
    const found = await prometheus.query(expression);
    const real = found.filter(({ value }) => !Number.isNaN(value));
    if (real.length === 0) findings.add(`${where}: nothing answers ${expression}`);
    if (real.every(({ value }) => value === 0)) counted.zeros += 1;
    for (const [, label = ''] of legend.matchAll(/\{\{(\w+)\}\}/g)) {
      if (!found.some(({ labels }) => label in labels))
        findings.add(`${where}: the legend names ${label}, which no answer has.`);
    }
  } catch (thrown) {
    findings.add(`${where}: ${String(thrown)}: ${expression}`);
  }
}

async function checkQueries(name: string, dashboard: Written, prometheus: Prometheus): Promise<void> {
  const variables: Record<string, string> = {};
  for (const { name: variable, type, query } of dashboard.templating.list) {
    if (type !== 'query') continue;
    const [, selector = '', label = ''] = /^label_values\((.*), (\w+)\)$/.exec(query) ?? [];
    const values = await prometheus.labelValues(label, substitute(selector, variables));
    if (values.length === 0) findings.add(`${name}: the variable ${variable} has no values.`);
    variables[variable] = '.*';
  }
  for (const { expr = '' } of dashboard.annotations.list) {
    if (expr !== '') await checkQuery(`${name} / annotation`, substitute(expr, variables), '', prometheus);
  }
  for (const { title = '', targets = [] } of panelsOf(dashboard.panels)) {
    for (const { expr, legendFormat = '' } of targets) {
      await checkQuery(`${name} / ${title}`, substitute(expr, variables), legendFormat, prometheus);
    }
  }
}

await checkFiles();
const alerts = alertNames();
const uids = new Set<string>();
const read = Object.keys(dashboards).map(
  (name) => [name, JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Written] as const,
);
for (const [name, dashboard] of read) checkForm(name, dashboard, uids, alerts);
const gateway = await startLoadedGateway();
try {
  const prometheus = await startPrometheus(gateway.address, join(rules, '*.yaml'));
  try {
    for (let round = 0; round < rounds; round += 1) await gateway.round();
    // So that the last round has been scraped, and the rules have been evaluated after it.
    await sleep(2500);
    for (const [name, dashboard] of read) await checkQueries(name, dashboard, prometheus);
    for (const broken of await prometheus.brokenRules()) findings.add(broken);
  } finally {
    await prometheus.close();
  }
} finally {
  await gateway.close();
}
const seconds = Math.round((performance.now() - began) / 1000);
findings.tell(
  `${read.length} dashboards are as generated, and all ${counted.queries} queries have answers (${counted.zeros} of them nothing but zeros), after ${seconds} s.`,
);
