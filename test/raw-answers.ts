import { once } from 'node:events';
import { connect } from 'node:net';

/** An answer as it came over a socket. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Sends bytes as they are to the server of a URL, and resolves to every answer that came until that closed. */
export async function answersTo(url: string, bytes: string | Buffer): Promise<readonly RawAnswer[]> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const pieces: Buffer[] = [];
  socket.on('data', (piece: Buffer) => pieces.push(piece));
  // A server that cuts us off may reset the connection: what it said before counts.
  socket.on('error', () => undefined);
  socket.write(bytes);
  await once(socket, 'close');
  return read(Buffer.concat(pieces).toString());
}

function read(text: string): readonly RawAnswer[] {
  if (text === '') return [];
  const end = text.indexOf('\r\n\r\n');
  const [line = '', ...fields] = text.slice(0, end).split('\r\n');
  const headers = Object.fromEntries(
    fields.map((field) => [field.split(':')[0]?.toLowerCase() ?? '', field.slice(field.indexOf(':') + 1).trim()]),
  );
  const rest = Buffer.from(text.slice(end + 4));
  const length = Number(headers['content-length']);
  const body = JSON.parse(rest.subarray(0, length).toString()) as RawAnswer['body'];
  return [{ status: Number(line.split(' ')[1]), headers, body }, ...read(rest.subarray(length).toString())];
}
