/** Hears a message of HTTP/1.1: its head as text, its body as it came. */
export type Take = (head: string, body: Buffer) => void;

/**
 * Cuts what arrives on a connection into messages. It knows only Content-Length, which is all that the peers of the
 * bench use: reading must cost them much less than it costs the gateways that are measured.
 */
export function cutMessages(take: Take): (piece: Buffer) => void {
  let pieces: Buffer[] = [];
  let bytes = 0;
  let wanted = 0;
  return (piece) => {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes < wanted) return;
    let rest = pieces.length === 1 ? piece : Buffer.concat(pieces);
    wanted = 0;
    while (rest.length > 0) {
      const end = rest.indexOf('\r\n\r\n');
      if (end < 0) break;
      const head = rest.toString('latin1', 0, end);
      const whole = end + 4 + Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
      if (rest.length < whole) {
        wanted = whole;
        break;
      }
      take(head, rest.subarray(end + 4, whole));
      rest = rest.subarray(whole);
    }
    pieces = rest.length > 0 ? [rest] : [];
    bytes = rest.length;
  };
}
