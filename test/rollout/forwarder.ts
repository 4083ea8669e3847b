import { connect, createServer, type AddressInfo } from 'node:net';

/** Forwards connections, and knows nothing of what they carry. */
export interface Forwarder {
  readonly url: string;
  close(): Promise<void>;
}

/** How long after a change of readiness new connections go elsewhere: endpoints travel through a cluster. */
const lagMs = 1000;
const probeMs = 200;

/**
 * Forwards each new connection to one of the ports whose gateway was ready a second ago, in turn, as kube-proxy does: a
 * connection stays where it is for as long as it lives.
 */
export async function startForwarder(ports: readonly number[]): Promise<Forwarder> {
  const seen: { readonly at: number; readonly ready: readonly number[] }[] = [{ at: 0, ready: ports }];
  let turn = 0;
  const probe = setInterval(() => {
    void Promise.all(ports.map(isReady)).then((answers) => {
      seen.push({ at: Date.now(), ready: ports.filter((_, index) => answers[index]) });
    });
  }, probeMs);
  const server = createServer((incoming) => {
    const known = seen.findLast(({ at }) => at <= Date.now() - lagMs)?.ready ?? ports;
    turn += 1;
    const outgoing = connect(known[turn % known.length] ?? ports[0]!, '127.0.0.1');
    incoming.pipe(outgoing).pipe(incoming);
    incoming.on('error', () => outgoing.destroy());
    outgoing.on('error', () => incoming.resetAndDestroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(port)}`,
    close: () => {
      clearInterval(probe);
      return new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
      });
    },
  };
}

async function isReady(port: number): Promise<boolean> {
  try {
    const { ok } = await fetch(`http://127.0.0.1:${String(port)}/health/ready`, { headers: { connection: 'close' } });
    return ok;
  } catch {
    return false;
  }
}
