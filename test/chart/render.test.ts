import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { IPodSpec } from 'kubernetes-models/v1/PodSpec';
import { parse as parseYaml } from 'yaml';
import { callHelm, helms } from './helm.ts';
import { kinds, schemaFault, typeFaults } from './models.ts';
import { chart, exampleFile, examples, parse, render, theOne, tryRender, type KubeObject } from './render.ts';
import { restrictedFaults } from './restricted.ts';

const scratch = mkdtempSync(join(tmpdir(), 'sluice-chart-'));
after(() => {
  rmSync(scratch, { recursive: true });
});

/** All that the examples render, each object with where it is from. */
const rendered = examples.flatMap((example) =>
  render({ example }).map((object) => ({ object, place: `${example}: ${object.kind} ${object.metadata.name}` })),
);
const objects = rendered.map(({ object }) => object);

/** The pods among the objects. */
function podsOf(object: KubeObject): readonly IPodSpec[] {
  const { spec } = object as { spec?: { template?: { spec: IPodSpec } } };
  if (object.kind === 'Pod') return [spec as IPodSpec];
  return spec?.template ? [spec.template.spec] : [];
}

for (const helm of helms) {
  describe(`Helm ${helm.version}`, () => {
    it('is the one that was meant', () => {
      assert.equal(callHelm(helm, 'version', '--template', '{{.Version}}').stdout, `v${helm.version}`);
    });

    it('finds nothing wrong with the chart as it comes', () => {
      const { ok, stdout, stderr } = callHelm(helm, 'lint', '--strict', chart);
      assert.ok(ok, stdout + stderr);
    });

    for (const example of examples) {
      it(`finds nothing wrong with ${example}, and renders it`, () => {
        const { ok, stdout, stderr } = callHelm(helm, 'lint', '--strict', chart, '-f', exampleFile(example));
        assert.ok(ok, stdout + stderr);
        const objects = render({ helm, example });
        assert.ok(objects.some(({ kind }) => kind === 'Deployment'));
      });
    }

    it('makes a package that renders the same, without what only tests need', () => {
      const folder = join(scratch, helm.version);
      const { ok, stderr } = callHelm(helm, 'package', chart, '-d', folder);
      assert.ok(ok, stderr);
      const { version } = parseYaml(readFileSync(join(chart, 'Chart.yaml'), 'utf8')) as { version: string };
      const file = join(folder, `sluice-${version}.tgz`);
      assert.equal(tryRender({ helm, folder: file }).stdout, tryRender({ helm }).stdout);
      assert.doesNotMatch(readFileSync(file).toString('latin1'), /ci\/default-values/);
    });

    it('refuses a cluster that is too old', () => {
      const old = ['template', 'alpha', chart, '-f', exampleFile('default'), '--kube-version', '1.29.0'];
      assert.match(callHelm(helm, ...old).stderr, /kubeVersion: >=1.30/);
    });
  });
}

describe('both Helms', () => {
  for (const example of examples) {
    it(`render the same of ${example}`, () => {
      const [one, ...others] = helms.map((helm) => tryRender({ helm, example }).stdout);
      for (const other of others) assert.equal(other, one);
    });
  }
});

describe('the objects', () => {
  it('are of every kind that there is', () => {
    assert.deepEqual([...new Set(objects.map(({ kind }) => kind))].sort(), [...kinds].sort());
  });

  it('type-check, and one that is misspelt does not', () => {
    const [deployment] = objects.filter(({ kind }) => kind === 'Deployment');
    const misspelt = JSON.parse(
      JSON.stringify(deployment).replace('"readinessProbe"', '"readynessProbe"'),
    ) as KubeObject;
    const faults = typeFaults([...objects, misspelt]);
    assert.equal(faults.length, 1, faults.join('\n'));
    assert.match(faults[0] ?? '', new RegExp(`^${objects.length}: .*readynessProbe`));
  });

  it('pass the schemas of Kubernetes and of the custom resources', () => {
    const faults = rendered.flatMap(({ object, place }) => {
      const fault = schemaFault(object);
      return fault === null ? [] : [`${place}: ${fault}`];
    });
    assert.deepEqual(faults, []);
    const wrong = { ...theOne(render(), 'Service'), spec: { ports: [{ port: 'http' }] } };
    assert.notEqual(schemaFault(wrong), null);
  });

  it('hold no null', () => {
    for (const { object, place } of rendered) assert.doesNotMatch(JSON.stringify(object), /:null/, place);
  });

  it('carry the common labels, and say which namespace they are in', () => {
    for (const { object, place } of rendered) {
      if (object.metadata.name.endsWith('-note')) continue;
      const { labels = {} } = object.metadata;
      assert.ok(labels['app.kubernetes.io/name'] && labels['app.kubernetes.io/instance'], place);
      assert.equal(object.metadata.namespace, 'apps', place);
    }
  });

  for (const { object, place } of rendered.filter((one) => podsOf(one.object).length > 0)) {
    it(`keep the restricted profile: ${place}`, () => {
      assert.deepEqual(podsOf(object).flatMap(restrictedFaults), []);
    });
  }

  it('are seen where they break the restricted profile', () => {
    const values = {
      podSecurityContext: { runAsNonRoot: false, seccompProfile: { type: 'Unconfined' } },
      securityContext: { allowPrivilegeEscalation: true, readOnlyRootFilesystem: false, capabilities: { drop: [] } },
      extraVolumes: [{ name: 'host', hostPath: { path: '/' } }],
    };
    const deployment = theOne(render({ values }), 'Deployment');
    assert.deepEqual(podsOf(deployment).flatMap(restrictedFaults), [
      'volume host: hostPath',
      'sluice: allowPrivilegeEscalation',
      'sluice: capabilities',
      'sluice: runAsNonRoot',
      'sluice: seccompProfile',
      'sluice: readOnlyRootFilesystem',
    ]);
  });
});

