import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { BlockList } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { renderedConfig } from './gateway.ts';
import { all, chart, examples, render, theOne, type KubeObject, type Values } from './render.ts';

type Labels = Readonly<Record<string, string>>;

const matches = (selector: Labels | undefined, labels: Labels | undefined) =>
  Object.entries(selector ?? {}).every(([name, value]) => labels?.[name] === value);

/** The parts of the one container that matter here. */
function containerOf(objects: readonly KubeObject[]) {
  const { spec } = theOne(objects, 'Deployment');
  const pod = spec?.template.spec;
  const container = pod?.containers[0];
  assert.ok(spec && pod && container);
  return { spec, pod, container, labels: spec.template.metadata?.labels };
}

/** Every selector that points at the replicas, by the kind that it stands in. */
function selectorsOf(objects: readonly KubeObject[]): Record<string, Labels | undefined> {
  return {
    Deployment: theOne(objects, 'Deployment').spec?.selector.matchLabels,
    Service: all(objects, 'Service')[0]?.spec?.selector,
    NetworkPolicy: all(objects, 'NetworkPolicy')[0]?.spec?.podSelector?.matchLabels,
    PodDisruptionBudget: all(objects, 'PodDisruptionBudget')[0]?.spec?.selector?.matchLabels,
    ServiceMonitor: all(objects, 'ServiceMonitor')[0]?.spec.selector.matchLabels,
  };
}

