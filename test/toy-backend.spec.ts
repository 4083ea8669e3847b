import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..');
const template = 'geminidb';

/** The copy of a backend under other names, as CONTRIBUTING.md begins. */
const renamed = (text: string): string =>
  text
    .replaceAll('geminidb', 'toydb')
    .replaceAll('Geminidb', 'Toydb')
    .replaceAll('GEMINIDB', 'TOYDB')
    .replaceAll('GeminiDB Redis', 'ToyDB')
    .replaceAll('GeminiDB', 'ToyDB')
    .replaceAll('profiles', 'toys');

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-toy-'));
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' });
  for (const file of listed
    .trim()
    .split('\n')
    .filter((one) => existsSync(join(root, one)))) {
    mkdirSync(join(folder, dirname(file)), { recursive: true });
    cpSync(join(root, file), join(folder, file));
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function copyRenamed(from: string): void {
  const to = join(folder, renamed(from));
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(join(folder, from), { withFileTypes: true })) {
    const inner = join(from, entry.name);
    if (entry.isDirectory()) copyRenamed(inner);
    else writeFileSync(join(folder, renamed(inner)), renamed(readFileSync(join(folder, inner), 'utf8')));
  }
}

/** Repeats under other names what a file says about the template, wherever this is found. */
function alsoIn(file: string, about: RegExp): void {
  const path = join(folder, file);
  const before = readFileSync(path, 'utf8');
  const after = before.replace(about, (found) => `${found}${renamed(found)}`);
  expect(after).not.toBe(before);
  writeFileSync(path, after);
}

it('is a folder, an entry in THE list and a member for its endpoint, and is documented and tested by these', () => {
  copyRenamed(`src/backends/huawei/${template}`);
  alsoIn('src/backends/backends.module.ts', /^import .*geminidb.*\n/m);
  alsoIn('src/backends/backends.module.ts', /, GeminidbModule/);
  alsoIn(
    'src/backends/huawei/huawei.config.ts',
    /\n {2}@Optional\(\)\n {2}@SafeUrl\('origin'\)\n {2}geminidb\?: string;\n/,
  );
  copyRenamed(`sandbox/huawei/${template}`);
  alsoIn('sandbox/huawei/services.ts', /^import .*geminidb.*\n(?:import .*geminidb.*\n)*/m);
  alsoIn('sandbox/huawei/services.ts', /^ {2}geminidb: emulated\(\{[^]*?\n {2}\}\),\n/m);

  execFileSync(process.execPath, ['docs/configuration.generate.mjs'], { cwd: folder });
  const page = readFileSync(join(folder, 'docs/configuration.md'), 'utf8');
  expect(page).toContain('## targets[], backend: toydb\n\nA ToyDB instance');
  expect(page).toContain('| `toydb` | string | no |');

  const { stdout } = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/jest/bin/jest.js'),
      ...[
        '--runInBand',
        '--json',
        '--testTimeout=60000',
        '-t',
        'toydb.*(?:a 200|in a 200|succeeds, sent once|refusal)',
      ],
      ...['test/conformance.e2e-spec.ts', 'test/reading.e2e-spec.ts'],
    ],
    { cwd: folder, encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '--experimental-vm-modules', GATEWAY: '' } },
  );
  const { testResults } = JSON.parse(stdout) as {
    testResults: { message: string; assertionResults: { ancestorTitles: string[]; title: string; status: string }[] }[];
  };
  expect(testResults.map(({ message }) => message).filter((message) => message !== '')).toEqual([]);
  const ran = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status !== 'pending');
  expect(ran.filter(({ status }) => status !== 'passed')).toEqual([]);
  const about = new Set(ran.map(({ ancestorTitles: [title] }) => title));
  expect([...about].toSorted()).toEqual([
    'toydb, delete-instance-sessions',
    'toydb, delete-sessions',
    'toydb, list-instance-sessions',
    'toydb, list-sessions',
  ]);
  expect(ran.length).toBeGreaterThanOrEqual(14);
}, 240_000);
