import { useSyncExternalStore } from 'react';

/** Where somebody is: it stands behind the # of the address, so that filters reach no proxy's log. */
export interface Route {
  /** `sessions`, `preview`, `operations`, `operations/op_…`. */
  readonly path: string;
  readonly query: URLSearchParams;
}

let known: { readonly hash: string; readonly route: Route } | null = null;

/** The route of the address as it is now. */
export function useRoute(): Route {
  return useSyncExternalStore(subscribe, current);
}

/** Goes somewhere; `replaces` leaves no step to go back to. */
export function go(path: string, query: URLSearchParams = new URLSearchParams(), replaces = false): void {
  const address = hrefOf(path, query);
  if (replaces) {
    history.replaceState(null, '', address);
    dispatchEvent(new HashChangeEvent('hashchange'));
  } else location.hash = address;
}

/** The address of a route. */
export function hrefOf(path: string, query: URLSearchParams = new URLSearchParams()): string {
  const text = query.toString();
  return `#/${path}${text === '' ? '' : `?${text}`}`;
}

function current(): Route {
  const { hash } = location;
  if (known?.hash !== hash) {
    const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
    known = { hash, route: { path: path === '' ? 'sessions' : path, query: new URLSearchParams(query) } };
  }
  return known.route;
}

function subscribe(listener: () => void): () => void {
  addEventListener('hashchange', listener);
  return () => {
    removeEventListener('hashchange', listener);
  };
}
