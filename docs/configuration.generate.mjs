// Writes docs/configuration.md from the configuration classes: their comments, types and rules.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = new URL('../', import.meta.url);

/** What the page shows: where it stands in the file, and the class that says what may stand there. */
const sections = [
  ['The file', 'src/platform/config/sluice.config.ts', 'SluiceConfig'],
  ['server', 'src/platform/config/sluice.config.ts', 'ServerConfig'],
  ['server.drain', 'src/platform/config/sluice.config.ts', 'DrainConfig'],
  ['server.management', 'src/platform/config/sluice.config.ts', 'ManagementConfig'],
  ['store', 'src/store/store.config.ts', 'StoreConfig'],
  ['store.sqlite', 'src/store/store.config.ts', 'SqliteConfig'],
  ['store.postgres', 'src/store/store.config.ts', 'PostgresConfig'],
  ['store.memory', 'src/store/store.config.ts', 'MemoryConfig'],
  ['limits', 'src/platform/limits/limits.config.ts', 'LimitsConfig'],
  ['limits.overload', 'src/platform/limits/limits.config.ts', 'OverloadConfig'],
  ['limits.caller, limits.target, limits.failedAuthentication', 'src/platform/limits/limits.config.ts', 'RateConfig'],
  ['auth', 'src/platform/auth/auth.config.ts', 'AuthConfig'],
  ['auth.apiKeys[]', 'src/platform/auth/auth.config.ts', 'ApiKeyConfig'],
  ['auth.jwt[]', 'src/platform/auth/auth.config.ts', 'JwtConfig'],
  ['auth.apiKeys[].grants[]', 'src/platform/auth/auth.config.ts', 'GrantConfig'],
  ['auth.jwt[].grants[]', 'src/platform/auth/auth.config.ts', 'ClaimGrantConfig'],
  [
    'connections.<name>, vendor: 1010data',
    'src/backends/tentendata/tentendata.config.ts',
    'TentendataConnectionConfig',
  ],
  ['connections.<name>, vendor: huawei', 'src/backends/huawei/huawei.config.ts', 'HuaweiConnectionConfig'],
  ['targets[], backend: 1010data', 'src/backends/tentendata/tentendata.config.ts', 'TentendataTargetConfig'],
  ['targets[], backend: gaussdb', 'src/backends/huawei/gaussdb/gaussdb.config.ts', 'GaussdbTargetConfig'],
  ['targets[], backend: taurusdb', 'src/backends/huawei/taurusdb/taurusdb.config.ts', 'TaurusdbTargetConfig'],
  ['targets[], backend: dcs', 'src/backends/huawei/dcs/dcs.config.ts', 'DcsTargetConfig'],
];

const shared = [
  'src/backends/backend.ts',
  'src/backends/filter.config.ts',
  'src/transport/limits.config.ts',
  'src/transport/route.config.ts',
  'src/transport/secret.config.ts',
];

const classes = new Map();
for (const path of new Set([...sections.map(([, file]) => file), ...shared])) {
  const source = ts.createSourceFile(path, readFileSync(new URL(path, root), 'utf8'), ts.ScriptTarget.Latest, true);
  source.forEachChild((node) => {
    if (ts.isClassDeclaration(node) && node.name) classes.set(node.name.text, node);
  });
}

const commentOf = (node) =>
  ts
    .getJSDocCommentsAndTags(node)
    .filter(ts.isJSDoc)
    .map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? '')
    .join(' ')
    .replace(/\s+/g, ' ')
    .trim();

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

One YAML file, \`SLUICE_CONFIG\` (default \`./sluice.yaml\`), is checked whole at start: every error in one message with its path and line, exit code 78, no secret printed. It is followed while Sluice runs ([operating.md](operating.md)). \`npm run check-config -- FILE\` checks one, with \`--without-secrets\` where its secrets are not. What is valid and hardly meant is warned of in the log: grants that match no target, connections that no target uses. Secrets stand there only by reference. [sluice.example.yaml](../sluice.example.yaml) shows all of it. \`LOG_LEVEL\` is one of trace, debug, info, warn, error, fatal, silent. \`OTEL_EXPORTER_OTLP_ENDPOINT\` turns tracing on.

${[...named, ...nested.map((node) => ({ title: node.name.text, node }))]
  .map(({ title, node }) => `## ${title}\n\n${cell(commentOf(node))}\n\n${table(node)}\n`)
  .join('\n')}`;

const target = new URL('docs/configuration.md', root);
if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== page) {
    console.error(`${fileURLToPath(target)} is not what the classes say: npm run configuration`);
    process.exit(1);
  }
} else writeFileSync(target, page);
