import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import openapiTS, { astToString, COMMENT_HEADER } from 'openapi-typescript';
import { version } from '../clients/typescript/src/sluice.ts';
import { committedFile } from './openapi-contract.ts';

// What the package does is tried outside the tree: test/client.
describe('the TypeScript client', () => {
  const read = (path: string) => readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), 'utf8');

  it('has the types that the committed document gives', async () => {
    const types = await openapiTS(committedFile, { defaultNonNullable: false });
    expect(`${COMMENT_HEADER}${astToString(types)}`).toBe(read('clients/typescript/src/api.ts'));
  });

  it('tells its own version', () => {
    const versions = ['clients/typescript/package.json', 'package.json'].map(
      (path) => (JSON.parse(read(path)) as { version: string }).version,
    );
    expect(versions).toEqual([version, version]);
  });
});
