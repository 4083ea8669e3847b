import assert from 'node:assert/strict';
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parse, stringify } from 'yaml';
import { demoKeys } from '../../sandbox/gateway-config.ts';
import { startLoadedGateway, type LoadedGateway } from '../monitoring/loaded-gateway.ts';
import { helms, kubectlOf, programOf } from './helm.ts';
import { chart, render } from './render.ts';
import { renderedConfig } from './gateway.ts';

const root = join(chart, '..', '..');
const pages = globSync('docs/runbooks/*.md', { cwd: root }).map((file) => ({
  name: basename(file, '.md'),
  text: readFileSync(join(root, file), 'utf8'),
}));
const alerts = globSync('files/rules/*.yaml', { cwd: chart }).flatMap((file) =>
  (parse(readFileSync(join(chart, file), 'utf8')) as { groups: { rules: { alert?: string }[] }[] }).groups.flatMap(
    ({ rules }) => rules.flatMap(({ alert }) => alert ?? []),
  ),
);

/** The commands of a page, one a line of its blocks. */
const commandsOf = (text: string) =>
  [...text.matchAll(/^```sh\n([^]*?)^```$/gm)].flatMap(([, block = '']) => block.trim().split('\n'));

/** The expressions of a page that select series. */
const expressionsOf = (text: string) =>
  [...text.matchAll(/`([^`\n]*\{[^`\n]*job="sluice"[^`\n]*)`/g)].map(([, one = '']) => one);

const scratch = mkdtempSync(join(tmpdir(), 'sluice-runbooks-'));
const [helm] = helms;
assert.ok(helm);
let gateway: LoadedGateway;
let operation = '';

/**
 * What is run in a pod runs here with the same Node and no shell of the pod; the rest is parsed by the real programs,
 * which find no cluster.
 */
const kubectl = `#!/bin/sh
for word; do case "$word" in exec) isExec=1;; esac; done
if [ -z "$isExec" ]; then exec ${kubectlOf(helm)} "$@"; fi
while [ "$1" != -- ]; do shift; done
shift
exec "$@"
`;

before(async () => {
  for (const [name, text] of [
    ['kubectl', kubectl],
    ['helm', `#!/bin/sh\nexec ${programOf(helm)} "$@"\n`],
  ] as const) {
    writeFileSync(join(scratch, name), text);
    chmodSync(join(scratch, name), 0o755);
  }
  const none = { server: 'http://127.0.0.1:1' };
  const context = { cluster: 'none', user: '' };
  const kubeconfig = { apiVersion: 'v1', kind: 'Config', 'current-context': 'none' };
  const named = { clusters: [{ name: 'none', cluster: none }], contexts: [{ name: 'none', context }] };
  writeFileSync(join(scratch, 'kubeconfig'), stringify({ ...kubeconfig, ...named }));
  for (const folder of ['config', 'secrets']) mkdirSync(join(scratch, 'etc', folder), { recursive: true });
  writeFileSync(join(scratch, 'etc', 'secrets', 'tenten'), 'not-a-real-password');
  const config = stringify(renderedConfig(render({ example: 'trial' })));
  writeFileSync(join(scratch, 'etc', 'config', 'sluice.yaml'), config.replaceAll('/etc/sluice', join(scratch, 'etc')));
  gateway = await startLoadedGateway();
  const headers = { 'x-api-key': demoKeys.operator };
  const { url } = gateway;
  await fetch(`${url}/processes?target=orders&node=primary&id=2075425&reason=load`, { method: 'DELETE', headers });
  const listed = await fetch(`${url}/operations?limit=1`, { headers });
  operation = ((await listed.json()) as { items: { id: string }[] }).items[0]?.id ?? '';
});
after(async () => {
  await gateway.close();
  rmSync(scratch, { recursive: true });
});

