import type { Notice } from '../core/model/notice.js';
import { parsePattern } from '../core/model/pattern.js';
import type { OutboxMessage } from '../core/record/outbox.js';
import type { ReceiverConfig } from './notify.config.js';

/** What of a receiver says what it is notified of. */
type RoutedReceiver = Pick<ReceiverConfig, 'name' | 'on' | 'targets'>;

/** Makes the messages of notices for those that want them. Paths of operations begin with the base path. */
export function routerFor(
  receivers: readonly RoutedReceiver[],
  basePath: string,
): (notices: readonly Notice[]) => readonly OutboxMessage[] {
  const routes = receivers.map(({ name, on, targets }) => {
    const patterns = targets?.map((glob) => parsePattern(glob));
    const matches = (target: string): boolean => patterns?.some((pattern) => pattern?.matches(target)) ?? true;
    const wants = ({ kind, targets: about }: Notice): boolean => on.includes(kind) && about.some(matches);
    return { name, wants };
  });
  return (notices) =>
    notices.flatMap((notice) => {
      const wanting = routes.filter(({ wants }) => wants(notice));
      const body = wanting.length === 0 ? '' : bodyOf(notice, basePath);
      return wanting.map(({ name }) => ({ receiver: name, id: notice.id, body }));
    });
}

/** The payload of Standard Webhooks: what it is, when that was, and what is told of it. */
function bodyOf({ type, at, operation, facts }: Notice, basePath: string): string {
  const about = operation === null ? {} : { operation, path: `${basePath}/operations/${operation}` };
  return JSON.stringify({ type, timestamp: new Date(at).toISOString(), data: { ...about, ...facts() } });
}
