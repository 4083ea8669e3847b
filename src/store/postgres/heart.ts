import pg from 'pg';

/** The one connection over which a server is asked whether it is there: nothing else goes over it. */
export class Heart {
  readonly #options: pg.ClientConfig;
  #client: pg.Client | undefined;
  #closed = false;

  constructor(options: pg.ClientConfig) {
    this.#options = options;
  }

  /** Resolves once the server has answered. */
  async beat(): Promise<void> {
    if (!this.#client) this.keep(await this.connect());
    await this.#client?.query('select 1');
  }

  /** A connection outside of any pool. */
  async connect(): Promise<pg.Client> {
    const client = new pg.Client(this.#options);
    // It is told by the next query, too; without a listener it would end the process.
    client.on('error', () => undefined);
    client.once('end', () => {
      if (this.#client === client) this.#client = undefined;
    });
    try {
      await client.connect();
      return client;
    } catch (thrown) {
      client.end().catch(() => undefined);
      throw thrown;
    }
  }

  /** Uses this connection from now on. */
  keep(client: pg.Client): void {
    this.drop();
    this.#client = client;
    if (this.#closed) this.drop();
  }

  drop(): void {
    this.#client?.end().catch(() => undefined);
    this.#client = undefined;
  }

  close(): void {
    this.#closed = true;
    this.drop();
  }
}