describe('selectors', () => {
  const selector = { 'app.kubernetes.io/name': 'sluice', 'app.kubernetes.io/instance': 'alpha' };

  it('are these, for ever: an upgrade cannot change them', () => {
    const objects = render({ example: 'gateway' });
    for (const [kind, found] of Object.entries(selectorsOf(objects))) assert.deepEqual(found, selector, kind);
  });

  it('do not change with the version of chart or program, nor with any value but the name', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-chart-'));
    try {
      cpSync(chart, folder, { recursive: true });
      const file = join(folder, 'Chart.yaml');
      writeFileSync(file, readFileSync(file, 'utf8').replace(/^(appVersion|version): .*$/gm, '$1: 99.9.9'));
      const values = { commonLabels: { team: 'x' }, podLabels: { tier: 'y' } };
      const later = render({ folder, example: 'gateway', values });
      assert.equal(theOne(later, 'Deployment').metadata.labels?.['app.kubernetes.io/version'], '99.9.9');
      for (const [kind, found] of Object.entries(selectorsOf(later))) assert.deepEqual(found, selector, kind);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  for (const example of examples) {
    it(`fit the pods of ${example}, and not the pod of helm test`, () => {
      const objects = render({ example });
      const { labels } = containerOf(objects);
      const test = theOne(objects, 'Pod').metadata.labels;
      for (const [kind, found] of Object.entries(selectorsOf(objects))) {
        if (!found || kind === 'ServiceMonitor') continue;
        assert.ok(matches(found, labels), kind);
        assert.ok(!matches(found, test), kind);
      }
    });
  }
});

describe('two releases in one namespace', () => {
  for (const example of examples.filter((one) => one !== 'production')) {
    it(`do not meet: ${example}`, () => {
      const [alpha, beta] = ['alpha', 'beta'].map((release) => render({ release, example }));
      assert.ok(alpha && beta);
      const names = ({ kind, metadata }: KubeObject) => `${kind} ${metadata.name}`;
      const taken = new Set(alpha.map(names));
      assert.deepEqual(
        beta.map(names).filter((name) => taken.has(name)),
        [],
      );
      for (const [kind, selector] of Object.entries(selectorsOf(beta))) {
        if (selector) assert.ok(!matches(selector, containerOf(alpha).labels), kind);
      }
    });
  }

  it('with long names have names that Kubernetes takes', () => {
    for (const object of render({ example: 'gateway', release: 'a'.repeat(53) })) {
      // What no label ever holds may be longer: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
      const longest = object.kind === 'ConfigMap' ? 253 : 63;
      assert.ok(object.metadata.name.length <= longest, object.metadata.name);
      for (const label of Object.values(object.metadata.labels ?? {})) assert.ok(label.length <= 63, label);
    }
  });
});

for (const example of examples) {
  describe(`ports and paths of ${example}`, () => {
    const objects = render({ example });
    const { container, pod, spec } = containerOf(objects);
    const ports = new Map((container.ports ?? []).map(({ name = '', containerPort }) => [name, containerPort]));
    const services = all(objects, 'Service');
    const isServed = (port: number | string, name: string) =>
      services.some(
        (one) => one.metadata.name === name && one.spec?.ports?.some((own) => own.port === port || own.name === port),
      );

    it('are those that the gateway is told to listen on', () => {
      const { server } = renderedConfig(objects) as { server: { port: number; management: { port: number } } };
      assert.deepEqual(
        [...ports],
        [
          ['http', server.port],
          ['management', server.management.port],
        ],
      );
    });

    it('are named in probes, Services, network policy, route, Ingress and monitor', () => {
      for (const probe of [container.startupProbe, container.livenessProbe, container.readinessProbe]) {
        assert.equal(probe?.httpGet?.port, 'management');
      }
      for (const port of services.flatMap((service) => service.spec?.ports ?? [])) {
        assert.ok(ports.has(String(port.targetPort)), String(port.targetPort));
      }
      const policy = all(objects, 'NetworkPolicy')[0];
      for (const port of (policy?.spec?.ingress ?? []).flatMap((rule) => rule.ports ?? [])) {
        assert.ok(ports.has(String(port.port)), String(port.port));
      }
      const route = all(objects, 'HTTPRoute')[0];
      for (const { port, name } of (route?.spec.rules ?? []).flatMap((rule) => rule.backendRefs ?? [])) {
        assert.ok(isServed(port ?? 0, name), name);
      }
      const ingress = all(objects, 'Ingress')[0];
      for (const { backend } of (ingress?.spec?.rules ?? []).flatMap((rule) => rule.http?.paths ?? [])) {
        assert.ok(isServed(backend.service?.port?.name ?? 0, backend.service?.name ?? ''));
      }
      const monitor = all(objects, 'ServiceMonitor')[0];
      const monitored = services.filter((one) => matches(monitor?.spec.selector.matchLabels, one.metadata.labels));
      if (monitor) assert.ok(monitored.length > 0);
      for (const { port = '' } of monitor?.spec.endpoints ?? []) {
        assert.ok(
          monitored.some((one) => one.spec?.ports?.some(({ name }) => name === port)),
          port,
        );
      }
    });

    it('lead from the environment to a file that is mounted, and from every mount to a volume', () => {
      const config = container.env?.find(({ name }) => name === 'SLUICE_CONFIG')?.value;
      const mount = container.volumeMounts?.find(({ name }) => name === 'config');
      assert.equal(config, `${mount?.mountPath ?? ''}/sluice.yaml`);
      const mounted = (container.volumeMounts ?? []).map(({ name }) => name).sort();
      assert.deepEqual(mounted, (pod.volumes ?? []).map(({ name }) => name).sort());
      assert.ok((container.volumeMounts ?? []).every(({ subPath }) => subPath === undefined));
    });

    it('keep one file to one pod, and never stop a drain', () => {
      const sizes = all(objects, 'HorizontalPodAutoscaler');
      const isPostgres = Object.hasOwn(renderedConfig(objects)['store'] as object, 'postgres');
      assert.equal(spec.strategy?.type, isPostgres ? 'RollingUpdate' : 'Recreate');
      assert.equal(spec.replicas === undefined, sizes.length === 1);
      if (!isPostgres) assert.equal(spec.replicas, 1);
      for (const budget of all(objects, 'PodDisruptionBudget')) {
        assert.equal(budget.spec?.minAvailable, undefined);
        assert.ok(parseInt(String(budget.spec?.maxUnavailable), 10) >= 1);
        assert.equal(budget.spec?.unhealthyPodEvictionPolicy, 'AlwaysAllow');
      }
    });

    it('lead to no metadata service', () => {
      const policy = theOne(objects, 'NetworkPolicy');
      assert.deepEqual(policy.spec?.policyTypes, ['Ingress', 'Egress']);
      const addresses = [
        ['169.254.169.254', 'ipv4'],
        ['169.254.170.2', 'ipv4'],
        ['100.100.100.200', 'ipv4'],
        ['fd00:ec2::254', 'ipv6'],
      ] as const;
      for (const { to = [], ports: out } of policy.spec.egress ?? []) {
        assert.ok(to.length > 0 && out && out.length > 0);
        for (const { ipBlock } of to) {
          if (!ipBlock) continue;
          for (const [address, family] of addresses) {
            if (ipBlock.cidr.includes(':') !== (family === 'ipv6')) continue;
            const isIn: boolean =
              listOf([ipBlock.cidr]).check(address, family) && !listOf(ipBlock.except ?? []).check(address, family);
            assert.ok(!isIn, `${address} is in ${ipBlock.cidr}`);
          }
        }
      }
    });
  });
}

function listOf(cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [address = '', prefix] = cidr.split('/');
    list.addSubnet(address, Number(prefix), address.includes(':') ? 'ipv6' : 'ipv4');
  }
  return list;
}

describe('the network policy', () => {
  const egress = (values: Values) => theOne(render({ values }), 'NetworkPolicy').spec?.egress ?? [];

  it('leaves the metadata addresses out of any block that holds them, and nothing out of others', () => {
    const cidrs = [
      '0.0.0.0/0',
      '128.0.0.0/1',
      '168.0.0.0/6',
      '100.64.0.0/10',
      '10.0.0.0/8',
      '192.168.1.1/32',
      '::/0',
      'fd00::/8',
      '2001:db8::/32',
    ];
    const upstreams = cidrs.map((cidr) => ({ cidr, ports: [443] }));
    const found = egress({ networkPolicy: { upstreams } })
      .slice(1)
      .map(({ to }) => [to?.[0]?.ipBlock?.cidr, to?.[0]?.ipBlock?.except]);
    assert.deepEqual(found, [
      ['0.0.0.0/0', ['169.254.0.0/16', '100.100.100.200/32']],
      ['128.0.0.0/1', ['169.254.0.0/16']],
      ['168.0.0.0/6', ['169.254.0.0/16']],
      ['100.64.0.0/10', ['100.100.100.200/32']],
      ['10.0.0.0/8', undefined],
      ['192.168.1.1/32', undefined],
      ['::/0', ['fd00:ec2::254/128', 'fe80::/10']],
      ['fd00::/8', ['fd00:ec2::254/128']],
      ['2001:db8::/32', undefined],
    ]);
  });

  it('lets out DNS and 443, and PostgreSQL where there is one', () => {
    const ports = (example: string) =>
      (theOne(render({ example }), 'NetworkPolicy').spec?.egress ?? []).flatMap((rule) =>
        (rule.ports ?? []).map(({ port, protocol }) => `${String(protocol)} ${String(port)}`),
      );
    assert.deepEqual([...new Set(ports('default'))], ['UDP 53', 'TCP 53', 'TCP 443']);
    assert.deepEqual([...new Set(ports('gateway'))], ['UDP 53', 'TCP 53', 'TCP 443', 'TCP 5432']);
  });
});

describe('a changed configuration', () => {
  const template = (values: Values) => theOne(render({ values }), 'Deployment').spec?.template;
  const changed = { config: { server: { docs: false } } };

  it('replaces the pods while restartOnChange is on', () => {
    assert.notDeepEqual(template(changed), template({}));
  });

  it('leaves them alone while it is off', () => {
    const off = { restartOnChange: false };
    assert.deepEqual(template({ ...changed, ...off }), template(off));
  });
});
