/** The statements about refused calls. What is null restricts nothing. */
export const refusedTexts = {
  /** One that is kept already has come more often since, and never less. */
  keepRefused: `insert into refused_calls (id, at, kind, caller, request_id, dry_run, times, body)
    values (:id, :at, :kind, :caller, :requestId, :dryRun, :times, :body)
    on conflict (id) do update set times = excluded.times, body = excluded.body
    where excluded.times > refused_calls.times`,
  refused: `select body from refused_calls where dry_run = cast(:dryRun as integer)
    and (cast(:madeBy as text) is null or caller = :madeBy)
    and (cast(:kind as text) is null or kind = :kind)
    and (cast(:requestedBy as text) is null or caller = :requestedBy)
    and (cast(:requestId as text) is null or request_id = :requestId)
    and at >= cast(:since as bigint) and at < cast(:until as bigint)
    and (cast(:after as text) is null or id < :after)
    order by id desc limit :limit`,
  deleteRefused: `delete from refused_calls where id in (
      select id from refused_calls where at < :refusedBefore order by at limit :limit)
    returning id`,
} as const;
