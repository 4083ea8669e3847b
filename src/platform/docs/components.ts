import type { OpenAPIObject } from '@nestjs/swagger';
import { abilities } from '../../core/model/abilities.js';
import { failureKinds } from '../../core/model/failure.js';
import { operationKinds, operationStates, strategies } from '../../core/model/operation.js';
import { processStates } from '../../core/model/process.js';

/** A part of the document. */
type Part = Record<string, unknown>;

/** Lists of words that stand in several places, by the names that generated clients give them, and what they say. */
const enums: Readonly<Record<string, readonly [words: readonly string[], description: string]>> = {
  Ability: [abilities, 'What can be done with a target.'],
  OperationKind: [operationKinds, 'What kind of call an operation is.'],
  OperationState: [operationStates, 'How far an operation is, or how it ended.'],
  ProblemCode: [failureKinds, 'The type of a problem, for programs.'],
  ProcessState: [processStates, 'What a process is doing.'],
  Strategy: [strategies, "How a flush was done: by the vendor's own call for all, or process by process."],
};

/**
 * Names what stands in several places, once: headers, parameters, answers and enums go to `components`. Bodies take no
 * members but those that are documented.
 */
export function gatherComponents(document: OpenAPIObject): void {
  const components = (document.components ??= {}) as Record<string, Part>;
  const operations = Object.values(document.paths).flatMap((path) =>
    Object.values(path as Record<string, Part>).filter((one) => 'responses' in one),
  );
  closeBodies(operations, components['schemas'] ?? {});
  choosePlanOrTargets(components['schemas']?.['Flush']);
  chooseTargetsOrLabels(components['schemas']?.['FreezeTargets']);
  components['schemas'] = { ...namedEnums(document), ...components['schemas'] };
  const answers = operations.map((operation) => operation['responses'] as Record<string, Part>);
  components['headers'] = shared(
    'headers',
    answers.flatMap((all) => Object.values(all)).flatMap(({ headers }) => (headers ? [headers as Part] : [])),
    (_header, name) => name,
  );
  components['parameters'] = shared(
    'parameters',
    operations.map(({ parameters }) => (parameters ?? []) as unknown as Part),
    ({ name, in: place }) => `${String(name)}${place === 'path' ? 'InPath' : ''}`,
  );
  components['responses'] = namedAnswers(operations);
}

/** Takes out every answer, since its example is that of one call: `KillProcesses404`. Leaves references there. */
function namedAnswers(operations: readonly Part[]): Part {
  return Object.fromEntries(
    operations.flatMap(({ operationId, responses }) => {
      const call = String(operationId);
      return Object.entries(responses as Part).map(([status, answer]) => {
        const name = `${call.charAt(0).toUpperCase()}${call.slice(1)}${status === 'default' ? 'Default' : status}`;
        (responses as Part)[status] = { $ref: `#/components/responses/${name}` };
        return [name, answer];
      });
    }),
  );
}

/** Takes out what stands in several of the holders, and leaves references there. Namesakes get a number. */
function shared(section: string, holders: readonly Part[], nameOf: (value: Part, key: string) => string): Part {
  const found = holders.flatMap((holder) =>
    Object.entries(holder).map(([key, value]) => ({ holder, key, value: value as Part, text: JSON.stringify(value) })),
  );
  const times = Map.groupBy(found, ({ text }) => text);
  const taken: Part = {};
  for (const places of [...times.values()].sort((one, other) => other.length - one.length)) {
    const [{ value, key } = { value: {}, key: '' }] = places;
    if (places.length < 2) continue;
    const named = nameOf(value, key);
    const namesakes = Object.keys(taken).filter((one) => one.replace(/\d+$/, '') === named).length;
    const name = namesakes === 0 ? named : `${named}${String(namesakes + 1)}`;
    taken[name] = value;
    for (const { holder, key: at } of places) holder[at] = { $ref: `#/components/${section}/${name}` };
  }
  return Object.fromEntries(Object.entries(taken).sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** Replaces the lists of words that have a name, and gives their schemas. One that may be null too says so. */
function namedEnums(document: OpenAPIObject): Part {
  const names = new Map(Object.entries(enums).map(([name, [words]]) => [JSON.stringify(words), name]));
  const visit = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return;
    for (const member of Object.values(part)) visit(member);
    const schema = part as Part;
    if (!Array.isArray(schema['enum'])) return;
    const words = (schema['enum'] as unknown[]).filter((word) => word !== null);
    const name = names.get(JSON.stringify(words));
    if (name === undefined) return;
    const reference = { $ref: `#/components/schemas/${name}` };
    const isNullable = words.length < schema['enum'].length;
    delete schema['enum'];
    delete schema['type'];
    Object.assign(schema, isNullable ? { anyOf: [reference, { type: 'null' }] } : reference);
  };
  visit(document);
  return Object.fromEntries(
    Object.entries(enums).map(([name, [words, description]]) => [
      name,
      { type: 'string', enum: [...words], description },
    ]),
  );
}

/** A flush says which targets it is about, or names the plan that does. */
function choosePlanOrTargets(flush: unknown): void {
  const targets = [{ required: ['targets'] }, { required: ['labels'] }];
  Object.assign(flush as Part, {
    oneOf: [{ required: ['plan'] }, { not: { required: ['plan'] }, anyOf: targets }],
  });
}

/** A freeze names targets, or says by which labels they are known. */
function chooseTargetsOrLabels(freeze: unknown): void {
  Object.assign(freeze as Part, { oneOf: [{ required: ['targets'] }, { required: ['labels'] }] });
}

/** Members that nothing documents are refused, in bodies and in what stands inside them. */
function closeBodies(operations: readonly Part[], schemas: Part): void {
  const visit = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return;
    const schema = part as Part;
    if (typeof schema['$ref'] === 'string') visit(schemas[schema['$ref'].slice('#/components/schemas/'.length)]);
    if ('properties' in schema) schema['additionalProperties'] ??= false;
    for (const member of Object.values(schema)) visit(member);
  };
  for (const { requestBody } of operations) visit(requestBody);
}
