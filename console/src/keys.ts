import { useEffect, useRef } from 'react';

/** The keys, and what they do. None ends anything. */
export const keyWords: readonly (readonly [key: string, words: string])[] = [
  ['/', 'write a filter'],
  ['j', 'the next row'],
  ['k', 'the row before'],
  ['x', 'select the row, or no longer'],
  ['d', 'preview what ending the selected rows would do'],
  ['?', 'this list'],
];

/** Calls what belongs to a key that is pressed outside of a field. */
export function useKeys(handlers: Readonly<Record<string, () => void>>): void {
  const latest = useRef(handlers);
  useEffect(() => {
    latest.current = handlers;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { target, key } = event;
      const isWriting =
        target instanceof HTMLElement && target.closest('input, textarea, select, [role=dialog]') !== null;
      const handler = latest.current[key];
      if (isWriting || event.ctrlKey || event.metaKey || event.altKey || !handler) return;
      event.preventDefault();
      handler();
    };
    addEventListener('keydown', onKey);
    return () => {
      removeEventListener('keydown', onKey);
    };
  }, []);
}
