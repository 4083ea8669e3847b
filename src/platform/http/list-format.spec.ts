import { expect, it } from '@jest/globals';
import { listFormatOf } from './list-format.js';

it.each([
  [undefined, 'json'],
  ['', 'json'],
  ['*/*', 'json'],
  ['application/*', 'json'],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'json'],
  ['image/png', 'json'],
  ['text/csv', 'csv'],
  ['Text/CSV; Q=0.5', 'csv'],
  ['text/*', 'csv'],
  ['text/csv, */*', 'csv'],
  ['application/x-ndjson', 'ndjson'],
  ['application/json, application/x-ndjson', 'json'],
  ['application/json;q=0.5, application/x-ndjson', 'ndjson'],
  ['text/csv;q=0.2, application/x-ndjson;q=0.3, */*;q=0.1', 'ndjson'],
  ['text/csv;q=0', 'json'],
  ['text/csv;header=present;q=1', 'csv'],
  ['*/*, application/json;q=0', 'ndjson'],
  ['text/csv;q=much', 'json'],
  [`${','.repeat(100_000)}text/csv`, 'json'],
])('Accept: %.60s is answered by %s', (accept, format) => {
  expect(listFormatOf(accept)).toBe(format);
});
