import type { Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { listMediaTypes, type ListFormat } from './list-format.js';

const mostListeners = 30;

/** Answers with what is streamed. */
export function streamed(reply: FastifyReply, stream: Readable, type: string, disposition?: string): StreamableFile {
  // Fastify listens to an answer that is streamed in more ways than Node expects.
  reply.raw.setMaxListeners(mostListeners);
  return new StreamableFile(stream, { type, ...(disposition === undefined ? {} : { disposition }) });
}

/** Answers with a list that is streamed, which a browser saves under its name. */
export function listed(
  reply: FastifyReply,
  stream: Readable,
  format: Exclude<ListFormat, 'json'>,
  name: string,
): StreamableFile {
  const type = `${listMediaTypes[format]}; charset=utf-8${format === 'csv' ? '; header=present' : ''}`;
  return streamed(reply, stream, type, `attachment; filename="${name}.${format}"`);
}
