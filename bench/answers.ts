import { clients, rowsPerPage, threads, victims } from './scene.ts';

const success = '<out>\n  <rc>0</rc>\n  <msg>OK</msg>\n</out>';
const members = ['1', '2', '3', '4'].map((id) => `  <user uid="acme_sam${id}" loggedin="1" free="1" marked="0"/>`);
const status = `<out><rc>0</rc><msg>OK</msg><users>\n${members.join('\n')}\n</users></out>`;
const job = JSON.stringify({ job_id: '8abf6e1e824dfcb201824e02ee9a0015' });
const jobEnded = JSON.stringify({ job_id: '8abf6e1e824dfcb201824e02ee9a0015', status: 'SUCCESS' });

const threadList = JSON.stringify({
  processes: Array.from({ length: threads }, (_, index) => ({
    id: 2_075_400 + index,
    user: 'orders_app',
    host: `10.0.1.17:${String(50_000 + index)}`,
    db: 'orders',
    command: index % 3 === 0 ? 'Query' : 'Sleep',
    time: index * 7,
    state: '',
    info: index % 3 === 0 ? "UPDATE orders SET status = 'paid' WHERE id = 17" : null,
  })),
  total_count: threads,
});

const killed = JSON.stringify({ processes_killed: victims.map(Number), processes_not_found: [] });

function clientPage(offset: number): string {
  const rows = Array.from({ length: rowsPerPage }, (_, row) => {
    const index = offset + row;
    const peer = `10.0.${String(index >> 8)}.${String(index & 255)}:33000`;
    return {
      ...{ id: String(11_600 + index), addr: '198.19.131.14:33000', fd: '8', name: 'carts', cmd: 'get', age: 3600 },
      ...{ idle: index % 600, db: '0', flags: 'N', sub: 0, psub: 0, multi: -1, qbuf: 0, qbuf_free: 0, obl: 0, oll: 0 },
      ...{ omem: 0, events: 'r', network: 'vpc', peer, user: 'default' },
    };
  });
  return JSON.stringify({ time: '2026-03-01T08:00:00.300Z', count: clients, clients: rows });
}

/** A whole answer of HTTP. */
function answer(type: string, body: string, start = '200 OK', more = ''): Buffer {
  const head = `HTTP/1.1 ${start}\r\nContent-Type: ${type}\r\nContent-Length: ${String(Buffer.byteLength(body))}\r\n${more}`;
  return Buffer.from(`${head}\r\n${body}`);
}

const xml = (body: string): Buffer => answer('text/xml', body);
const json = (body: string): Buffer =>
  answer('application/json', body, '200 OK', 'X-Request-Id: 1f2a5b0cbc0f4d6c9a3f6f0a1c2d3e4f\r\n');

/** A token that outlives the bench. */
function token(): Buffer {
  const [issued, expires] = [0, 86_400_000].map((later) => new Date(Date.now() + later).toISOString());
  const body = JSON.stringify({ token: { issued_at: issued, expires_at: expires } });
  return answer('application/json', body, '201 Created', 'X-Subject-Token: bench-token\r\n');
}

const pages = new Map(
  Array.from({ length: clients / rowsPerPage }, (_, page) => page * rowsPerPage).map((offset) => [
    String(offset),
    json(clientPage(offset)),
  ]),
);

const [flushed, members4, started, ended, listed, gone] = [
  xml(success),
  xml(status),
  json(job),
  json(jobEnded),
  json(threadList),
  json(killed),
];

const unknown = answer('text/plain', 'The bench does not know this call.', '404 Not Found');

/** The canned answer to a request, by its first line. */
export function answerTo(line: string): Buffer {
  if (line.startsWith('POST /gw.k?api=samstatus&')) return members4;
  if (line.startsWith('POST /gw.k?')) return flushed;
  if (line.startsWith('GET /v3/')) return listed;
  if (line.startsWith('DELETE /v3/')) return gone;
  if (line.startsWith('POST /v2/')) return started;
  if (line.startsWith('GET /v2/')) return pages.get(/&offset=(\d+)/.exec(line)?.[1] ?? '') ?? ended;
  return line.startsWith('POST /v3/auth/tokens') ? token() : unknown;
}
