import type { ServerResponse } from 'node:http';
import type { Step } from './step.js';

/** The system takes what is smaller, whether or not the caller does. */
const smallAnswer = 64 * 1024;
const defaultReadMs = 30_000;

/** Cuts callers that do not read their answer in so many milliseconds: it is not kept for ever. */
export function pace(readMs = defaultReadMs): Step {
  return {
    onSend: (_request, { raw }, payload) => {
      if (typeof payload === 'string' && payload.length > smallAnswer) cutSlowReader(raw, readMs);
    },
  };
}

function cutSlowReader(raw: ServerResponse, readMs: number): void {
  const cut = setTimeout(() => raw.destroy(), readMs);
  raw.once('close', () => {
    clearTimeout(cut);
  });
}
