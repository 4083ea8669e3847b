import type { IncomingHttpHeaders } from 'node:http';
import { Failure } from '../../core/model/failure.js';
import { parseJson } from './json.js';
import type { Step } from './step.js';

/** The largest body that is taken, in bytes. */
export const maxBodyBytes = 256 * 1024;

/** Stands for a body that cannot be taken: it is refused once it is known who sent it. */
class UnreadableBody {
  constructor(readonly failure: Failure) {}
}

/**
 * Takes JSON in UTF-8 without content encoding, and nothing else. An empty body is no body. What is wrong with one is
 * told once it is known who asks, so that strangers, and callers that ask too often, are not told of it.
 */
export function body(): Step {
  return {
    prepare: (fastify) => {
      fastify.removeAllContentTypeParsers();
      fastify.addContentTypeParser('*', { parseAs: 'buffer' }, (request, bytes: Buffer, done) => {
        done(null, take(request.raw.headers, bytes));
      });
    },
    onRequest: (request, _reply, done) => {
      const type = request.raw.headers['content-type'];
      // Fastify would refuse at once what is no media type at all.
      if (type !== undefined && essenceOf(type) !== json)
        request.headers = { 'content-type': 'application/octet-stream' };
      done();
    },
  };
}

/** Refuses a body that cannot be taken. */
export function legible(): Step {
  return {
    admit: (request) => {
      if (request.body instanceof UnreadableBody) throw request.body.failure;
    },
  };
}

function take(headers: IncomingHttpHeaders, body: Buffer): unknown {
  const { 'content-type': type, 'content-encoding': encoding = 'identity' } = headers;
  if (body.length === 0 && type === undefined) return undefined;
  try {
    refuseMediaType(type ?? '', encoding);
    return body.length === 0 ? undefined : parseJson(body);
  } catch (thrown) {
    if (thrown instanceof Failure) return new UnreadableBody(thrown);
    throw thrown;
  }
}

const json = 'application/json';

function essenceOf(type: string): string {
  return (type.split(';', 1)[0] ?? '').trim().toLowerCase();
}

function refuseMediaType(type: string, encoding: string): void {
  const parameters = type.split(';').slice(1);
  if (essenceOf(type) !== json) throw new Failure('unsupported-media-type', 'The body must be application/json.');
  if (parameters.some((parameter) => !/^charset=(?:utf-8|"utf-8")$/.test(parameter.trim().toLowerCase()))) {
    throw new Failure('unsupported-media-type', 'JSON must be in UTF-8, without other parameters.');
  }
  if (encoding.toLowerCase() !== 'identity') {
    throw new Failure('unsupported-media-type', 'The body must not be encoded or compressed.');
  }
}
