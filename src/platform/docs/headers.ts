import type { ApiResponse } from '@nestjs/swagger';
import { operationStates } from '../../core/model/operation.js';
import { operationIdShape, requestIdShape } from '../http/shapes.js';

/** Headers as a response documents them. */
export type Headers = NonNullable<Extract<Parameters<typeof ApiResponse>[0], { headers?: unknown }>['headers']>;

const identified: Headers = {
  'X-Request-Id': {
    description: 'The id of the request: yours if you sent one, or a new one. It finds the request in the logs.',
    schema: requestIdShape,
  },
  'Cache-Control': {
    description: 'No answer may be kept.',
    required: true,
    schema: { type: 'string', enum: ['no-store'] },
  },
};

/** The header of a 401. */
export const challenge: Headers = {
  'WWW-Authenticate': {
    description: 'The ways to say who you are.',
    required: true,
    schema: { type: 'string', maxLength: 200, pattern: '^[ -~]+$' },
  },
};

/** What a caller who is known is told of the limits on it. */
const standing: Headers = {
  'RateLimit-Policy': {
    description: 'The limits that count this call, by quota (`q`) and window in seconds (`w`): `"caller";q=1000;w=10`.',
    schema: { type: 'string', maxLength: 200, pattern: '^[ -~]+$' },
  },
  RateLimit: {
    description: 'What is left of them (`r`), and in how many seconds the window ends (`t`): `"caller";r=999;t=10`.',
    schema: { type: 'string', maxLength: 200, pattern: '^[ -~]+$' },
  },
};

/** The headers of every answer. */
export const everyAnswer: Headers = { ...identified, ...standing };

/** The header that says whether all is done. */
export const completed: Headers = {
  'Sluice-Completed': {
    description: 'True only if all that was asked is done and nothing is deferred.',
    schema: { type: 'string', enum: ['true', 'false'] },
  },
};

/** The header that says what was done of `Prefer`. */
export const preferred: Headers = {
  'Preference-Applied': {
    description: 'What of `Prefer` was followed: `wait=30, until=completed`. Absent where nobody may wait any more.',
    schema: { type: 'string', maxLength: 100, pattern: '^[ -~]+$' },
  },
};

/** The headers of an answer about an operation. */
export const operationHeaders: Headers = {
  ...everyAnswer,
  ...preferred,
  'Sluice-Operation': { description: 'The id of the operation, once there is one.', schema: operationIdShape },
  'Sluice-State': {
    description: 'The state of the operation; `failed` where the call was refused before there was one.',
    schema: { type: 'string', enum: [...operationStates] },
  },
  ...completed,
  'Idempotent-Replayed': {
    description: 'True where the same request came before under the same key: this is what became of that.',
    schema: { type: 'string', enum: ['true'] },
  },
};

/** The header of a list that is saved. */
export const disposition: Headers = {
  'Content-Disposition': {
    description: 'Under which name a browser saves the list that is streamed. Absent from JSON.',
    schema: { type: 'string', maxLength: 100, pattern: '^[ -~]+$' },
  },
};

/** The header that says when to ask again. */
export const retryAfter: Headers = {
  'Retry-After': {
    description: 'Seconds to wait before asking again.',
    schema: { type: 'integer', format: 'int32', minimum: 0, maximum: 2_147_483_647 },
  },
};

/** The header that says where the operation is. */
export const location = {
  description: 'Where the operation is followed that runs, or that stands in the way.',
  schema: { type: 'string', format: 'uri-reference', maxLength: 1024 },
} as const;
