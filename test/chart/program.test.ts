import assert from 'node:assert/strict';
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { parse as parseYaml } from 'yaml';
import { refusal, renderedConfig, startGateway, type StartedGateway } from './gateway.ts';
import { chart, examples, render, theOne, type KubeObject } from './render.ts';

const root = join(chart, '..', '..');
const run = promisify(execFile);

/** The members that the page of the configuration has under a heading. */
function documented(heading: string): readonly string[] {
  const page = readFileSync(join(root, 'docs', 'configuration.md'), 'utf8');
  const section = page.split(/^## /m).find((one) => one.startsWith(`${heading}\n`)) ?? '';
  return [...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, name = '']) => name);
}

describe('the configuration that the chart writes', () => {
  for (const example of examples) {
    it(`is taken by the built gateway: ${example}`, () => {
      assert.deepEqual(refusal(renderedConfig(render({ example }))), []);
    });
  }

  it('is checked by the command of the hook job', () => {
    const objects = render();
    const [, script, option, file] = theOne(objects, 'Job').spec?.template.spec?.containers[0]?.args ?? [];
    assert.deepEqual([script, option], ['dist/main.js', '--check-config']);
    assert.equal(file, '/etc/sluice/config/sluice.yaml');
    const image = readFileSync(join(root, 'Dockerfile'), 'utf8');
    assert.match(image, /^ENTRYPOINT \["node"\]$/m);
    assert.match(image, /^CMD \[.*"dist\/main\.js"\]$/m);
  });

  it('is refused by it where something is wrong', () => {
    const config = renderedConfig(render());
    assert.deepEqual(
      refusal({ ...config, surprise: 1 }).map((fault) => fault.split(':')[0]),
      ['surprise'],
    );
  });

  it('can have every member that the gateway knows, but for those that the chart sets', () => {
    const { properties } = JSON.parse(readFileSync(join(chart, 'values.schema.json'), 'utf8')) as {
      properties: { config: { properties: Record<string, { properties: object }> } };
    };
    const config = properties.config.properties;
    const known = (heading: string, set: readonly string[]) =>
      documented(heading)
        .filter((name) => !set.includes(name))
        .sort();
    assert.deepEqual(Object.keys(config).sort(), known('The file', ['store']));
    assert.deepEqual(
      Object.keys(config['server']?.properties ?? {}).sort(),
      known('server', ['port', 'management', 'tls']),
    );
    // Anonymous callers are let in on loopback only.
    assert.deepEqual(Object.keys(config['auth']?.properties ?? {}).sort(), known('auth', ['anonymous']));
  });
});

/** The script of `helm test`, against a gateway that listens elsewhere. */
function testScript(objects: readonly KubeObject[]) {
  const script = theOne(objects, 'Pod').spec?.containers[0]?.args?.at(-1);
  assert.ok(script);
  return (api: string, management: string) =>
    script.replace('http://alpha-sluice:9090', management).replace(/https?:[/][/]alpha-sluice:80/, api);
}

describe('what containers are started with', () => {
  it('lets no signal open a debugger: by the image, or by their own arguments', () => {
    const flag = '--disable-sigusr1';
    assert.match(readFileSync(join(root, 'Dockerfile'), 'utf8'), new RegExp(`^CMD \\["${flag}",`, 'm'));
    const objects = render();
    const [replica] = theOne(objects, 'Deployment').spec?.template.spec?.containers ?? [];
    assert.deepEqual([replica?.command, replica?.args], [undefined, undefined]);
    const hooks = [theOne(objects, 'Job').spec?.template.spec, theOne(objects, 'Pod').spec];
    for (const pod of hooks) {
      for (const { command, args } of pod?.containers ?? []) assert.deepEqual([command, args?.[0]], [undefined, flag]);
    }
  });
});

describe('a gateway with a certificate of its own', () => {
  const objects = render({ values: { tls: { secretName: 'certificate' } } });
  let gateway: StartedGateway;

  before(async () => {
    gateway = await startGateway(objects);
  });
  after(async () => {
    assert.equal(await gateway.stop(), 0);
  });

  it('speaks HTTPS, answers the probes without it, and passes helm test', async () => {
    assert.match(gateway.url, /^https:/);
    const [container] = theOne(objects, 'Deployment').spec?.template.spec?.containers ?? [];
    for (const probe of [container?.startupProbe, container?.livenessProbe, container?.readinessProbe]) {
      assert.deepEqual([probe?.httpGet?.port, probe?.httpGet?.scheme ?? 'HTTP'], ['management', 'HTTP']);
      assert.equal((await fetch(`${gateway.managementUrl}${probe?.httpGet?.path ?? '/none'}`)).status, 200);
    }
    const { stdout } = await run(process.execPath, ['-e', testScript(objects)(gateway.url, gateway.managementUrl)]);
    assert.match(stdout, /ready answers 200\n.*targets answers 401\n/);
  });

  it('is checked by the hook job with the certificate', () => {
    const [job] = theOne(objects, 'Job').spec?.template.spec?.containers ?? [];
    assert.ok(job?.volumeMounts?.some(({ mountPath }) => mountPath === '/etc/sluice/tls'));
    const config = renderedConfig(objects);
    assert.deepEqual(refusal(config), []);
    const missing = {
      ...(config['server'] as object),
      tls: { cert: '/etc/sluice/tls/none', key: '/etc/sluice/tls/tls.key' },
    };
    assert.match(
      refusal({ ...config, server: missing }).join(),
      /^server[.]tls[.]cert: names a file that cannot be read/,
    );
  });
});

