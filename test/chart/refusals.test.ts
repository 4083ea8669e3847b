import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parse as parseYaml } from 'yaml';
import { helms } from './helm.ts';
import { chart, render, tryRender, type Values } from './render.ts';

const postgres = {
  secrets: { existing: [{ name: 'all', items: [{ key: 'tenten' }, { key: 'url', path: 'postgres' }] }] },
  store: { type: 'postgres', postgres: { urlFile: 'postgres' } },
};
const open = { networkPolicy: { ingressFrom: [{ podSelector: {} }] } };
const calling = (connection: object, rest: object = {}) => ({
  config: { connections: { tenten: connection } },
  ...rest,
});

/** A receiver whose files are there. */
const pager = {
  name: 'pager',
  url: { file: '/etc/sluice/secrets/tenten' },
  on: ['forced'],
  secret: { file: '/etc/sluice/secrets/tenten' },
};
const notifying = (more: object) => ({ config: { notify: [{ ...pager, ...more }] } });

const collector = { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: 'http://collector.observability.svc:4318' };
const pool = (name: string) => ({ name, backend: '1010data', connection: 'tenten' });
const zone = { name: 'TZ', value: 'UTC' };

/** What gives a name twice, and which. */
const twice: readonly (readonly [string, string, Values])[] = [
  ['extraEnv', 'TZ', { extraEnv: [zone, zone] }],
  ['extraEnv', 'NODE_OPTIONS', { extraEnv: [{ name: 'NODE_OPTIONS', value: '--trace-gc' }] }],
  ['extraVolumes', 'tmp', { extraVolumes: [{ name: 'tmp' }] }],
  ['extraVolumeMounts', '/tmp', { extraVolumeMounts: [{ name: 'x', mountPath: '/tmp/' }] }],
  ['extraContainers or initContainers', 'sluice', { extraContainers: [{ name: 'sluice' }] }],
  ['extraContainers or initContainers', 'a', { extraContainers: [{ name: 'a' }], initContainers: [{ name: 'a' }] }],
  ['commonLabels or podLabels', 'tier', { commonLabels: { tier: 'a' }, podLabels: { tier: 'b' } }],
  ['commonLabels or podLabels', 'app.kubernetes.io/name', { podLabels: { 'app.kubernetes.io/name': 'b' } }],
  ['podAnnotations', 'checksum/config', { podAnnotations: { 'checksum/config': 'b' } }],
  ['config.targets', 'x', { config: { targets: [pool('x'), pool('x')] } }],
];

