// What the configuration's page and schema are made of: the classes, as they are written.
import { globSync, readFileSync } from 'node:fs';
import ts from 'typescript';

/** The folder of the project. */
export const root = new URL('../', import.meta.url);

const parsed = (path) =>
  ts.createSourceFile(path, readFileSync(new URL(path, root), 'utf8'), ts.ScriptTarget.Latest, true);

/** The members of each object literal of a file that has all of these, as they are written. */
function literalsWith(path, ...names) {
  const found = [];
  const visit = (node) => {
    if (ts.isObjectLiteralExpression(node)) {
      const members = Object.fromEntries(
        node.properties.filter(ts.isPropertyAssignment).map((one) => [one.name.getText(), one.initializer.getText()]),
      );
      if (names.every((name) => name in members)) found.push(members);
    }
    node.forEachChild(visit);
  };
  visit(parsed(path));
  return found;
}

/**
 * The vendors and backends in THE list, in its order: the member that chooses each, its value, and the class that it is
 * configured with, which stands in its folder.
 */
export function backendSections() {
  const modules = 'src/backends/backends.module.ts';
  const imports = new Map(
    parsed(modules)
      .statements.filter(ts.isImportDeclaration)
      .flatMap(({ importClause, moduleSpecifier }) =>
        (importClause?.namedBindings?.elements ?? []).map((one) => [one.name.text, moduleSpecifier.text]),
      ),
  );
  const list = /const modules = \[([^\]]*)\]/.exec(parsed(modules).text)[1].match(/\w+/g);
  const folders = list.map(
    (name) =>
      `src/backends/${imports
        .get(name)
        .replace(/^\.\//, '')
        .replace(/\/[^/]+$/, '')}`,
  );
  const named = (folder, ...members) =>
    globSync(`${folder}/*.{backend,vendor}.ts`).flatMap((path) =>
      literalsWith(path, ...members).map((literal) => ({ folder, ...literal })),
    );
  const plain = (text) => text.slice(1, -1);
  const configIn = (folder, name) =>
    globSync(`${folder}/*.config.ts`).find((path) => new RegExp(`class ${name}\\b`).test(parsed(path).text));
  const vendors = [...new Set(folders.flatMap((folder) => [folder, folder.replace(/\/[^/]+$/, '')]))]
    .flatMap((folder) => named(folder, 'vendor', 'Config', 'check'))
    .filter(({ vendor }) => vendor.startsWith("'"));
  const backends = folders.flatMap((folder) => named(folder, 'kind', 'Config'));
  const section = (member) => (one) => ({
    member,
    value: plain(one[member === 'vendor' ? 'vendor' : 'kind']),
    file: configIn(one.folder, one.Config),
    Class: one.Config,
  });
  return [...vendors.map(section('vendor')), ...backends.map(section('backend'))];
}

/** The comment above a class or a member, as one line. */
export const commentOf = (node) =>
  ts
    .getJSDocCommentsAndTags(node)
    .filter(ts.isJSDoc)
    .map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? '')
    .join(' ')
    .replace(/\s+/g, ' ')
    .trim();
