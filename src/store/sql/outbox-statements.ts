import type { Dialect } from './dialect.js';

/** The statements about messages to receivers. `now` is the clock that decides. */
export function outboxTexts({ now, items, unlocked }: Pick<Dialect, 'now' | 'items' | 'unlocked'>) {
  return {
    /** What was written before, by a try of which nobody knew, stays as it is. */
    addMessage: `insert into notifications (receiver, id, body, created_at, due_at, attempts)
      values (:receiver, :message, :messageBody, ${now}, ${now}, 0) on conflict (receiver, id) do nothing`,
    waitingMessages: `select receiver, count(*) as count, ${now} - min(created_at) as oldest_ms,
        min(due_at) - ${now} as due_in_ms from notifications group by receiver`,
    /** Of two who try at once, the second sees what the first has left. */
    takeMessages: `with due as (select receiver, id from notifications where receiver = :receiver and due_at <= ${now}
        order by due_at, id limit :limit${unlocked})
      update notifications set due_at = ${now} + :forMs, attempts = attempts + 1
      where (receiver, id) in (select due.receiver, due.id from due)
      returning id, body, attempts, ${now} - created_at as age_ms`,
    postponeMessage: `update notifications set due_at = ${now} + :afterMs where receiver = :receiver and id = :message`,
    deleteMessage: 'delete from notifications where receiver = :receiver and id = :message',
    trimMessages: `delete from notifications where receiver = :receiver and id in (
        select id from notifications where receiver = :receiver order by created_at, id limit (
          select case when count(*) > :most then count(*) - :most else 0 end from notifications where receiver = :receiver
        ))
      returning id`,
    forgetMessages: `delete from notifications where receiver not in (${items(':receivers')})
        and created_at <= ${now} - :olderThanMs
      returning id`,
  };
}
