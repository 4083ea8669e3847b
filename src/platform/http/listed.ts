import type { Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { csvLine, type Cell } from './csv.js';
import { listMediaTypes, type ListFormat } from './list-format.js';

const mostListeners = 30;

/** A list that is streamed, each item a line. */
export type LineFormat = Exclude<ListFormat, 'json'>;

/** A column of a list as CSV: its name, and what stands there of an item. */
export type Column<Item> = readonly [name: string, cell: (item: Item) => Cell];

/** What comes before the items: the names of the columns of CSV. */
export function headOf(columns: readonly Column<never>[], format: LineFormat): string {
  return format === 'csv' ? csvLine(columns.map(([name]) => name)) : '';
}

/** An item as a line. */
export function lineOf<Item>(item: Item, columns: readonly Column<Item>[], format: LineFormat): string {
  return format === 'csv' ? csvLine(columns.map(([, cell]) => cell(item))) : `${JSON.stringify(item)}\n`;
}

/** Answers with what is streamed. */
export function streamed(reply: FastifyReply, stream: Readable, type: string, disposition?: string): StreamableFile {
  // Fastify listens to an answer that is streamed in more ways than Node expects.
  reply.raw.setMaxListeners(mostListeners);
  return new StreamableFile(stream, { type, ...(disposition === undefined ? {} : { disposition }) });
}

/** Answers with a list that is streamed, which a browser saves under its name. */
export function listed(reply: FastifyReply, stream: Readable, format: LineFormat, name: string): StreamableFile {
  const type = `${listMediaTypes[format]}; charset=utf-8${format === 'csv' ? '; header=present' : ''}`;
  return streamed(reply, stream, type, `attachment; filename="${name}.${format}"`);
}