describe('the files of rules and dashboards', () => {
  const values = {
    metrics: { rules: { enabled: true, disabled: ['SluiceForcedFlush'] }, dashboards: { enabled: true } },
  };

  it('are taken as they are, braces of theirs included, without the alerts that are disabled', () => {
    const folder = join(scratch, 'planted');
    cpSync(chart, folder, { recursive: true });
    const rule = (alert: string) => ({
      alert,
      expr: 'up == 0',
      annotations: { summary: '{{ $labels.job }} is "down"' },
    });
    const groups = [
      { name: 'planted', interval: '30s', rules: [rule('SluiceLoud'), rule('SluiceForcedFlush')] },
      { name: 'quiet', rules: [rule('SluiceForcedFlush')] },
    ];
    const dashboard = `{\n  "title": "Sluice", "legend": "{{target}}", "text": "é \\"quoted\\" <b>"\n}\n`;
    mkdirSync(join(folder, 'files', 'dashboards'), { recursive: true });
    writeFileSync(join(folder, 'files', 'rules', 'planted.yaml'), JSON.stringify({ groups }));
    writeFileSync(join(folder, 'files', 'dashboards', 'planted.json'), dashboard);
    for (const helm of helms) {
      const objects = render({ helm, folder, values });
      assert.equal(theOne(objects, 'ConfigMap', 'alpha-sluice-dashboard-planted').data?.['planted.json'], dashboard);
      const { spec } = theOne(objects, 'PrometheusRule');
      const planted = spec.groups?.filter(({ name }) => name === 'planted' || name === 'quiet');
      assert.deepEqual(planted, [{ name: 'planted', interval: '30s', rules: [rule('SluiceLoud')] }]);
    }
  });

  it('get what the values say of all alerts and of one, and lead to pages and dashboards', () => {
    const { spec } = theOne(render({ example: 'production' }), 'PrometheusRule');
    const alerts = (spec.groups ?? []).flatMap(({ rules }) => rules ?? []).filter(({ alert }) => alert !== undefined);
    assert.ok(alerts.length > 20);
    for (const { alert = '', labels, annotations } of alerts) {
      assert.equal(annotations?.['runbook_url'], `https://git.example.com/sluice/docs/runbooks/${alert}.md`);
      assert.equal(annotations['contact'], 'data-team');
      assert.equal(labels?.['team'], alert === 'SluiceTargetSlow' ? 'vendors' : 'data');
    }
    const slow = alerts.find(({ alert }) => alert === 'SluiceTargetSlow');
    assert.deepEqual([slow?.labels?.['severity'], slow?.for], ['info', '1h']);
  });

  it('warn of too many series by the limit that the monitor has', () => {
    const targets = Array.from({ length: 400 }, (_, index) => ({
      name: `pool-${String(index)}`,
      backend: '1010data',
      connection: 'tenten',
      pool: `pool_${String(index)}`,
    }));
    const monitored = { metrics: { serviceMonitor: { enabled: true }, ...values.metrics } };
    const limits = [{}, { config: { targets } }].map((more) => {
      const objects = render({ example: 'gateway', values: { ...monitored, ...more } });
      const { sampleLimit = 0 } = theOne(objects, 'ServiceMonitor').spec;
      const { groups = [] } = theOne(objects, 'PrometheusRule').spec;
      const rule = groups.flatMap(({ rules }) => rules ?? []).find(({ alert }) => alert === 'SluiceCardinality');
      assert.match(String(rule?.expr), new RegExp(`> ${String((sampleLimit * 4) / 5)}\\n`));
      return sampleLimit;
    });
    assert.equal((limits[1] ?? 0) - (limits[0] ?? 0), 60 * 399);
  });

  it('are all there', () => {
    const { spec } = theOne(render({ values }), 'PrometheusRule');
    assert.ok((spec.groups ?? []).flatMap(({ rules }) => rules ?? []).length > 0);
  });

  it('are nowhere unless they are asked for', () => {
    const plain = parse(tryRender().stdout);
    assert.deepEqual(
      plain.filter(({ kind, metadata }) => kind === 'PrometheusRule' || metadata.name.includes('dashboard')),
      [],
    );
  });
});
