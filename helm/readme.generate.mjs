// Writes the table of helm/sluice/README.md from the comments of values.yaml, each of which begins with `# --`.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isMap, parseDocument } from 'yaml';

const folder = new URL('sluice/', import.meta.url);
const page = new URL('README.md', folder);
const [begin, end] = ['<!-- values -->', '<!-- end of values -->'];

const document = parseDocument(readFileSync(new URL('values.yaml', folder), 'utf8'));
const undocumented = [];

const wordsOf = (comment) => {
  const words = (comment ?? '').split('\n').map((line) => line.trim());
  const first = words.findIndex((line) => line.startsWith('-- '));
  return first < 0 ? undefined : words.slice(first).join(' ').slice(3).trim();
};

const cell = (text) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');

/** A row for each value that has a comment; a value without one must be an object whose members have. */
function rowsOf(map, path = []) {
  return map.items.flatMap(({ key, value }, index) => {
    const name = [...path, key.value].join('.');
    // The comment above the first member of a map belongs, for the parser, to the map.
    const words = wordsOf(key.commentBefore) ?? (index === 0 ? wordsOf(map.commentBefore) : undefined);
    const inner = isMap(value) && !value.flow && value.items.length > 0 ? rowsOf(value, [...path, key.value]) : [];
    const isGroup = inner.some(Boolean);
    if (words === undefined && !isGroup) undocumented.push(name);
    const shown = isGroup ? '' : `\`${JSON.stringify(value.toJSON())}\``;
    return words === undefined ? inner : [`| \`${name}\` | ${cell(shown)} | ${cell(words)} |`, ...inner];
  });
}

// Objects of Kubernetes are documented whole: nothing is said of their members.
const opaque = new Set([
  'resources',
  'configCheck.resources',
  'podSecurityContext',
  'securityContext',
  'ingress.annotations',
  'networkPolicy.dns',
]);
const isOpaque = (name) => [...opaque, 'autoscaling.behavior'].some((one) => name.startsWith(`${one}.`));

const rows = rowsOf(document.contents);
const forgotten = undocumented.filter((name) => !isOpaque(name));
if (forgotten.length > 0) throw new Error(`values.yaml says nothing of ${forgotten.join(', ')}`);

const text = readFileSync(page, 'utf8');
const table = ['| value | default | |', '| --- | --- | --- |', ...rows].join('\n');
const before = text.slice(0, text.indexOf(begin) + begin.length);
const written = `${before}\n\n${table}\n\n${text.slice(text.indexOf(end))}`;
if (process.argv.includes('--check')) {
  if (written !== text) {
    console.error(`${fileURLToPath(page)} is not what values.yaml says: npm run chart`);
    process.exit(1);
  }
} else writeFileSync(page, written);
