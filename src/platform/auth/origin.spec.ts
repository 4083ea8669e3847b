import { expect, it } from '@jest/globals';
import { strangeOrigin } from './origin.js';

it.each([
  [{ host: 'localhost:8080' }, true],
  [{ host: '127.0.0.1:8080' }, true],
  [{ host: '[::1]:8080' }, true],
  [{ host: 'sluice.localhost' }, true],
  [{ host: 'evil.example' }, false],
  [{ host: 'evil.example:8080' }, false],
  [{ host: 'localhost.evil.example' }, false],
  [{ host: '127.0.0.1.evil.example' }, false],
  [{}, false],
  [{ host: 'localhost:8080', origin: 'http://localhost:8080' }, true],
  [{ host: 'localhost:8080', origin: 'http://localhost:3000' }, false],
  [{ host: 'localhost:8080', origin: 'https://evil.example' }, false],
  [{ host: 'localhost:8080', origin: 'null' }, false],
  [{ host: 'localhost:8080', 'sec-fetch-site': 'cross-site' }, false],
  [{ host: 'localhost:8080', 'sec-fetch-site': 'same-origin' }, true],
  [{ host: 'localhost:8080', 'sec-fetch-site': 'none' }, true],
])('a request without credentials with %j is let in: %s', (headers, isLetIn) => {
  expect(strangeOrigin(headers) === null).toBe(isLetIn);
});
