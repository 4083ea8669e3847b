import { Readable } from 'node:stream';
import { createGzip, gzipSync } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Step } from '../http/step.js';

/** Nothing from anywhere else, and in no frame. Swagger UI writes its style into the page. */
const pageHeaders = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src data:; " +
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
};

const ofPage = /\/docs(?:\/|$)/;

/** Leads /docs/ to /docs, and lets the page of the API be small on the way, in no frame, and ask nobody else. */
export function leadToPage(): Step {
  return {
    prepare: (fastify) => {
      fastify.addHook('onSend', compress);
    },
    onRequest: ({ facts }, reply, done) => {
      if (ofPage.test(facts.route)) reply.headers(pageHeaders);
      // It names its assets as seen from /docs. Relative, since a proxy in front may put the page elsewhere.
      if (facts.route.endsWith('/docs/')) void reply.redirect('../docs', 308);
      else done();
    },
  };
}

/** The page and the document are large, and always the same. */
function compress(
  { facts, headers }: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
  done: (error: null, payload?: unknown) => void,
): void {
  const isLarge = ofPage.test(facts.route) || facts.route.endsWith('/openapi.json');
  const accepts = headers['accept-encoding']?.toString().includes('gzip') ?? false;
  if (!isLarge || !accepts || reply.statusCode !== 200 || reply.hasHeader('content-encoding')) {
    done(null, payload);
    return;
  }
  const isText = typeof payload === 'string' || Buffer.isBuffer(payload);
  if (!isText && !(payload instanceof Readable)) {
    done(null, payload);
    return;
  }
  reply.removeHeader('content-length');
  reply.headers({ 'content-encoding': 'gzip', vary: 'accept-encoding' });
  done(null, isText ? gzipSync(payload) : payload.pipe(createGzip()));
}
