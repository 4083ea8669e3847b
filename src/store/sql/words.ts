import type { Kysely } from 'kysely';
import { operationWritesFor } from './operation.writes.js';
import { readsFor } from './reads.js';
import type { Engine, Schema } from './schema.js';
import { termsWritesFor } from './terms.writes.js';

/** The statements that a journal uses. */
export type Words = ReturnType<typeof wordsFor>;

/** Compiles them in the words of an engine. */
export function wordsFor(builder: Kysely<Schema>, engine: Engine) {
  return {
    writes: { ...operationWritesFor(builder, engine), ...termsWritesFor(builder) },
    reads: readsFor(builder),
  };
}
