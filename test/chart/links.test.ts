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
    PodMonitor: all(objects, 'PodMonitor')[0]?.spec.selector.matchLabels,
  };
}

describe('selectors', () => {
  const selector = { 'app.kubernetes.io/name': 'sluice', 'app.kubernetes.io/instance': 'alpha' };

  it('are these, for ever: an upgrade cannot change them', () => {
    const objects = render({ example: 'gateway' });
    for (const [kind, found] of Object.entries(selectorsOf(objects))) {
      if (kind !== 'PodMonitor') assert.deepEqual(found, selector, kind);
    }
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
      for (const [kind, found] of Object.entries(selectorsOf(later))) {
        if (kind !== 'PodMonitor') assert.deepEqual(found, selector, kind);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  for (const example of examples) {
    it(`fit the pods of ${example}, and not those of hooks`, () => {
      const objects = render({ example });
      const { labels } = containerOf(objects);
      const hooks = [theOne(objects, 'Pod').metadata.labels, theOne(objects, 'Job').spec?.template.metadata?.labels];
      for (const [kind, found] of Object.entries(selectorsOf(objects))) {
        if (!found || kind === 'ServiceMonitor') continue;
        assert.ok(matches(found, labels), kind);
        for (const hook of hooks) assert.ok(hook && !matches(found, hook), kind);
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
      // What no label ever holds may be longer:
      // https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
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
        const { minAvailable, maxUnavailable = 0, unhealthyPodEvictionPolicy } = budget.spec ?? {};
        const fewest = sizes[0]?.spec.minReplicas ?? spec.replicas ?? 0;
        if (minAvailable === undefined) assert.ok(parseInt(String(maxUnavailable), 10) >= 1);
        else assert.ok(Number(minAvailable) < fewest && maxUnavailable === 0);
        assert.equal(unhealthyPodEvictionPolicy, 'AlwaysAllow');
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
  const reloadable = { config: { readOnly: true, limits: { caller: { requests: 5, seconds: 1 } } } };
  const restarting: readonly Values[] = [
    { config: { server: { docs: false } } },
    { config: { server: { drain: { delaySeconds: 6 } } } },
    { store: { retentionDays: 7 } },
    { tls: { secretName: 'certificate' } },
  ];

  it('is read by the pods that run, unless it needs a restart', () => {
    assert.deepEqual(template(reloadable), template({}));
    for (const values of restarting) assert.notDeepEqual(template(values), template({}), JSON.stringify(values));
  });

  it('replaces the pods in any case while restartOnChange is on', () => {
    const on = { restartOnChange: true };
    assert.notDeepEqual(template({ ...reloadable, ...on }), template(on));
  });
});

describe('the hook job', () => {
  const hook = (values: Values, example = 'production') => {
    const objects = render({ values, example });
    const job = theOne(objects, 'Job');
    const pod = job.spec?.template.spec;
    assert.ok(pod?.containers[0]);
    return { objects, job, pod, container: pod.containers[0] };
  };

  for (const example of examples) {
    it(`checks what the pods of ${example} will read, as they will find it`, () => {
      const { objects, job, pod, container } = hook({}, example);
      const { pod: replica, container: gateway } = containerOf(objects);
      const name = `${theOne(objects, 'Deployment').metadata.name}-check`;
      const isOwn = (one: { readonly name?: string }) => one.name !== 'data';
      assert.equal(
        JSON.stringify(pod.volumes),
        JSON.stringify((replica.volumes ?? []).filter(isOwn))
          .replace(`"configMap":{"name":"${name.replace(/-check$/, '')}"}`, `"configMap":{"name":"${name}"}`)
          .replace(`{"secret":{"name":"${name.replace(/-check$/, '')}"}}`, `{"secret":{"name":"${name}"}}`),
      );
      assert.deepEqual(container.volumeMounts, (gateway.volumeMounts ?? []).filter(isOwn));
      assert.deepEqual(
        [container.image, container.env, container.envFrom],
        [gateway.image, gateway.env, gateway.envFrom],
      );
      assert.equal(
        theOne(objects, 'ConfigMap', name).data?.['sluice.yaml'],
        theOne(objects, 'ConfigMap', name.replace(/-check$/, '')).data?.['sluice.yaml'],
      );
      assert.equal(job.spec?.backoffLimit, 0);
      assert.equal(container.args?.at(-1), gateway.env?.find((one) => one.name === 'SLUICE_CONFIG')?.value);
    });
  }

  it('comes before all else, and before an installation only where nothing else brings the Secrets', () => {
    const hooks = (objects: readonly KubeObject[]) =>
      objects.flatMap(({ kind, metadata }) => {
        const annotations = metadata.annotations ?? {};
        const when = annotations['helm.sh/hook'];
        return when === undefined || when === 'test' ? [] : [[kind, when, annotations['helm.sh/hook-weight']]];
      });
    assert.deepEqual(hooks(render({ example: 'trial' })), [
      ['Secret', 'pre-install,pre-upgrade', '-20'],
      ['ConfigMap', 'pre-install,pre-upgrade', '-20'],
      ['Job', 'pre-install,pre-upgrade', '-10'],
    ]);
    assert.deepEqual(
      hooks(render({ example: 'production' })).map(([, when]) => when),
      ['pre-upgrade', 'pre-upgrade'],
    );
    assert.deepEqual(hooks(render({ values: { configCheck: { enabled: false } } })), []);
  });

  it('and the pod of helm test run where the others may, but need no place beside them', () => {
    const { objects, pod } = hook({ affinity: { podAntiAffinity: { x: 1 } } });
    const { pod: replica } = containerOf(objects);
    for (const one of [pod, theOne(objects, 'Pod').spec]) {
      assert.deepEqual([one?.nodeSelector, one?.tolerations], [replica.nodeSelector, replica.tolerations]);
      assert.deepEqual(one?.affinity, { nodeAffinity: replica.affinity?.nodeAffinity });
    }
  });
});

describe('TLS in the pod', () => {
  const objects = render({
    example: 'ingress',
    values: { tls: { secretName: 'certificate', certificateKey: 'chain.pem' } },
  });

  it('is told to the gateway by the files that are mounted', () => {
    const { container, pod } = containerOf(objects);
    const path = container.volumeMounts?.find(({ name }) => name === 'tls')?.mountPath ?? '';
    const { tls } = renderedConfig(objects)['server'] as { tls: object };
    assert.deepEqual(tls, { cert: `${path}/chain.pem`, key: `${path}/tls.key` });
    assert.equal(pod.volumes?.find(({ name }) => name === 'tls')?.secret?.secretName, 'certificate');
  });

  it('is known to whoever calls the pods', () => {
    assert.equal(theOne(objects, 'Service').spec?.ports?.[0]?.appProtocol, 'https');
    const { annotations } = theOne(objects, 'Ingress').metadata;
    assert.equal(annotations?.['nginx.ingress.kubernetes.io/backend-protocol'], 'HTTPS');
    assert.match(JSON.stringify(theOne(objects, 'Pod').spec), /https:[/][/]alpha-sluice:80[/]targets/);
  });
});

describe('IPv6', () => {
  it('is listened on by default, so that pods of an IPv6 cluster get ready', () => {
    for (const example of examples) {
      assert.equal((renderedConfig(render({ example }))['server'] as { host: string }).host, '::');
    }
  });
});
