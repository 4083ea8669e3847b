/** The statements about requests to cancel, and freezes. `now` is the clock that decides. */
export function brakeTexts(now: string) {
  return {
    /** The first request counts, unless the operation is closed. */
    requestCancel: `update operations set cancel = :cancel
      where id = :operation and cancel is null and ended_at is null and is_over = 0`,
    cancelState: `select cancel, case when ended_at is null and is_over = 0 then 1 else 0 end as is_open
      from operations where id = :operation`,
    cancelRequests: 'select id, cancel from operations where owner = :owner and is_over = 0 and cancel is not null',
    freeze: `insert into freezes (id, body, until) values (:id, :body, ${now} + :lastsMs)
      on conflict (id) do update set body = excluded.body, until = excluded.until where freezes.until <= ${now}
      returning id`,
    unfreeze: `delete from freezes where id = :id and until > ${now} returning id`,
    freezes: `select body, until - ${now} as left_ms from freezes where until > ${now} order by id`,
    deleteFreezes: `delete from freezes where until <= ${now} returning id`,
  };
}
