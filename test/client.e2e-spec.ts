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

  it('has the one version that stands everywhere', () => {
    const versions = ['clients/typescript/package.json', 'package.json', 'package-lock.json'].map(
      (path) => (JSON.parse(read(path)) as { version: string }).version,
    );
    const { info } = JSON.parse(read('openapi/openapi.json')) as { info: { version: string } };
    const chart = /^appVersion: (.*)$/m.exec(read('helm/sluice/Chart.yaml'))?.[1];
    const image = /^ARG VERSION=(.*)$/m.exec(read('Dockerfile'))?.[1];
    expect(new Set([...versions, info.version, chart, image])).toEqual(new Set([version]));
    expect(read('CHANGELOG.md')).toContain(`## [${version}]`);
  });
});