/** What cannot work, and what Helm says of it. */
const refused: readonly (readonly [string, Values, RegExp])[] = [
  ['no image', { image: { repository: '' } }, /image\.repository is empty/],
  ['no targets', { config: { targets: [] } }, /config\.targets is empty/],
  ['nobody who may call', { config: { auth: { apiKeys: [] } } }, /config\.auth has neither apiKeys nor jwt/],
  ['one port for two', { ports: { management: 8080 } }, /ports\.http and ports\.management are both 8080/],
  [
    'a grace period shorter than stopping takes',
    { terminationGracePeriodSeconds: 39 },
    /terminationGracePeriodSeconds is 39, but stopping may take 40/,
  ],
  [
    'a drain that outgrew the grace period',
    { config: { server: { drain: { delaySeconds: 10, timeoutSeconds: 60 } } } },
    /terminationGracePeriodSeconds is 45, but stopping may take 75/,
  ],
  [
    'a look that is longer than the drain',
    calling({ timeouts: { lookMs: 30_001 } }),
    /timeoutSeconds is 30, but one call of the connection tenten may take 30001 ms \(lookMs\)/,
  ],
  [
    'an answer that is longer than the drain',
    calling({ timeouts: { answerMs: 60_000 } }),
    /one call of the connection tenten may take 60000 ms \(answerMs\)/,
  ],
  [
    'a drain shorter than the default look',
    { config: { server: { drain: { timeoutSeconds: 14 } } } },
    /may take 15000 ms \(lookMs\)/,
  ],
  [
    'two replicas on SQLite',
    { replicaCount: 2 },
    /store\.type is sqlite, .* with more than one replica it must be postgres/,
  ],
  [
    'two replicas in memory',
    { replicaCount: 2, store: { type: 'memory' } },
    /store\.type is memory, .* must be postgres/,
  ],
  ['autoscaling on SQLite', { autoscaling: { enabled: true } }, /with autoscaling it must be postgres/],
  [
    'autoscaling upside down',
    { ...postgres, autoscaling: { enabled: true, minReplicas: 9 } },
    /autoscaling\.minReplicas is above autoscaling\.maxReplicas/,
  ],
  ['autoscaling by nothing', { ...postgres, autoscaling: { enabled: true, cpu: null } }, /neither cpu nor inFlight/],
  [
    'a CPU target without a request',
    { ...postgres, autoscaling: { enabled: true }, resources: { requests: { cpu: null } } },
    /autoscaling\.cpu is 500m, more than twice resources\.requests\.cpu \(0\)/,
  ],
  [
    'a CPU target that its request has no room for',
    { ...postgres, autoscaling: { enabled: true }, resources: { requests: { cpu: '0.1' } } },
    /autoscaling\.cpu is 500m, more than twice resources\.requests\.cpu \(0\.1\)/,
  ],
  [
    'a CPU target that one process never gets to',
    { ...postgres, autoscaling: { enabled: true, cpu: '1.5' }, resources: { requests: { cpu: 1 } } },
    /autoscaling\.cpu is 1\.5, but one replica works on one processor/,
  ],
  [
    'secrets inline and existing',
    { secrets: { inline: { other: 'x' } } },
    /secrets\.existing and secrets\.inline are both set/,
  ],
  ['PostgreSQL without its URL', { store: { type: 'postgres' } }, /store\.postgres\.urlFile names no file/],
  [
    'PostgreSQL with a URL that is no file',
    { store: { type: 'postgres', postgres: { urlFile: 'nosuch' } } },
    /store\.postgres\.urlFile is nosuch, which is not among the files/,
  ],
  [
    'a secret that is no file',
    calling({ password: { file: '/etc/sluice/secrets/nosuch' } }),
    /config names the file \/etc\/sluice\/secrets\/nosuch, which is not among/,
  ],
  [
    'two keys for one file',
    { secrets: { existing: [{ name: 'all', items: [{ key: 'a', path: 'tenten' }, { key: 'tenten' }] }] } },
    /gives two keys the same path/,
  ],
  [
    'a route without a Gateway',
    { ...open, httpRoute: { enabled: true } },
    /httpRoute\.enabled needs httpRoute\.parentRefs/,
  ],
  ['an Ingress without hosts', { ...open, ingress: { enabled: true } }, /ingress\.enabled needs ingress\.hosts/],
  [
    'a Gateway that the network policy shuts out',
    { httpRoute: { enabled: true, parentRefs: [{ name: 'public' }] } },
    /networkPolicy\.ingressFrom is empty, so that the Gateway or Ingress controller cannot reach/,
  ],
  [
    'a Prometheus that the network policy shuts out',
    { metrics: { serviceMonitor: { enabled: true } } },
    /networkPolicy\.managementFrom is empty, so that Prometheus cannot reach/,
  ],
  [
    'a port that nothing goes out on',
    calling({ url: 'https://gateway.example.com:8443/gw.k' }),
    /https:\/\/gateway\.example\.com:8443 is called, but networkPolicy\.upstreams lets nothing out to it on port 8443/,
  ],
  [
    'upstreams that close 443',
    { networkPolicy: { upstreams: [{ cidr: '10.0.0.0/8', ports: [8443] }] } },
    /lets nothing out to it on port 443/,
  ],
  [
    'the metadata service as an upstream',
    { networkPolicy: { upstreams: [{ cidr: '0.0.0.0/0', ports: [443] }, { cidr: '169.254.169.254/32' }] } },
    /networkPolicy\.upstreams names 169\.254\.169\.254\/32, where metadata is served/,
  ],
  [
    'the metadata service by IPv6',
    { networkPolicy: { upstreams: [{ cidr: '0.0.0.0/0', ports: [443] }, { cidr: 'fd00:ec2::254/128' }] } },
    /where metadata is served/,
  ],
  [
    'a proxy by its address that no block holds',
    {
      ...calling({ proxy: { url: 'http://10.1.2.3:3128' } }),
      networkPolicy: { upstreams: [{ cidr: '10.2.0.0/16', ports: [3128] }] },
    },
    /http:\/\/10\.1\.2\.3:3128 is called, but networkPolicy\.upstreams lets nothing out to it on port 3128/,
  ],
  [
    'a collector in the cluster that only a CIDR lets through',
    { extraEnv: [collector], networkPolicy: { upstreams: [{ cidr: '0.0.0.0/0' }] } },
    /http:\/\/collector\.observability\.svc:4318 is called inside the cluster, in the namespace observability, but .*`to`/,
  ],
  [
    'an issuer in the cluster, where another namespace is open',
    {
      config: { auth: { jwt: [{ jwksUrl: 'https://id.auth.svc.cluster.local/jwks.json' }] } },
      networkPolicy: {
        upstreams: [
          { cidr: '0.0.0.0/0', ports: [443] },
          {
            to: [
              { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'other' } } },
              { podSelector: {} },
            ],
          },
        ],
      },
    },
    /https:\/\/id\.auth\.svc\.cluster\.local is called inside the cluster, in the namespace auth/,
  ],
  [
    'a proxy beside the release that nothing leads to',
    calling({ proxy: { url: 'http://proxy:3128' } }),
    /http:\/\/proxy:3128 is called inside the cluster, in the namespace apps/,
  ],
  [
    'a route to a path that is none of the API',
    { ...open, httpRoute: { enabled: true, parentRefs: [{ name: 'public' }], path: '/sluice' } },
    /httpRoute\.path is \/sluice, but the API is at \/: set config\.server\.basePath/,
  ],
  [
    'a route below the path of the API',
    {
      ...open,
      config: { server: { basePath: '/slu' } },
      httpRoute: { enabled: true, parentRefs: [{ name: 'public' }], path: '/sluice' },
    },
    /httpRoute\.path is \/sluice, but the API is at \/slu:/,
  ],
  [
    'an Ingress for a path that is none of the API',
    { ...open, ingress: { enabled: true, hosts: ['sluice.example.com'], path: '/sluice' } },
    /ingress\.path is \/sluice, but the API is at \//,
  ],
  [
    'a LoadBalancer that the network policy shuts out',
    { ...open, service: { type: 'LoadBalancer' } },
    /service\.type is LoadBalancer, but networkPolicy\.ingressFrom lets in no address from outside the cluster/,
  ],
  [
    'two monitors',
    {
      metrics: { serviceMonitor: { enabled: true }, podMonitor: { enabled: true } },
      networkPolicy: { managementFrom: [{ podSelector: {} }] },
    },
    /metrics\.serviceMonitor and metrics\.podMonitor are both enabled/,
  ],
  [
    'a rolling update of one file',
    { strategy: { type: 'RollingUpdate' } },
    /strategy\.type is RollingUpdate, but store\.type is sqlite/,
  ],
  [
    'a budget that stops every drain',
    { ...postgres, replicaCount: 3, podDisruptionBudget: { minAvailable: 3 } },
    /podDisruptionBudget\.minAvailable is 3 of 3 pods: no node could be drained/,
  ],
  [
    'a password in plain text',
    calling({ password: 'hunter2' }),
    /config\.connections\.tenten\.password is a secret in plain text/,
  ],
  [
    'a secret in plain text further down',
    calling({ auth: { aksk: { accessKey: { file: '/etc/sluice/secrets/tenten' }, secretKey: 'plain' } } }),
    /config\.connections\.tenten\.auth\.aksk\.secretKey is a secret in plain text/,
  ],
  [
    'a password in an address',
    calling({ proxy: { url: 'https://me:hunter2@proxy.example.com' } }),
    /config\.connections\.tenten\.proxy\.url is a secret in plain text/,
  ],
  [
    'an API key in plain text',
    { config: { auth: { apiKeys: [{ name: 'a', key: 'plain' }] } } },
    /config\.auth\.apiKeys\[0\]\.key is a secret in plain text/,
  ],
  [
    'a receiver behind a proxy that nothing leads to',
    notifying({ proxy: { url: 'http://proxy.example.com:3128' } }),
    /http:\/\/proxy\.example\.com:3128 is called, but networkPolicy\.upstreams lets nothing out to it on port 3128/,
  ],
  [
    'a receiver whose secret is no file',
    notifying({ secret: { file: '/etc/sluice/secrets/nosuch' } }),
    /config names the file \/etc\/sluice\/secrets\/nosuch, which is not among/,
  ],
  [
    'a password of a receiver’s proxy in plain text',
    notifying({ proxy: { url: 'https://proxy.example.com', user: 'me', password: 'hunter2' } }),
    /config\.notify\[0\]\.proxy\.password is a secret in plain text/,
  ],
  [
    'a secret in the environment in plain text',
    calling({ password: { file: null, env: 'TENTEN' } }, { extraEnv: [{ name: 'TENTEN', value: 'hunter2' }] }),
    /extraEnv gives TENTEN, which config names as a secret, in plain text/,
  ],
  [
    'a secret in an environment that has none',
    calling({ password: { file: null, env: 'TENTEN' } }),
    /config names the environment variable TENTEN, which neither extraEnv nor envFrom gives/,
  ],
  [
    'a disabled alert that does not exist',
    { metrics: { rules: { disabled: ['SluiceNoSuchAlert', 'SluiceForcedFlush'] } } },
    /metrics\.rules\.disabled names SluiceNoSuchAlert, which is no alert/,
  ],
  [
    'words about an alert that does not exist',
    { metrics: { rules: { alerts: { SluiceNoSuchAlert: { severity: 'info' } } } } },
    /metrics\.rules\.alerts names SluiceNoSuchAlert, which is no alert/,
  ],
  ...twice.map(
    ([what, name, values]) => [`a name twice: ${name}`, values, new RegExp(`${what} gives ${name} twice`)] as const,
  ),
];

