import type { OpenAPIObject } from '@nestjs/swagger';
import { failureKinds } from '../../core/model/failure.js';
import { problemTypes } from '../../core/model/problem.js';
import { answerExamples } from './example-answers.js';
import { calledBy, type DocumentedCall } from './example-call.js';
import { problemOfCall } from './example-problems.js';

interface Media {
  example?: unknown;
  examples?: Record<string, { readonly summary: string; readonly value: unknown }>;
  readonly schema?: { readonly $ref?: string };
}

interface Call {
  readonly operationId?: string;
  readonly parameters?: readonly { readonly in: string; readonly name: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, Media>> }>>;
}

type Schemas = Readonly<Record<string, { readonly properties?: object }>>;

/** Gives each answer of each call an example: of that very call, and of each problem that it may be. */
export function giveExamples(document: OpenAPIObject): void {
  const schemas = (document.components?.schemas ?? {}) as Schemas;
  for (const [template, path] of Object.entries(document.paths)) {
    for (const call of Object.values(path as Readonly<Record<string, Call>>)) {
      const called = calledBy(template, documented(call, schemas));
      for (const [status, { content = {} }] of Object.entries(call.responses)) {
        for (const [type, media] of Object.entries(content)) {
          if (type !== 'application/problem+json') {
            const examples = answerExamples[call.operationId ?? ''];
            const example = examples?.[`${status} ${type}`] ?? examples?.[status];
            if (example !== undefined) media.example = example;
            continue;
          }
          const kinds = failureKinds.filter((kind) => kind in (media.examples ?? {}));
          media.examples = Object.fromEntries(
            kinds.map((kind) => [kind, { summary: problemTypes[kind].title, value: problemOfCall(kind, called) }]),
          );
        }
      }
    }
  }
}

function documented(
  { operationId = '', parameters = [], requestBody, responses }: Call,
  schemas: Schemas,
): DocumentedCall {
  const body = requestBody?.content['application/json']?.schema?.$ref?.split('/').at(-1) ?? '';
  return {
    operationId,
    parameters: parameters.filter((one) => one.in === 'query').map(({ name }) => name),
    members: Object.keys(schemas[body]?.properties ?? {}),
    reachesVendor: '504' in responses,
  };
}
