import { describe, expect, it } from '@jest/globals';
import { failureKinds, type FailureKind } from '../src/core/model/failure.js';
import { problemTypes } from '../src/core/model/problem.js';
import { document, mistakesIn } from './openapi-contract.ts';

interface Schema {
  readonly $ref?: string;
  readonly properties?: object;
}

interface Call {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string }[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: Schema } } };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, Media>> }>>;
}

interface Media {
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly value: Problem }>>;
}

interface Problem {
  readonly code: FailureKind;
  readonly status: number;
  readonly type: string;
  readonly instance: string;
  readonly detail: string;
  readonly errors?: readonly { readonly parameter?: string; readonly pointer?: string; readonly message: string }[];
}

const { paths, components } = document as unknown as {
  paths: Readonly<Record<string, Readonly<Record<string, Call>>>>;
  components: { readonly schemas: Readonly<Record<string, Schema>> };
};

const answers = Object.entries(paths).flatMap(([template, path]) =>
  Object.entries(path).flatMap(([verb, call]) =>
    Object.entries(call.responses).flatMap(([status, { content = {} }]) =>
      Object.entries(content).map(([type, media]) => ({ template, verb, call, status, type, media })),
    ),
  ),
);
type Documented = (typeof answers)[number];

const named = ({ verb, template, status }: Documented): string => `${verb.toUpperCase()} ${template} ${status}`;

/** The members of the body that a call takes. */
function membersOf({ requestBody }: Call): readonly string[] {
  const name = requestBody?.content['application/json'].schema.$ref?.split('/').at(-1) ?? '';
  return Object.keys(components.schemas[name]?.properties ?? {});
}

/** What is wrong with the example of a problem: each sentence says what to mend. */
function mistakesOf(one: Documented, code: string, problem: Problem | undefined): readonly string[] {
  const at = `The example of ${named(one)} ${code}`;
  if (!problem) return [`${at} has no value: src/platform/docs/example-problems.ts gives it one.`];
  const path = new RegExp(`^${one.template.replaceAll(/\{\w+\}/g, '[^/{}]+')}$`);
  const type = problemTypes[problem.code];
  const parameters = (one.call.parameters ?? []).map(({ name }) => name);
  const found = [
    path.test(problem.instance) ? [] : `has the instance ${problem.instance}`,
    problem.code === code ? [] : `has the code ${problem.code}`,
    problem.type === `/problems/${code}` ? [] : `has the type ${problem.type}`,
    problem.status === type.status && [String(type.status), 'default'].includes(one.status) ? [] : 'has another status',
    (problem.errors ?? []).flatMap(({ parameter, pointer, message }) => {
      const isKnown =
        parameter === undefined
          ? membersOf(one.call).includes(pointer?.split('/')[1] ?? '')
          : parameters.includes(parameter) || message === `${parameter} is not known here.`;
      return isKnown ? [] : [`names ${String(parameter ?? pointer)}, which the call does not take`];
    }),
    mistakesIn(['paths', one.template, one.verb, 'responses', one.status, 'content', one.type, 'schema'], problem),
  ].flat();
  return found.map((mistake) => `${at} ${mistake}.`);
}

describe('examples of the document', () => {
  it('stand at every answer that a call is done by, and fit its schema', () => {
    const mistakes = answers
      .filter(({ type }) => type !== 'application/problem+json')
      .flatMap((one) => {
        const at = `The example of ${named(one)} (${one.call.operationId})`;
        if (one.media.example === undefined)
          return [`${at} is missing: src/platform/docs/example-answers.ts has them.`];
        const place = ['paths', one.template, one.verb, 'responses', one.status, 'content', one.type, 'schema'];
        return mistakesIn(place, one.media.example).map((mistake) => `${at} does not fit its schema: ${mistake}.`);
      });
    expect(mistakes).toEqual([]);
  });

  it('stand at every problem, and are of that very call: its path, its code, its parameters', () => {
    const problems = answers.filter(({ type }) => type === 'application/problem+json');
    expect(problems.length).toBeGreaterThan(100);
    const mistakes = problems.flatMap((one) => {
      const { examples = {} } = one.media;
      if (Object.keys(examples).length === 0) return [`${named(one)} has no example.`];
      return Object.entries(examples).flatMap(([code, example]) => mistakesOf(one, code, example.value));
    });
    expect(mistakes).toEqual([]);
  });

  it('show every problem that there is, but what only targets of an operation have', () => {
    const shown = new Set(answers.flatMap(({ media }) => Object.keys(media.examples ?? {})));
    expect(failureKinds.filter((kind) => !shown.has(kind))).toEqual(['cancelled']);
  });
});
