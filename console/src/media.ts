import { useEffect, useState, useSyncExternalStore } from 'react';

const wide = matchMedia('(min-width: 48rem)');

/** Is there room for a table? */
export function useWide(): boolean {
  return useSyncExternalStore(
    (listener) => {
      wide.addEventListener('change', listener);
      return () => {
        wide.removeEventListener('change', listener);
      };
    },
    () => wide.matches,
  );
}

/** The time, once a second. */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => {
      setNow(Date.now());
    }, 1000);
    return () => {
      clearInterval(timer);
    };
  }, []);
  return now;
}
