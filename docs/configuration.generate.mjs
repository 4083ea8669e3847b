// Writes docs/configuration.md and its JSON Schema from the configuration classes: their comments, types and rules.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { backendSections, commentOf, root } from './configuration.classes.mjs';
import { schemaOf } from './configuration.schema.mjs';

const backends = backendSections();

/** What the page shows: where it stands in the file, and the class that says what may stand there. */
const sections = [
  ['The file', 'src/platform/config/sluice.config.ts', 'SluiceConfig'],
  ['server', 'src/platform/config/server.config.ts', 'ServerConfig'],
  ['server.tls', 'src/platform/config/server.config.ts', 'TlsConfig'],
  ['server.drain', 'src/platform/config/server.config.ts', 'DrainConfig'],
  ['server.management', 'src/platform/config/server.config.ts', 'ManagementConfig'],
  ['store', 'src/store/store.config.ts', 'StoreConfig'],
  ['store.sqlite', 'src/store/store.config.ts', 'SqliteConfig'],
  ['store.postgres', 'src/store/store.config.ts', 'PostgresConfig'],
  ['store.memory', 'src/store/store.config.ts', 'MemoryConfig'],
  ['notify[]', 'src/notify/notify.config.ts', 'ReceiverConfig'],
  ['limits', 'src/platform/limits/limits.config.ts', 'LimitsConfig'],
  ['limits.overload', 'src/platform/limits/limits.config.ts', 'OverloadConfig'],
  ['limits.records', 'src/platform/limits/limits.config.ts', 'RecordsConfig'],
  ['limits.caller, limits.target, limits.failedAuthentication', 'src/platform/limits/limits.config.ts', 'RateConfig'],
  ['auth', 'src/platform/auth/auth.config.ts', 'AuthConfig'],
  ['auth.apiKeys[]', 'src/platform/auth/auth.config.ts', 'ApiKeyConfig'],
  ['auth.jwt[]', 'src/platform/auth/auth.config.ts', 'JwtConfig'],
  ['auth.apiKeys[].grants[]', 'src/platform/auth/grant.config.ts', 'GrantConfig'],
  ['auth.jwt[].grants[]', 'src/platform/auth/auth.config.ts', 'ClaimGrantConfig'],
  ...backends.map(({ member, value, file, Class }) => [
    `${member === 'vendor' ? 'connections.<name>' : 'targets[]'}, ${member}: ${value}`,
    file,
    Class,
  ]),
];

const shared = [
  'src/backends/backend.ts',
  'src/backends/filter.config.ts',
  'src/transport/limits.config.ts',
  'src/transport/route.config.ts',
  'src/transport/secret.config.ts',
  'src/validation/approval.config.ts',
];

const classes = new Map();
for (const path of new Set([...sections.map(([, file]) => file), ...shared])) {
  const source = ts.createSourceFile(path, readFileSync(new URL(path, root), 'utf8'), ts.ScriptTarget.Latest, true);
  source.forEachChild((node) => {
    if (ts.isClassDeclaration(node) && node.name) classes.set(node.name.text, node);
  });
}

const parentOf = (node) =>
  classes.get(node.heritageClauses?.flatMap(({ types }) => types.map(({ expression }) => expression.getText()))[0]);

function membersOf(node) {
  const parent = parentOf(node);
  const own = node.members
    .filter((member) => ts.isPropertyDeclaration(member) && !ts.isPrivateIdentifier(member.name))
    .map((member) => ({
      name: member.name.getText(),
      type: member.type?.getText().replace(/\s+/g, ' ') ?? '',
      optional: member.questionToken !== undefined,
      rules: (ts.getDecorators(member) ?? []).map((decorator) => decorator.expression),
      comment: commentOf(member),
    }));
  const inherited = parent ? membersOf(parent).filter(({ name }) => !own.some((one) => one.name === name)) : [];
  return [...inherited, ...own];
}

/** The bounds that stand in a member's rules, in the words of class-validator. */
function boundsOf(rules) {
  const args = Object.fromEntries(
    rules
      .filter(ts.isCallExpression)
      .map((call) => [call.expression.getText(), call.arguments.map((one) => one.getText())]),
  );
  const number = (text) => text?.replaceAll('_', '');
  return [
    args.Min && args.Max && `${number(args.Min[0])} to ${number(args.Max[0])}`,
    args.Length && `${args.Length[0]} to ${args.Length[1]} characters`,
  ]
    .filter(Boolean)
    .join(', ');
}

const cell = (text) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');

function table(node) {
  const rows = membersOf(node).map(({ name, type, optional, rules, comment }) => {
    const kind = type.replaceAll("'", '"').replace('SecretReference', 'secret: { env: NAME } or { file: PATH }');
    const words = [comment, boundsOf(rules) && `(${boundsOf(rules)})`].filter(Boolean).join(' ');
    return `| \`${name}\` | ${cell(kind)} | ${optional ? 'no' : 'yes'} | ${cell(words)} |`;
  });
  return ['| member | type | needed | |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

/** Classes that only stand inside others, in the order in which they are met. */
function nestedOf(node, met) {
  for (const { type } of membersOf(node)) {
    const nested = classes.get(type.replace(/\[\]$/, ''));
    if (!nested || met.has(nested) || nested.name.text === 'SecretReference') continue;
    met.add(nested);
    nestedOf(nested, met);
  }
  return met;
}

const named = sections.map(([title, , name]) => {
  const node = classes.get(name);
  if (!node) throw new Error(`There is no class ${name}.`);
  return { title, node };
});
const nested = [...named.reduce((met, { node }) => nestedOf(node, met), new Set())].filter(
  (node) => !named.some((one) => one.node === node),
);

const page = `# Configuration

Generated from the configuration classes by \`npm run configuration\`: do not edit.

One YAML file, \`SLUICE_CONFIG\` (default \`./sluice.yaml\`), is checked whole at start: every error in one message with its path and line, exit code 78, no secret printed. It is followed while Sluice runs ([operating.md](operating.md)). \`npm run check-config -- FILE\` checks one, with \`--without-secrets\` where its secrets are not. The log warns of what is valid and probably a mistake: grants that match no target, connections that no target uses. Secrets stand there only by reference. [sluice.example.yaml](../sluice.example.yaml) shows all of it. A line \`# yaml-language-server: $schema=PATH\` at its top, with the path of [configuration.schema.json](configuration.schema.json), lets an editor check the file and complete it. \`LOG_LEVEL\` is one of trace, debug, info, warn, error, fatal, silent. \`OTEL_EXPORTER_OTLP_ENDPOINT\` turns tracing on.

${[...named, ...nested.map((node) => ({ title: node.name.text, node }))]
  .map(({ title, node }) => `## ${title}\n\n${cell(commentOf(node))}\n\n${table(node)}\n`)
  .join('\n')}`;

const written = {
  'docs/configuration.md': page,
  'docs/configuration.schema.json': `${JSON.stringify(schemaOf(backends), null, 2)}\n`,
};
for (const [name, text] of Object.entries(written)) {
  const target = new URL(name, root);
  if (!process.argv.includes('--check')) writeFileSync(target, text);
  else if (!existsSync(target) || readFileSync(target, 'utf8') !== text) {
    console.error(`${fileURLToPath(target)} is not what the classes say: npm run configuration`);
    process.exitCode = 1;
  }
}
