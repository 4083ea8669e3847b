import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { answer, drip, finish, onRequest, reset, silence, write, type Script, type Step } from '../scripted-server.ts';

/**
 * What a caller is told of a call that ends something: done; not known; certainly not done, by a refusal or since it
 * never left.
 */
export type Told = 'succeeded' | 'unknown' | 'rejected' | 'throttled' | 'never sent';

/** One way for a vendor to fail. The numbers are those of docs/faults.md. */
export interface VendorRow {
  readonly row: number;
  readonly fault: string;
  readonly script: Script;
  readonly told: Told;
  /** How often the call arrives at the vendor. */
  readonly arrives: number;
}

const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n';
const done = '<out><rc>0</rc><msg>OK</msg></out>';
const half = `${head}Content-Length: ${String(done.length)}\r\n\r\n${done.slice(0, 18)}`;
const promise = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n';
const filler = Buffer.alloc(64 * 1024, 0x20);

function unknown(row: number, fault: string, ...steps: readonly Step[]): VendorRow {
  return { row, fault, script: onRequest(...steps), told: 'unknown', arrives: 1 };
}

function answered(row: number, fault: string, body: string | Buffer, ...headers: readonly string[]): VendorRow {
  return unknown(row, fault, answer(200, body, ...headers));
}

/** Faults of the network and of the one who answers, of a call that is sent to 1010data. */
export const vendorRows: readonly VendorRow[] = [
  unknown(6, 'silent after the request', silence),
  unknown(7, 'RST after the request', reset),
  unknown(8, 'FIN after the request', finish),
  unknown(9, 'RST between head and body', write(`${head}Content-Length: 40\r\n\r\n`), reset),
  unknown(9, 'RST in the body', write(half), reset),
  unknown(9, 'FIN in the body', write(half), finish),
  unknown(10, 'half of the head, then silent', write(head.slice(0, 20)), silence),
  unknown(10, 'half of the body, then silent', write(half), silence),
  unknown(10, 'half of the body without a length, then FIN', write(`${head}\r\n${done.slice(0, 18)}`), finish),
  unknown(12, 'a byte every 20 ms for ever', write(`${head}Content-Length: 100000\r\n\r\n`), drip(' ', 20)),
  unknown(13, '100 MB with a length', write(`${head}Content-Length: 104857600\r\n\r\n`), drip(filler)),
  unknown(
    13,
    'chunks for ever',
    write(`${head}Transfer-Encoding: chunked\r\n\r\n`),
    drip(Buffer.concat([Buffer.from('10000\r\n'), filler, Buffer.from('\r\n')])),
  ),
  answered(13, 'a gzip bomb of 1:1000', gzipSync(Buffer.alloc(8 * 1024 * 1024)), 'Content-Encoding: gzip'),
  unknown(14, '5,000 promises, then silent', write(promise.repeat(5000)), silence),
  unknown(14, 'promises for ever', drip(promise, 5)),
  unknown(14, '10,000 headers', write(head), write('X-A: 1\r\n'.repeat(10_000)), write('X: '), drip(filler)),
  unknown(14, 'a header of more than 128 KB', write(`${head}X-A: ${'a'.repeat(200_000)}\r\n`), silence),
  answered(14, 'two lengths', done, `Content-Length: ${String(done.length)}`, 'Content-Length: 3'),
  unknown(16, 'redirects in a circle', answer(307, '', 'Location: /gw.k')),
  unknown(16, 'redirects to the metadata address', answer(302, '', 'Location: http://169.254.169.254/latest/')),
  {
    row: 17,
    fault: '429 that wants an hour',
    script: onRequest(answer(429, '', 'Retry-After: 3600')),
    told: 'throttled',
    arrives: 1,
  },
  {
    row: 17,
    fault: '429 without end',
    script: onRequest(answer(429, '', 'Retry-After: 0')),
    told: 'throttled',
    arrives: 3,
  },
  ...[500, 502, 503, 504].map((status) => unknown(18, String(status), answer(status, '<html></html>'))),
  answered(20, 'HTML', '<html><body>Bad Gateway</body></html>', 'Content-Type: text/html'),
  answered(20, 'nothing', ''),
  answered(20, 'JSON', '{"rc":0,"msg":"OK"}', 'Content-Type: application/json'),
  answered(20, 'XML in Latin-1', Buffer.from('<out><rc>0</rc><msg>é</msg></out>', 'latin1')),
  answered(20, 'XML in UTF-16', Buffer.from(`\ufeff${done}`, 'utf16le')),
  answered(20, 'bytes that are no gzip', 'no gzip', 'Content-Encoding: gzip'),
  answered(20, 'two answers in one', `${done}${done}`),
  answered(21, 'rc 1, which may be a time-out inside', '<out><rc>1</rc><msg>Not allowed</msg></out>'),
  answered(21, 'no rc', '<out><msg>OK</msg></out>'),
  answered(21, 'an rc that is no number', '<out><rc>fine</rc><msg>OK</msg></out>'),
  answered(21, 'two rcs', '<out><rc>0</rc><rc>1</rc><msg>OK</msg></out>'),
  {
    row: 21,
    fault: 'members that nobody knows',
    script: onRequest(answer(200, '<out><rc>0</rc><msg>OK</msg><more a="1"><x/></more></out>')),
    told: 'succeeded',
    arrives: 1,
  },
];

/** Counts what is written to a connection until it is closed. */
export function counting(count: (bytes: number) => void): Step {
  return (socket: Socket) => {
    socket.once('close', () => {
      count(socket.bytesWritten);
    });
  };
}
