import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Failure } from '../../core/model/failure.js';
import { wantsHtml } from './problem-page.js';

/** The pages that Sluice has for people. */
export interface Pages {
  readonly basePath: string;
  readonly console: boolean;
  readonly docs: boolean;
  /** Where the built console is. */
  readonly folder: URL;
}

/** Nothing from anywhere else, nothing written into the page, and in no frame. */
const pageHeaders = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; base-uri 'none'; " +
    "form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  vary: 'accept-encoding',
};

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};

const encodings = [
  ['br', 'br'],
  ['gzip', 'gz'],
] as const;

/** Serves the console at /console/ from memory, and leads a browser that comes to / to it, else to /docs. */
export function serveConsole(fastify: FastifyInstance, pages: Pages): void {
  const { basePath, folder, docs } = pages;
  const isServed = pages.console && existsSync(folder);
  if (isServed) {
    const page = readPage(folder);
    fastify.get(`${basePath}/console`, (_request, reply) => reply.redirect('console/', 308));
    fastify.get(`${basePath}/console/`, (request, reply) => sendFile(request, reply, page, 'index.html'));
    fastify.get<{ Params: { name: string } }>(`${basePath}/console/assets/:name`, (request, reply) =>
      sendFile(request, reply, page, `assets/${request.params.name}`),
    );
  }
  if (!isServed && !docs) return;
  const to = isServed ? 'console/' : 'docs';
  const lead = (path: string) => (request: FastifyRequest, reply: FastifyReply) => {
    if (!wantsHtml(request.headers.accept)) throw new Failure('not-found', 'There is nothing at this address.');
    // Relative, since a proxy in front may put the pages elsewhere.
    return reply.header('vary', 'accept').redirect(path, 302);
  };
  fastify.get(`${basePath}/`, lead(to));
  if (basePath !== '') fastify.get(basePath, lead(`${basePath.slice(basePath.lastIndexOf('/') + 1)}/${to}`));
}

type Page = ReadonlyMap<string, Buffer>;

function readPage(folder: URL): Page {
  const names = ['index.html', ...readdirSync(new URL('assets/', folder)).map((name) => `assets/${name}`)];
  const all = [...names, ...encodings.map(([, ending]) => `index.html.${ending}`)];
  return new Map(all.map((name) => [name, readFileSync(new URL(name, folder))]));
}

/** What is under a hashed name never changes; the page that names it is asked for each time. */
function sendFile({ headers }: FastifyRequest, reply: FastifyReply, page: Page, name: string): FastifyReply {
  const type = types[name.slice(name.lastIndexOf('.') + 1)];
  const plain = page.get(name);
  if (plain === undefined || type === undefined) throw new Failure('not-found', 'There is nothing at this address.');
  const accepted = headers['accept-encoding']?.toString() ?? '';
  const encoding = encodings.find(([word, ending]) => accepted.includes(word) && page.has(`${name}.${ending}`));
  const cached = name === 'index.html' ? 'no-cache' : 'public, max-age=31536000, immutable';
  reply.headers({ ...pageHeaders, 'content-type': type, 'cache-control': cached });
  if (!encoding) return reply.send(plain);
  return reply.header('content-encoding', encoding[0]).send(page.get(`${name}.${encoding[1]}`));
}
