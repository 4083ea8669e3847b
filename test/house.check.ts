// The rules of CONTRIBUTING that no linter knows: one exported name for one thing, comments of at most 120 columns, and
// a line above every export that says what a caller may rely on.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..');
const widest = 120;
const folders = ['src', 'sandbox', 'test', 'bench', 'cli', 'console/src', 'clients/typescript/src'];
const generated = new Set(['clients/typescript/src/api.ts']);
const exported = /^export (?:abstract |async |declare )*(?:const|function\*?|class|interface|type|enum) (\w+)/;

const files = folders.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(?:ts|tsx|mjs)$/.test(file) && !file.includes('node_modules'))
    .map((file) => join(folder, file))
    .filter((file) => !generated.has(file)),
);
const isSource = (file: string): boolean => file.startsWith('src/') && !/(?:\.spec|\/spec-[^/]*)\.ts$/.test(file);

const errors: string[] = [];
const homes = new Map<string, Set<string>>();
for (const file of files) {
  const lines = readFileSync(join(root, file), 'utf8').split('\n');
  lines.forEach((line, index) => {
    const place = `${file}:${String(index + 1)}`;
    if (line.length > widest && /^\s*(?:\/\/|\/\*|\*(?:\s|\/|$))/.test(line)) {
      errors.push(`${place}: the comment is wider than ${String(widest)} columns.`);
    }
    const name = exported.exec(line)?.[1];
    if (name === undefined || !isSource(file)) return;
    homes.set(name, (homes.get(name) ?? new Set()).add(file));
    if (!isExplained(lines, index)) errors.push(`${place}: no line above "${name}" says what a caller may rely on.`);
  });
}
for (const [name, places] of homes) {
  if (places.size > 1 && !areSiblings([...places])) {
    errors.push(`"${name}" names two things: ${[...places].join(', ')}.`);
  }
}

for (const error of errors) process.stderr.write(`${error}\n`);
process.exitCode = errors.length === 0 ? 0 : 1;

/** Does a comment stand in the paragraph of lines that the export is in? One comment may explain several lines. */
function isExplained(lines: readonly string[], index: number): boolean {
  for (let at = index - 1; at >= 0 && lines[at]?.trim() !== ''; at -= 1) {
    if (/^(?:\/\*\*|\/\/| \*)/.test(lines[at] ?? '')) return true;
  }
  return false;
}

/** Backends are built alike: the same name stands for the same thing in the folder of each. */
function areSiblings(places: readonly string[]): boolean {
  return (
    places.every((place) => /^src\/backends\/(?:huawei\/)?[^/]+\/[^/]+$/.test(place)) &&
    new Set(places.map((place) => dirname(place))).size === places.length
  );
}
