import type { FastifyInstance } from 'fastify';
import { Failure } from '../../core/failure.js';
import { parseJson } from './json.js';

/** The largest body that is taken, in bytes. */
export const maxBodyBytes = 256 * 1024;

/** Takes JSON in UTF-8 without content encoding, and nothing else. An empty body is no body. */
export function takeJsonOnly(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    try {
      const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = request.headers;
      if (body.length === 0 && type === '') {
        done(null, undefined);
        return;
      }
      refuseMediaType(type, encoding);
      done(null, body.length === 0 ? undefined : parseJson(body));
    } catch (thrown) {
      done(thrown as Error);
    }
  });
}

function refuseMediaType(type: string, encoding: string): void {
  const [essence = '', ...parameters] = type.split(';').map((part) => part.trim().toLowerCase());
  if (essence !== 'application/json') throw new Failure('unsupported-media-type', 'The body must be application/json.');
  if (parameters.some((parameter) => !/^charset=(?:utf-8|"utf-8")$/.test(parameter))) {
    throw new Failure('unsupported-media-type', 'JSON must be in UTF-8, without other parameters.');
  }
  if (encoding.toLowerCase() !== 'identity') {
    throw new Failure('unsupported-media-type', 'The body must not be encoded or compressed.');
  }
}