/** The vendors live in this process: it must not stand still meanwhile. */
function run(command: string): Promise<{ readonly ok: boolean; readonly stdout: string; readonly stderr: string }> {
  const here = command
    .replaceAll('/etc/sluice', join(scratch, 'etc'))
    .replaceAll('127.0.0.1:9090', gateway.address)
    .replace('/proc/1/fd', '/proc/self/fd')
    .replace(/^curl /, 'curl --fail-with-body ');
  const { url, address, certificate } = gateway;
  const options = {
    cwd: root,
    env: {
      PATH: [scratch, join(process.execPath, '..'), process.env['PATH']].join(delimiter),
      HOME: scratch,
      KUBECONFIG: join(scratch, 'kubeconfig'),
      NS: 'sluice',
      APP: 'sluice',
      RELEASE: 'sluice',
      POD: 'sluice-0',
      URL: `http://${address}/health/ready`,
      SLUICE: url,
      CURL_CA_BUNDLE: certificate,
      KEY: demoKeys.operator,
      TARGET: 'orders',
      OPERATION: operation,
      REQUEST_ID: 'any',
    },
  };
  return new Promise((resolve) => {
    execFile('sh', ['-eu', '-c', here], options, (error, stdout, stderr) => {
      resolve({ ok: error === null, stdout, stderr });
    });
  });
}

describe('the runbooks', () => {
  it('say of every alert whether it may wait, whom to call, and what not to do', () => {
    assert.deepEqual(pages.map(({ name }) => name).sort(), [...new Set(alerts)].sort());
    for (const { name, text } of pages) {
      assert.match(text, /^## May it wait till morning\?\n\n(Yes|No)\b/m, name);
      assert.match(text, /^## What not to do\n\nDo not /m, name);
      assert.ok(commandsOf(text).length > 0, name);
    }
  });

  it('need neither npm nor a shell in the pod, nor anything from outside', () => {
    for (const { name, text } of pages) {
      assert.doesNotMatch(text, /\bnpm\b|\bnpx\b|\bbash\b|\/bin\/|apt-get|\bwget\b|chronyc/, name);
      for (const command of commandsOf(text)) assert.match(command, /^(kubectl --namespace "\$NS"|helm|curl) /, name);
    }
  });

  for (const command of new Set(pages.flatMap(({ text }) => commandsOf(text)))) {
    it(`have a command that works: ${command.slice(0, 90)}`, async () => {
      const { ok, stdout, stderr } = await run(command);
      if (/^curl | exec /.test(command)) {
        // The operation here waits for nobody's approval: that it is understood, and refused for that, is enough.
        const isLate = command.endsWith('/approve"') && /"status":409,/.test(stdout);
        assert.ok(ok || isLate, stderr + stdout);
        assert.notEqual(stdout, '');
      } else {
        // It was understood, and looked for the cluster.
        assert.match(stderr, /127\.0\.0\.1:1\b.*(refused|unreachable)|unreachable/);
        assert.doesNotMatch(stderr, /unknown (flag|command|shorthand)|Usage:/);
      }
    });
  }

  const promtool = spawnSync('promtool', ['--version']).error === undefined;
  it(
    'have expressions that Prometheus takes',
    { skip: !promtool && !process.env['CI'] && 'promtool is not installed' },
    () => {
      const rules = pages.flatMap(({ name, text }) =>
        expressionsOf(text).map((expr, index) => ({ record: `${name}:${String(index)}`, expr })),
      );
      assert.ok(rules.length > 30, String(rules.length));
      const file = join(scratch, 'expressions.yaml');
      writeFileSync(file, stringify({ groups: [{ name: 'runbooks', rules }] }));
      execFileSync('promtool', ['check', 'rules', file]);
    },
  );
});

describe('the rules for Alertmanager', () => {
  it('are about alerts that there are', () => {
    const { inhibit_rules: rules } = parse(readFileSync(join(chart, 'files', 'inhibit-rules.yaml'), 'utf8')) as {
      inhibit_rules: { source_matchers: string[]; target_matchers: string[]; equal: string[] }[];
    };
    assert.ok(rules.length > 3);
    for (const { source_matchers: source, target_matchers: target, equal } of rules) {
      assert.ok(equal.includes('namespace'));
      for (const matcher of [...source, ...target]) {
        const [, name = '', value = ''] = /^(\w+)=~?"([^"]*)"$/.exec(matcher) ?? [];
        assert.ok(name === 'alertname' || name === 'severity', matcher);
        if (name !== 'alertname') continue;
        for (const one of value.split('|'))
          assert.ok(
            alerts.some((alert) => new RegExp(`^${one}$`).test(alert)),
            one,
          );
      }
    }
  });
});
