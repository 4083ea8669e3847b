import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** What Linux hands out by itself, to who connects and to who listens on port 0, begins above: 32768. */
const range = [10_240, 32_768] as const;

/**
 * A port of loopback that nobody listens on, for a program that must be told its port. It stays free: it is none
 * of those that are handed out to whoever asks for any.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(...range);
    const server = createServer().listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') continue;
      throw error;
    }
    server.close();
    await once(server, 'close');
    return port;
  }
}