describe('a gateway started as its pod starts it', () => {
  const objects = render({ values: { httpRoute: { path: '/' } } });
  const container = theOne(objects, 'Deployment').spec?.template.spec?.containers[0];
  let gateway: StartedGateway;

  before(async () => {
    gateway = await startGateway(objects);
  });
  after(async () => {
    assert.equal(await gateway.stop(), 0);
  });

  it('takes the options of Node, and answers the probes', async () => {
    assert.match(container?.env?.find(({ name }) => name === 'NODE_OPTIONS')?.value ?? '', /percentage=55$/);
    for (const probe of [container?.startupProbe, container?.livenessProbe, container?.readinessProbe]) {
      const { status } = await fetch(`${gateway.managementUrl}${probe?.httpGet?.path ?? '/none'}`);
      assert.equal(status, 200);
    }
  });

  it('has metrics where the monitor looks, and the one that scales it', async () => {
    const monitored = render({ example: 'gateway' });
    const [endpoint] = theOne(monitored, 'ServiceMonitor').spec.endpoints;
    const answer = await fetch(`${gateway.managementUrl}${endpoint?.path ?? '/none'}`);
    assert.equal(answer.status, 200);
    const [metric] = theOne(render({ example: 'autoscaling' }), 'HorizontalPodAutoscaler').spec.metrics ?? [];
    assert.match(await answer.text(), new RegExp(`^${metric?.pods?.metric.name ?? 'none'} \\d+$`, 'm'));
  });

  it('goes on with what it has when its file is wrong, which the hook job does not let through', async () => {
    const before = readFileSync(gateway.file, 'utf8');
    const wrong = `${before}\nsurprise: 1\n`;
    const reloads = async (outcome: string) => {
      const text = await (await fetch(`${gateway.managementUrl}/metrics`)).text();
      return Number(new RegExp(`^sluice_config_reloads_total\\{outcome="${outcome}"\\} (\\d+)$`, 'm').exec(text)?.[1]);
    };
    writeFileSync(gateway.file, wrong);
    while ((await reloads('rejected')) === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    for (const path of ['ready', 'live']) {
      assert.equal((await fetch(`${gateway.managementUrl}/health/${path}`)).status, 200);
    }
    assert.equal((await fetch(`${gateway.url}/targets`)).status, 401);
    assert.deepEqual(
      refusal({ ...renderedConfig(objects), surprise: 1 }).map((fault) => fault.split(':')[0]),
      ['surprise'],
    );
    writeFileSync(gateway.file, before);
  });

  it('passes helm test, which fails where there is no gateway', async () => {
    const against = testScript(objects);
    const { stdout } = await run(process.execPath, ['-e', against(gateway.url, gateway.managementUrl)]);
    assert.match(stdout, /ready answers 200\n.*targets answers 401\n/);
    await assert.rejects(run(process.execPath, ['-e', against(gateway.managementUrl, gateway.managementUrl)]));
    await assert.rejects(run(process.execPath, ['-e', against('http://127.0.0.1:1', 'http://127.0.0.1:1')]));
  });
});

describe('a gateway whose store cannot be reached', () => {
  it('is alive, and fails helm test', async () => {
    const objects = render({ example: 'gateway' });
    const gateway = await startGateway(objects);
    try {
      assert.equal((await fetch(`${gateway.managementUrl}/health/live`)).status, 200);
      const script = testScript(objects)(gateway.url, gateway.managementUrl);
      await assert.rejects(run(process.execPath, ['-e', script]), { stdout: /ready answers 503\n/ });
    } finally {
      await gateway.stop();
    }
  });
});

describe('the chart', () => {
  it('is of the version of the program', () => {
    const { appVersion } = parseYaml(readFileSync(join(chart, 'Chart.yaml'), 'utf8')) as { appVersion: string };
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    assert.equal(appVersion, version);
  });

  const rules = globSync('files/rules/*.yaml', { cwd: chart }).map((file) => join(chart, file));
  const promtool = spawnSync('promtool', ['--version']).error === undefined;
  it(
    'has rules that Prometheus takes',
    { skip: !promtool && !process.env['CI'] && 'promtool is not installed' },
    () => {
      assert.ok(rules.every((file) => existsSync(file)) && rules.length > 0);
      execFileSync('promtool', ['check', 'rules', '--lint=all', '--lint-fatal', ...rules]);
    },
  );
});
