import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SluiceError } from '@sluice/client';

/** What is tried, by what it says. */
export type Cases = Readonly<Record<string, () => Promise<void>>>;

/** The error that a call throws. */
export async function errorOf(call: Promise<unknown>): Promise<SluiceError> {
  const thrown: unknown = await call.then(
    () => assert.fail('it did not throw'),
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof SluiceError, String(thrown));
  return thrown;
}

/** A server that answers as it is told, and what it was asked. */
export async function serve(answer: (request: IncomingMessage, nth: number) => (response: ServerResponse) => void) {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    answer(request, asked.length)(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${String(port)}`, port, asked, close };
}
