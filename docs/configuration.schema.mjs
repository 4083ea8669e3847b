// The JSON Schema of the configuration, from its classes: their types, comments and rules.
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { commentOf, root } from './configuration.classes.mjs';

const inRoot = (path) => fileURLToPath(new URL(path, root));

/** Reads the configuration classes. Backends are what `backendSections` answers. */
export function schemaOf(backends) {
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(inRoot('tsconfig.json'), ts.sys.readFile).config,
    ts.sys,
    fileURLToPath(root),
  );
  const top = 'src/platform/config/sluice.config.ts';
  const program = ts.createProgram([top, ...backends.map(({ file }) => file)].map(inRoot), options);
  const checker = program.getTypeChecker();
  const definitions = {};

  const classIn = (file, name) =>
    program.getSourceFile(inRoot(file)).statements.find((one) => ts.isClassDeclaration(one) && one.name.text === name);

  /** The definition of a class, by reference. */
  function definitionOf(declaration) {
    const name = declaration.name.text;
    if (!(name in definitions)) {
      definitions[name] = {};
      Object.assign(definitions[name], objectOf(declaration));
    }
    return { $ref: `#/definitions/${name}` };
  }

  function objectOf(declaration) {
    const members = checker
      .getPropertiesOfType(checker.getTypeAtLocation(declaration))
      .map((symbol) => symbol.valueDeclaration)
      .filter((member) => member && ts.isPropertyDeclaration(member) && !ts.isPrivateIdentifier(member.name));
    const description = commentOf(declaration);
    const required = members.filter((member) => !member.questionToken).map((member) => member.name.getText());
    return {
      type: 'object',
      ...(description && { description }),
      properties: Object.fromEntries(members.map((member) => [member.name.getText(), memberOf(member)])),
      ...(required.length > 0 && { required }),
      additionalProperties: false,
    };
  }

  function memberOf(member) {
    const description = commentOf(member);
    const rules = rulesOf(member);
    const schema = typeOf(checker.getNonNullableType(checker.getTypeAtLocation(member)), rules);
    return { ...schema, ...(description && { description }) };
  }

  function typeOf(type, rules) {
    if (type.isUnion() && !(type.flags & ts.TypeFlags.Boolean)) return unionOf(type.types, rules);
    if (type.isStringLiteral()) return { const: type.value };
    if (type.flags & ts.TypeFlags.BooleanLike) return { type: 'boolean' };
    if (type.flags & ts.TypeFlags.NumberLike) return { type: rules.IsInt ? 'integer' : 'number', ...rangeOf(rules) };
    if (type.flags & ts.TypeFlags.StringLike) return { type: 'string', ...textOf(rules) };
    if (checker.isArrayType(type)) return { type: 'array', items: typeOf(checker.getTypeArguments(type)[0], rules) };
    const values = type.getStringIndexType?.();
    if (values) return { type: 'object', additionalProperties: typeOf(values, {}) };
    const declaration = type.symbol?.valueDeclaration;
    return declaration && ts.isClassDeclaration(declaration) ? definitionOf(declaration) : {};
  }

  function unionOf(types, rules) {
    if (types.every((one) => one.isStringLiteral())) return { enum: types.map(({ value }) => value) };
    return { anyOf: types.map((one) => typeOf(one, rules)) };
  }

  /** What stands below a member depends on another: the class of that backend or vendor. */
  function chosen(member) {
    const kinds = backends.filter((one) => one.member === member);
    return {
      type: 'object',
      properties: { [member]: { enum: kinds.map(({ value }) => value) } },
      required: [member],
      allOf: kinds.map(({ value, file, Class }) => ({
        if: { properties: { [member]: { const: value } }, required: [member] },
        then: definitionOf(classIn(file, Class)),
      })),
    };
  }

  const { properties, ...file } = objectOf(classIn(top, 'SluiceConfig'));
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: "Sluice's configuration",
    $comment: 'Generated from the configuration classes by `npm run configuration`: do not edit.',
    ...file,
    properties: {
      ...properties,
      connections: { ...properties.connections, type: 'object', additionalProperties: chosen('vendor') },
      targets: { ...properties.targets, minItems: 1, items: chosen('backend') },
    },
    definitions: Object.fromEntries(Object.entries(definitions).sort(([one], [other]) => (one < other ? -1 : 1))),
  };
}

/** The arguments of each of a member's decorators, by name. */
function rulesOf(member) {
  return Object.fromEntries(
    (ts.getDecorators(member) ?? [])
      .map(({ expression }) => expression)
      .filter(ts.isCallExpression)
      .map((call) => [call.expression.getText(), [...call.arguments]]),
  );
}

const numberOf = (node) =>
  node && /^-?[\d_.]+$/.test(node.getText()) ? Number(node.getText().replaceAll('_', '')) : undefined;

function rangeOf({ Min: [min] = [], Max: [max] = [] }) {
  return { minimum: numberOf(min), maximum: numberOf(max) };
}

function textOf({ Length: [shortest, longest] = [], Matches: [pattern] = [] }) {
  const isPattern = pattern && ts.isRegularExpressionLiteral(pattern) && !/\/[a-z]*[ism][a-z]*$/.test(pattern.text);
  return {
    minLength: numberOf(shortest),
    maxLength: numberOf(longest),
    ...(isPattern && { pattern: pattern.text.slice(1, pattern.text.lastIndexOf('/')) }),
  };
}
