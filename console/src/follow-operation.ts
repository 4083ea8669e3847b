import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { Operation } from '../../clients/typescript/src/sluice.ts';
import { useSluice } from './session.ts';

/** As long as events come, the record is read by the clock only in case that one is held up on its way. */
const followedMs = 10_000;

/**
 * The record of an operation, read again whenever something happens to it, until nothing more is to be expected. Where
 * its events cannot be followed, it is read by the clock.
 */
export function useOperation(id: string) {
  const sluice = useSluice();
  const [is, setIs] = useState<'polled' | 'followed' | 'over'>('polled');
  const read = useQuery({
    queryKey: ['operation', id],
    queryFn: ({ signal }) => sluice.operation(id, { signal }),
    refetchInterval: ({ state }) => {
      const pause = pauseOf(state.data);
      if (pause === false || is === 'over') return false;
      return is === 'followed' ? followedMs : pause;
    },
  });
  const { data, refetch } = read;
  const isOpen = data !== undefined && pauseOf(data) !== false;
  useEffect(() => {
    if (!isOpen) return undefined;
    const stop = new AbortController();
    const follow = async () => {
      for await (const { data: told } of sluice.events(id, { signal: stop.signal })) {
        setIs('followed');
        // Of several events at once only the newest tells how the operation stands.
        if (told.operation) await refetch();
      }
      await refetch();
      setIs('over');
    };
    follow().catch(() => {
      setIs('polled');
    });
    return () => {
      stop.abort();
    };
  }, [sluice, id, isOpen, refetch]);
  return read;
}

/** After how many milliseconds the record is read again by the clock; false: nothing more is to be expected. */
function pauseOf(operation: Operation | undefined): number | false {
  if (!operation) return 5000;
  if (operation.state === 'running') return 1000;
  if (operation.state === 'awaitingApproval') return 5000;
  const isWatched = operation.targets.some(({ drain }) => drain?.state === 'watching');
  const isUnknown = operation.targets.some(({ counts }) => (counts.unknown ?? 0) > 0);
  const isFresh = Date.now() - Date.parse(operation.createdAt) < 10 * 60_000;
  return isWatched || (isUnknown && isFresh) ? 2000 : false;
}
