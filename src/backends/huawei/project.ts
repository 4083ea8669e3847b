import type { Call } from '../../core/model/target.js';
import type { Exchange, Wrap } from '../../transport/exchange.js';
import { filledIn } from './paths.js';

/** What ids of projects look like. */
export const projectIdPattern = /^(?:[A-Za-z0-9]{32}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$/;

/** An exchange whose URL left the project open, in this one. */
export function inProject<T>(exchange: Exchange<T>, projectId: string): Exchange<T> {
  return { ...exchange, url: filledIn(exchange.url, { project_id: projectId }) };
}

/** Finds the project before a call is sent, and names it in the path and in the header that is signed. */
export function projectWrap(find: (call: Call) => Promise<string>): Wrap {
  return (next) => async (exchange, call) => {
    const projectId = await find(call);
    const headers = { ...exchange.headers, 'x-project-id': projectId };
    return next({ ...inProject(exchange, projectId), headers }, call);
  };
}
