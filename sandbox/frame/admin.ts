import type { IncomingMessage, ServerResponse } from 'node:http';
import { readFaults } from './fault-input.ts';
import { listen } from './listener.ts';
import type { Listener } from './listener.ts';
import type { Frame } from './server.ts';

/** The JSON object that an action is given; empty if the request has no body. */
export type ActionInput = Readonly<Record<string, unknown>>;

/** What a person may do to a vendor from outside; throws an Error that says what is wrong with the input. */
type Actions = Readonly<Record<string, (input: ActionInput) => unknown>>;

/** What the admin routes act upon. */
export interface Administered extends Frame {
  /** The vendors whose calls may be disturbed. */
  readonly vendors: readonly string[];
  /** `POST /<vendor>/<action>` with a JSON body. */
  readonly actions: Readonly<Record<string, Actions>>;
  readonly reset: () => void;
}

class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

type Route = (body: unknown) => unknown;

function routesOf({ journal, faults, vendors, actions, reset }: Administered): ReadonlyMap<string, Route> {
  const routes = new Map<string, Route>([
    ['GET /faults', () => faults.list()],
    [
      'PUT /faults',
      (body) => {
        faults.replace(readFaults(body, vendors));
        return faults.list();
      },
    ],
    [
      'POST /faults',
      (body) => {
        for (const fault of readFaults([body], vendors)) faults.add(fault);
        return faults.list();
      },
    ],
    [
      'DELETE /faults',
      () => {
        faults.clear();
      },
    ],
    ['GET /journal', () => journal.all()],
    [
      'DELETE /journal',
      () => {
        journal.clear();
      },
    ],
    [
      'POST /reset',
      () => {
        reset();
      },
    ],
  ]);
  for (const [vendor, ofVendor] of Object.entries(actions)) {
    for (const [name, action] of Object.entries(ofVendor)) {
      routes.set(`POST /${vendor}/${name}`, (body = {}) => action(objectOf(body)));
    }
  }
  return routes;
}

function objectOf(body: unknown): ActionInput {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new Error('the body must be an object');
  return { ...body };
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const text = Buffer.concat(pieces).toString('utf8');
  if (text === '') return undefined;
  // A web page cannot send this type to another origin unasked.
  if (request.headers['content-type']?.split(';', 1)[0] !== 'application/json') {
    throw new Refusal(415, 'the body must be application/json');
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Refusal(400, 'the body is not JSON');
  }
}

function respond(response: ServerResponse, status: number, value: unknown): void {
  if (value === undefined) {
    response.writeHead(204).end();
    return;
  }
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(`${JSON.stringify(value, null, 2)}\n`);
}

/** The routes by which a person sets faults, reads the journal and acts upon the vendors; 127.0.0.1 only. */
export async function administer(administered: Administered, port = 0): Promise<Listener> {
  const routes = routesOf(administered);

  async function answer(request: IncomingMessage): Promise<unknown> {
    const body = await bodyOf(request);
    const route = routes.get(`${request.method ?? ''} ${request.url ?? ''}`);
    if (!route) throw new Refusal(404, `there is only ${[...routes.keys()].join(', ')}`);
    return route(body);
  }

  return listen((request, response) => {
    answer(request).then(
      (value) => {
        respond(response, 200, value);
      },
      (error: unknown) => {
        const status = error instanceof Refusal ? error.status : 400;
        respond(response, status, { error: error instanceof Error ? error.message : String(error) });
      },
    );
  }, port);
}
