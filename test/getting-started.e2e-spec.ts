import { describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { startBuilt } from './built-gateway.ts';
import { startVendors } from '../sandbox/vendors.ts';

const root = join(import.meta.dirname, '..');
const guide = readFileSync(join(root, 'docs', 'getting-started.md'), 'utf8');
const cli = (args: string[], env: NodeJS.ProcessEnv = {}) =>
  execFileSync(process.execPath, [join(root, 'dist', 'cli.js'), ...args], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], ...env },
  });

describe('docs/getting-started.md', () => {
  it('leads from a new key to a target that is listed', async () => {
    const made = cli(['key', 'new', '--name', 'me', '--role', 'operator']);
    const [, key = ''] = /^key +(\S+)$/m.exec(made) ?? [];
    const [, sha256 = ''] = /^sha256 +(\S+)$/m.exec(made) ?? [];
    const [, yaml = ''] = /```yaml\n(.*?)```/s.exec(guide) ?? [];
    const folder = mkdtempSync(join(tmpdir(), 'sluice-start-'));
    const file = join(folder, 'sluice.yaml');
    writeFileSync(file, yaml.replace(/[0-9a-f]{64}/, sha256));
    expect(cli(['config', 'check', file, '--without-secrets'])).toContain('1 target');
    rmSync(folder, { recursive: true });
    // The same, but for where it listens and whom it calls.
    const vendors = await startVendors();
    const config = parse(yaml.replace(/[0-9a-f]{64}/, sha256)) as {
      server: object;
      store?: object;
      connections: { huawei: { auth: { iam: { url: string } }; endpoints: { taurusdb: string } } };
    };
    config.server = { host: '127.0.0.1', port: 0 };
    config.store = { memory: {} };
    config.connections.huawei.auth.iam.url = vendors.urls.iam;
    config.connections.huawei.endpoints.taurusdb = vendors.urls.taurusdb;
    const gateway = startBuilt(JSON.stringify(config));
    try {
      const { url } = await gateway.listening();
      const answer = await fetch(`${url}/processes?target=orders&limit=1`, { headers: { 'X-API-Key': key } });
      expect(answer.status).toBe(200);
    } finally {
      await gateway.close();
      await vendors.close();
    }
  });

  it('names files and commands that there are', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object };
    for (const [, name = ''] of guide.matchAll(/npm run ([\w:-]+)/g)) expect(Object.keys(scripts)).toContain(name);
    for (const [, path = ''] of guide.matchAll(/\]\(([\w./-]+\.(?:md|yaml))/g)) {
      expect(readFileSync(join(root, 'docs', path), 'utf8')).not.toBe('');
    }
    const { services } = parse(readFileSync(join(root, 'compose.yaml'), 'utf8')) as { services: object };
    expect(Object.keys(services)).toEqual(['sluice', 'postgres']);
  });
});
