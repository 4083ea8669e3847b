import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A vendor that repeats what it was sent, credentials and all, wherever it has room for words. */
export interface EchoVendor {
  /** `http://127.0.0.1:<port>`, no slash at its end. */
  readonly url: string;
  /** The status, or for 1010data the return code, of what it answers from now on. */
  mode: { status: number; rc: number };
  close(): Promise<void>;
}

const credentialHeaders = ['x-auth-token', 'authorization', 'x-security-token', 'x-sdk-date', 'host'];

/** What was sent, in all the ways in which a vendor might repeat it. */
function repeated({ method = '', url = '', headers }: IncomingMessage, body: string): readonly string[] {
  const values = credentialHeaders.map((name) => headers[name]).filter((value) => typeof value === 'string');
  const parameters = [...new URL(url, 'http://vendor').searchParams.values()];
  const all = [...values, ...parameters, ...passwordsIn(body)];
  const text = `${method} ${url}\n${values.join('\n')}\n${body}`;
  return [
    text,
    all.join(' '),
    all.map(encodeURIComponent).join(' '),
    all.map((value) => Buffer.from(value).toString('base64')).join(' '),
    all.map((value) => Buffer.from(value).toString('base64url')).join(' '),
    all.map((value) => Buffer.from(`${method}:${value}`).toString('base64')).join(' '),
    JSON.stringify({ url, values, parameters, body: passwordsIn(body) }),
    values.map((value) => value.slice(0, 100)).join(' '),
    `Signature=${/Signature=(\w+)/.exec(headers.authorization ?? '')?.[1] ?? ''} does not match`,
    `verify aksk signature fail, canonicalRequest:${text.replaceAll('\n', '|')}`,
  ];
}

function passwordsIn(body: string): readonly string[] {
  return [...body.matchAll(/"password":"((?:[^"\\]|\\.)*)"/g)].map(([, value]) => JSON.parse(`"${value}"`) as string);
}

function xml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

/** Starts it. What it repeats first changes from request to request. */
export async function startEcho(): Promise<EchoVendor> {
  const mode = { status: 400, rc: 1 };
  let asked = 0;
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const words = repeated(request, Buffer.concat(pieces).toString());
      const first = asked++ % words.length;
      const said = [...words.slice(first), ...words.slice(0, first)].join(' ');
      const { status, rc } = vendor.mode;
      if (request.url?.startsWith('/gw.k')) {
        response.writeHead(status === 400 ? 200 : status, { 'content-type': 'text/xml', 'retry-after': '0' });
        response.end(status === 502 ? said : `<out><rc>${rc}</rc><msg>${xml(said)}</msg></out>`);
        return;
      }
      const key = /Access=([^, ]+)/.exec(request.headers.authorization ?? '')?.[1] ?? 'none';
      response.writeHead(status, { 'content-type': 'application/json', 'retry-after': '0' });
      response.end(status === 502 ? said : JSON.stringify({ error_code: key, error_msg: said, job_id: said }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const vendor: EchoVendor = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mode,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  return vendor;
}
