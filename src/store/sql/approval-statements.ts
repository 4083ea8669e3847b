/**
 * The statements about what waits for an approval. Until when it waits stands where its lease would. `now` is the clock
 * that decides.
 */
export function approvalTexts(now: string) {
  return {
    approve: `update operations set owner = :owner, lease_until = ${now} + :leaseMs, is_over = 0, state = 'running',
        record = null, summary = null
      where id = :operation and state = 'awaitingApproval' and is_over = 1 and lease_until > ${now}`,
    closeUnapproved: `update operations set state = :state, ended_at = :endedAt, record = :record, summary = :summary
      where id = :operation and state = 'awaitingApproval' and is_over = 1
        and (case when lease_until > ${now} then 0 else 1 end) = cast(:isDue as integer)`,
    waiting: `select id, created_at, case when lease_until > ${now} then 0 else 1 end as is_due from operations
      where state = 'awaitingApproval' order by id limit 1000`,
  };
}
