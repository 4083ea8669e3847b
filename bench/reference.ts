import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { Pool } from 'undici';
import { flush, kill, look, type Ask } from './translate.ts';

/** The reference: what these calls cost when nothing is done but to make them, by node:http and undici. */
const [port, vendors] = process.argv.slice(2);
const pool = new Pool(`http://127.0.0.1:${vendors ?? ''}`, { pipelining: 1 });
const headers = { accept: '*/*', 'x-auth-token': 'bench-token', 'content-type': 'application/json' };

const ask: Ask = async (method, path, body) => {
  const answer = await pool.request({ method, path, headers, body: body ?? null });
  const said = await answer.body.text();
  if (answer.statusCode >= 300) throw new Error(`The vendor said ${String(answer.statusCode)}`);
  return said;
};

async function answer(request: IncomingMessage): Promise<object> {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://bench');
  const target = searchParams.get('target') ?? '';
  const node = searchParams.get('node') ?? '';
  if (request.method === 'GET') return look(ask, target, node, Number(searchParams.get('limit') ?? 100));
  if (request.method === 'DELETE') return kill(ask, target, node, searchParams.getAll('id'));
  if (pathname !== '/sessions/flush') throw new Error('There is nothing at this address.');
  const { targets, mode } = JSON.parse(await text(request)) as { targets: string[]; mode: string };
  return flush(ask, targets, mode);
}

// As long as Sluice keeps them: callers of the bench rest while others are measured.
createServer({ keepAliveTimeout: 72_000 }, (request, response) => {
  answer(request).then(
    (body) => {
      const said = JSON.stringify(body);
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(said) });
      response.end(said);
    },
    (thrown: unknown) => {
      response.writeHead(502).end(thrown instanceof Error ? thrown.message : '');
    },
  );
}).listen(Number(port), '127.0.0.1', 4096);
