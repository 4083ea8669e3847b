// The rules for Prometheus: well-formed, tested, with a page each, and about metrics that the gateway really has.
import { spawnSync } from 'node:child_process';
import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { startLoadedGateway } from './loaded-gateway.ts';
import { fits, samplesOf, selectorsOf, type Sample } from './selectors.ts';
import { Findings, needTool } from './tools.ts';

interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}
interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
}
interface RuleTests {
  readonly tests: readonly {
    readonly alert_rule_test?: readonly { readonly alertname: string; readonly exp_alerts: readonly object[] }[];
  }[];
}

const root = join(import.meta.dirname, '..', '..');
const runbooks = 'docs/runbooks';
const headings = [
  '## Meaning',
  '## Impact',
  '## May it wait till morning?',
  '## Whom to call',
  '## Diagnosis',
  '## Mitigation',
  '## What not to do',
];
const dashboards = globSync('helm/sluice/files/dashboards/*.json', { cwd: root }).map(
  (file) => (JSON.parse(readFileSync(join(root, file), 'utf8')) as { readonly uid: string }).uid,
);
/** Prometheus' own series about a scrape, and its own labels. */
const ofPrometheus = new Set(['up', 'scrape_samples_post_metric_relabeling']);
const labelsOfPrometheus = new Set(['job', 'namespace', 'instance', 'pod']);
/** What a gateway that works never answers. */
const neverSeen = 'error_type=~"internal|overloaded|store-unavailable|draining"';

needTool('promtool', 'test:rules');
const findings = new Findings();
const files = globSync('helm/sluice/files/rules/*.yaml', { cwd: root }).toSorted();
const testFiles = globSync('test/rules/*.yaml', { cwd: root }).toSorted();
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const rules = files.flatMap((file) => (parse(read(file)) as RuleFile).groups.flatMap((group) => group.rules));
const alerts = [...new Set(rules.flatMap(({ alert }) => alert ?? []))];
const recorded = new Set(rules.flatMap(({ record }) => record ?? []));

function promtool(...given: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync('promtool', given, { cwd: root, encoding: 'utf8' });
  if (status !== 0) findings.add(`promtool ${given.slice(0, 2).join(' ')}:\n${stdout}${stderr}`);
}

function checkAnnotations({ alert = '', labels = {}, annotations = {} }: Rule): void {
  for (const name of ['summary', 'description']) if (!annotations[name]) findings.add(`${alert} has no ${name}.`);
  if (annotations['runbook'] !== `${runbooks}/${alert}.md`) findings.add(`${alert} does not name its page.`);
  const [, uid = ''] =
    /^\/d\/([\w-]+)\?var-namespace=\{\{ \$labels\.namespace \}\}/.exec(annotations['dashboard'] ?? '') ?? [];
  if (!dashboards.includes(uid)) findings.add(`${alert} leads to no dashboard.`);
  if (!['critical', 'warning', 'info'].includes(labels['severity'] ?? '')) findings.add(`${alert} has no severity.`);
}

function checkTests(): void {
  const cases = testFiles.flatMap((file) =>
    (parse(read(file)) as RuleTests).tests.flatMap((one) => one.alert_rule_test ?? []),
  );
  for (const alert of alerts) {
    const ofIt = cases.filter(({ alertname }) => alertname === alert);
    if (!ofIt.some(({ exp_alerts }) => exp_alerts.length > 0)) findings.add(`No test lets ${alert} fire.`);
    if (!ofIt.some(({ exp_alerts }) => exp_alerts.length === 0)) findings.add(`No test lets ${alert} be silent.`);
  }
}

function checkRunbooks(): void {
  const pages = readdirSync(join(root, runbooks)).map((file) => file.replace(/\.md$/, ''));
  const listed = [...read('docs/operating.md').matchAll(/^\| \[(Sluice\w+)\]\(runbooks\/\1\.md\)/gm)].map(
    ([, name]) => name,
  );
  for (const alert of alerts) {
    if (!pages.includes(alert)) findings.add(`${alert} has no page in ${runbooks}.`);
    if (!listed.includes(alert)) findings.add(`${alert} is not in the table of docs/operating.md.`);
  }
  for (const page of new Set([...pages, ...listed.flatMap((name) => name ?? [])])) {
    if (!alerts.includes(page)) findings.add(`There is no alert ${page}, but a page or a row about it.`);
    const found = read(`${runbooks}/${page}.md`).match(/^#{1,2} .*$/gm) ?? [];
    if (found.join() !== [`# ${page}`, ...headings].join())
      findings.add(`${page}.md has other headings: ${found.join(', ')}`);
  }
}

function checkSelectors({ alert, record, expr }: Rule, samples: readonly Sample[]): void {
  const name = alert ?? record ?? '';
  for (const { metric, matchers } of selectorsOf(expr)) {
    if (!matchers.some(({ label, value }) => label === 'job' && value === 'sluice')) {
      findings.add(`${name}: ${metric} is not selected by job="sluice".`);
    }
    if (recorded.has(metric) || ofPrometheus.has(metric)) continue;
    const ours = matchers.filter(({ label }) => !labelsOfPrometheus.has(label));
    const series = samples.filter((sample) => sample.metric === metric);
    if (series.length === 0) findings.add(`${name}: the gateway has no metric ${metric}.`);
    for (const { label } of ours) {
      if (!series.some(({ labels }) => label in labels)) findings.add(`${name}: ${metric} has no label ${label}.`);
    }
    const seen = ours.filter(({ label, operator, value }) => `${label}${operator}"${value}"` !== neverSeen);
    if (!series.some((sample) => seen.every((one) => fits(sample, one)))) {
      findings.add(`${name}: nothing fits ${metric}{${seen.map((one) => Object.values(one).join(' ')).join(', ')}}`);
    }
  }
}

promtool('check', 'rules', '--lint=all', '--lint-fatal', ...files);
promtool('test', 'rules', ...testFiles);
for (const rule of rules) if (rule.alert !== undefined) checkAnnotations(rule);
checkTests();
checkRunbooks();
const gateway = await startLoadedGateway();
try {
  for (let round = 0; round < 2; round += 1) await gateway.round();
  const samples = samplesOf(await gateway.scrape());
  for (const rule of rules) checkSelectors(rule, samples);
} finally {
  await gateway.close();
}
const metrics = new Set(rules.flatMap(({ expr }) => selectorsOf(expr).map(({ metric }) => metric)));
findings.tell(
  `${alerts.length} alerts and ${recorded.size} recording rules are in order: linted, tested in ${testFiles.length} files, a page each, ${metrics.size} metrics found.`,
);
