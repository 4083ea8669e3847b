import { QueryCache, QueryClient, useQuery } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { createSluice, SluiceError, type Me, type Sluice } from '../../clients/typescript/src/sluice.ts';

/** By what somebody is known. */
export interface Credential {
  readonly kind: 'key' | 'token';
  readonly value: string;
}

interface Session {
  readonly sluice: Sluice | null;
  /** Why somebody has to sign in again. */
  readonly ended: string | null;
}

/** Kept for the tab only where that was ticked; it is gone with the tab. */
const stored = 'sluice.credential';
const listeners = new Set<() => void>();

/** All that was asked for, and when. The client repeats by itself what may be repeated. */
export const queries = new QueryClient({
  queryCache: new QueryCache({
    onError: (error) => {
      if (error instanceof SluiceError && error.code === 'unauthenticated') {
        signOut('Your key or token is not accepted any more. Sign in again.');
      }
    },
  }),
  defaultOptions: { queries: { retry: false, refetchOnWindowFocus: false } },
});

/** The address of Sluice: the console is one step below it, wherever a proxy puts both. */
export const sluiceUrl = new URL('..', location.origin + location.pathname).href.replace(/\/$/, '');

/** A client that asks as somebody. */
export function clientFor({ kind, value }: Credential): Sluice {
  return createSluice({ url: sluiceUrl, [kind]: value, retries: 1, longestRetryMs: 2000 });
}

let session: Session = { sluice: restored(), ended: null };

/** Who signed in, if anybody. */
export function useSession(): Session {
  return useSyncExternalStore(subscribe, () => session);
}

/** The client of who signed in. */
export function useSluice(): Sluice {
  const { sluice } = useSession();
  if (!sluice) throw new Error('You are not signed in.');
  return sluice;
}

/** Keeps the credential in memory, or for the tab. */
export function signIn(credential: Credential, isKept: boolean): void {
  if (isKept) sessionStorage.setItem(stored, JSON.stringify(credential));
  change({ sluice: clientFor(credential), ended: null });
}

/** Forgets the credential and all that was seen with it. */
export function signOut(ended: string | null = null): void {
  sessionStorage.removeItem(stored);
  change({ sluice: null, ended });
  queries.clear();
}

/** Who signed in, and what they may do; null until that is known. */
export function useMe(): Me | null {
  const { sluice } = useSession();
  const { data } = useQuery({
    queryKey: ['me'],
    enabled: sluice !== null,
    staleTime: Infinity,
    queryFn: ({ signal }) => sluice?.me({ signal }) ?? null,
  });
  return data ?? null;
}

function restored(): Sluice | null {
  try {
    const kept = sessionStorage.getItem(stored);
    return kept === null ? null : clientFor(JSON.parse(kept) as Credential);
  } catch {
    return null;
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function change(next: Session): void {
  session = next;
  for (const listener of listeners) listener();
}