/** Values that have no meaning, each with the place that the schema finds it at. */
const meaningless: readonly (readonly [Values, string])[] = [
  [{ replicaCount: '2' }, 'replicaCount'],
  [{ replicaCount: -1 }, 'replicaCount'],
  [{ logLevel: 'loud' }, 'logLevel'],
  [{ store: { type: 'redis' } }, 'type'],
  [{ store: { retentionDays: 0 } }, 'retentionDays'],
  [{ image: { digest: 'sha256:1' } }, 'digest'],
  [{ podDisruptionBudget: { maxUnavailable: 0 } }, 'maxUnavailable'],
  [{ podDisruptionBudget: { maxUnavailable: '0%' } }, 'maxUnavailable'],
  [{ podDisruptionBudget: { minAvailable: '100%' } }, 'minAvailable'],
  [{ autoscaling: { cpu: 70 } }, 'cpu'],
  [{ networkPolicy: { upstreams: [{ cidr: '10.0.0.0/8', to: [{ podSelector: {} }] }] } }, 'upstreams'],
  [{ networkPolicy: { upstreams: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8' } }] }] } }, 'to'],
  [{ httpRoute: { timeoutSeconds: 45 } }, 'timeoutSeconds'],
  [{ networkPolicy: { upstreams: [{ cidr: '10.0.0.0' }] } }, 'cidr'],
  [{ networkPolicy: { dns: [] } }, 'dns'],
  [{ ports: { http: 0 } }, 'http'],
  [{ secrets: { inline: { 'a/b': 'x' } } }, 'a/b'],
  [{ config: { server: { port: 80 } } }, 'port'],
  [{ config: { server: { management: { port: 80 } } } }, 'management'],
  [{ config: { server: { host: '127.0.0.1' } } }, 'host'],
  [{ config: { auth: { anonymous: 'viewer' } } }, 'anonymous'],
  [{ config: { store: { memory: {} } } }, 'store'],
  [{ config: { targets: [{ name: 'x', backend: 'dcs' }] } }, 'connection'],
  [{ config: { notify: [{ ...pager, url: 'https://pager.example.com/hunter2' }] } }, 'url'],
];

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: unknown;
}

const schema = JSON.parse(readFileSync(join(chart, 'values.schema.json'), 'utf8')) as Schema;
const defaults = parseYaml(readFileSync(join(chart, 'values.yaml'), 'utf8')) as Values;

/** The paths of all objects that the schema closes; items of lists are left out. */
function closedPaths({ properties = {}, additionalProperties }: Schema, path: readonly string[] = []): string[][] {
  const below = Object.entries(properties).flatMap(([name, one]) => closedPaths(one, [...path, name]));
  return additionalProperties === false ? [[...path], ...below] : below;
}

const nested = (path: readonly string[], value: unknown): Values =>
  path.reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as Values;

/** Every value that is documented: the path of a leaf, or of an object that the schema leaves open. */
function valuePaths(values: Values, { properties = {} }: Schema): string[] {
  return Object.entries(values).flatMap(([name, value]) => {
    const inner = properties[name];
    const isClosed = inner?.additionalProperties === false;
    if (!isClosed || typeof value !== 'object' || value === null) return [name];
    return valuePaths(value as Values, inner).map((path) => `${name}.${path}`);
  });
}

for (const helm of helms) {
  describe(`Helm ${helm.version} refuses`, () => {
    for (const [name, values, words] of refused) {
      it(name, () => {
        const { ok, stderr } = tryRender({ helm, values });
        assert.equal(ok, false, 'it was rendered');
        assert.match(stderr, words);
        assert.equal(stderr.match(/^ {2}- /gm)?.length, 1, stderr);
      });
    }

    it('everything that is wrong at once', () => {
      const { stderr } = tryRender({
        helm,
        values: { replicaCount: 3, ports: { management: 8080 }, image: { repository: '' } },
      });
      assert.equal(stderr.match(/^ {2}- /gm)?.length, 3, stderr);
    });

    for (const path of closedPaths(schema)) {
      it(`a value that does not exist: ${[...path, 'surprise'].join('.')}`, () => {
        const { ok, stderr } = tryRender({ helm, values: nested([...path, 'surprise'], 1) });
        assert.equal(ok, false, 'it was rendered');
        assert.match(stderr, /values don't meet the specifications[^]*surprise/);
      });
    }

    for (const [values, place] of meaningless) {
      it(`a value that means nothing: ${JSON.stringify(values)}`, () => {
        const { ok, stderr } = tryRender({ helm, values });
        assert.equal(ok, false, 'it was rendered');
        assert.match(stderr, /values don't meet the specifications/);
        assert.ok(stderr.includes(place), stderr);
      });
    }
  });
}

describe('what is refused', () => {
  it('covers every sentence of the templates', () => {
    const sentences = globSync('templates/_validate*.tpl', { cwd: chart })
      .map((file) => readFileSync(join(chart, file), 'utf8'))
      .join('\n')
      .split('\n')
      .filter((line) =>
        /^(?:config|[a-z][A-Za-z]+\.|[a-z][A-Za-z]+ |\{\{ \$?\w* \}\} |\{\{ \. \}\} ).*\S\.$/.test(line),
      );
    assert.ok(sentences.length >= 36, String(sentences.length));
    const said = refused.map(([, values]) => tryRender({ values }).stderr).join('\n');
    for (const sentence of sentences) {
      const pattern = sentence
        .split(/\{\{.*?\}\}/)
        .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
        .join('.*');
      assert.match(said, new RegExp(pattern), `nothing makes it say: ${sentence}`);
    }
  });

  it('is no longer refused where the network is left to others', () => {
    const values = {
      networkPolicy: { enabled: false },
      httpRoute: { enabled: true, parentRefs: [{ name: 'public' }] },
      metrics: { serviceMonitor: { enabled: true } },
    };
    const kinds = render({ values }).map(({ kind }) => kind);
    assert.ok(kinds.includes('HTTPRoute') && kinds.includes('ServiceMonitor') && !kinds.includes('NetworkPolicy'));
  });

  it('is no longer refused where the network leads there, or what is in front rewrites the path', () => {
    const rewrite = {
      type: 'URLRewrite',
      urlRewrite: { path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/' } },
    };
    const route = { enabled: true, parentRefs: [{ name: 'public' }], path: '/sluice' };
    const namespace = { matchLabels: { 'kubernetes.io/metadata.name': 'observability' } };
    const upstreams = [
      { cidr: '10.1.0.0/16', ports: [3128] },
      { to: [{ namespaceSelector: namespace }], ports: [14318] },
    ];
    for (const values of [
      { ...open, httpRoute: { ...route, filters: [rewrite] } },
      { ...open, httpRoute: { ...route, path: '/a' }, config: { server: { basePath: '/a/b' } } },
      { ...calling({ proxy: { url: 'http://10.1.2.3:3128' } }), extraEnv: [collector], networkPolicy: { upstreams } },
      { service: { type: 'NodePort' }, networkPolicy: { ingressFrom: [{ ipBlock: { cidr: '10.0.0.0/8' } }] } },
      calling({ password: { file: null, env: 'TENTEN' } }, { envFrom: [{ secretRef: { name: 'tenten' } }] }),
    ]) {
      render({ values });
    }
  });

  it('leaves a Secret without a list of its keys alone', () => {
    render({ values: { secrets: { existing: [{ name: 'whatever' }] } } });
  });
});

describe('the values', () => {
  it('are all in the schema', () => {
    const unknown = valuePaths(defaults, schema).filter((path) => {
      let at: Schema | undefined = schema;
      for (const name of path.split('.')) at = at?.properties?.[name];
      return at === undefined;
    });
    assert.deepEqual(unknown, []);
  });

  it('are all that the schema has, but for what is only ever given', () => {
    const given = [
      'global',
      'strategy.type',
      'strategy.rollingUpdate',
      'config.server.basePath',
      'config.server.console',
      'config.server.keepAliveSeconds',
      'config.server.trustedProxies',
      'config.limits',
      'config.planSeconds',
      'config.reason',
      'config.approval',
      'config.notify',
      'config.auth.apiKeys',
      'config.auth.jwt',
    ];
    const missing = (node: Schema, values: unknown, path: string): string[] =>
      Object.entries(node.properties ?? {}).flatMap(([name, inner]) => {
        const at = path === '' ? name : `${path}.${name}`;
        if (given.includes(at) || at.startsWith('probes.')) return [];
        if (typeof values !== 'object' || values === null || !Object.hasOwn(values, name)) return [at];
        return missing(inner, (values as Record<string, unknown>)[name], at);
      });
    assert.deepEqual(missing(schema, defaults, ''), []);
  });

  it('are all used by a template', () => {
    const templates = globSync('templates/**/*', { cwd: chart, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
      .join('\n');
    // A template may take an object whole, or go down to a last name by `with`.
    const isUsed = (path: string) => {
      const steps = path.split('.');
      const isWhole = steps.some((_, index) => {
        const object = steps.slice(0, index + 1).join('[.]');
        return new RegExp(`toYaml [.]Values[.]${object} |with [.]Values[.]${object} \\}\\}[^]{0,40}toYaml [.] `).test(
          templates,
        );
      });
      if (isWhole || new RegExp(`[.]Values[.]${path.replaceAll('.', '[.]')}\\b`).test(templates)) return true;
      const last = steps.at(-1) ?? '';
      return (
        steps.length > 1 &&
        new RegExp(`with [.$]\\w*[.]?${steps[0] ?? ''}\\b`).test(templates) &&
        templates.includes(`.${last}`)
      );
    };
    const unused = valuePaths(defaults, schema).filter((path) => !path.startsWith('config.') && !isUsed(path));
    assert.deepEqual(unused, []);
  });
});
