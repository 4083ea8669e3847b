import type { OpenAPIObject } from '@nestjs/swagger';

/** The parameters that Swagger UI fills in, so that the first try of every call succeeds and ends nothing. */
const parameters: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  getTarget: { name: 'orders' },
  listProcesses: { target: ['orders'], inapplicable: 'skip', sort: '-transactionSeconds', protected: 'none' },
  killProcesses: {
    ...{ target: ['orders'], state: ['idle'], minIdleSeconds: 600 },
    ...{ sort: '-idleSeconds', first: 5, inapplicable: 'skip', dryRun: true },
  },
};

interface Example {
  readonly summary: string;
  readonly value: object;
}

/** The bodies that Swagger UI offers: the first is a dry run. */
const bodies: Readonly<Record<string, Readonly<Record<string, Example>>>> = {
  flushSessions: {
    dryRun: { summary: 'Dry run: ends nothing', value: { targets: ['bi-pool', 'ledger', 'carts'], dryRun: true } },
    labels: {
      summary: 'Dry run of all targets that carry a label',
      value: { labels: { env: 'sandbox' }, dryRun: true },
    },
    graceful: {
      summary: 'Graceful: spares whatever executes something',
      value: { targets: ['bi-pool', 'ledger', 'carts'], reason: 'nightly reload' },
    },
    forced: {
      summary: 'Forced: ends everything on the target',
      value: { targets: ['carts'], mode: 'forced', reason: 'failover drill' },
    },
  },
  tuneSession: {
    dryRun: {
      summary: 'Dry run: sets nothing',
      value: { target: 'bi-user', settings: { infinityToNa: true, blocking: 3 }, dryRun: true },
    },
    tune: {
      summary: 'Sets the parameters',
      value: { target: 'bi-user', settings: { infinityToNa: true, stepwise: false, blocking: 3 } },
    },
  },
};

/** Writes the examples into the document. */
export function showFirstCalls(document: OpenAPIObject): void {
  for (const { get, post, delete: remove } of Object.values(document.paths)) {
    for (const operation of [get, post, remove]) {
      const { operationId = '', parameters: documented = [], requestBody } = operation ?? {};
      const values = parameters[operationId] ?? {};
      for (const parameter of documented) {
        if ('name' in parameter && parameter.name in values) parameter.example = values[parameter.name];
      }
      const json = requestBody && 'content' in requestBody ? requestBody.content['application/json'] : undefined;
      const examples = bodies[operationId];
      if (json && examples) json.examples = examples;
    }
  }
}
