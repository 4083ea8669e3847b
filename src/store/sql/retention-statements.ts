import { windowMs } from '../budget.js';
import type { Dialect } from './dialect.js';

/** The statements that delete what is too old, too much, or has ended. */
export function retentionTexts({ now, items }: Dialect) {
  return {
    old: `select id from operations where created_at < :before and is_over = 1 order by created_at limit :limit`,
    oldDryRuns: `select id from operations where dry_run = 1 and created_at < :dryRunsBefore and is_over = 1
      order by created_at limit :limit`,
    oldest: `select id, created_at, coalesce(bytes, 4096) as bytes from operations where is_over = 1 order by created_at limit :limit`,
    deleteProcesses: `delete from operation_processes where operation in (${items(':ids')})`,
    deleteTargets: `delete from operation_targets where operation in (${items(':ids')})`,
    deleteEvents: `delete from events where operation in (${items(':ids')})`,
    deleteAcknowledgements: `delete from acknowledgements where operation in (${items(':ids')})`,
    deleteUnsealed: `delete from unsealed where operation in (${items(':ids')})`,
    deleteOperations: `delete from operations where id in (${items(':ids')})`,
    /**
     * Claims of flushes that nobody works on; each is named with its operation, since it may be taken anew meanwhile.
     */
    deleteAbandoned: `delete from claims where scope = 'flush' and (name, operation) in (
        select c.name, c.operation from claims as c where c.scope = 'flush'
        and not exists (select 1 from operations as o where o.id = c.operation and o.is_over = 0) limit :limit)
      returning name`,
    /** Twice the same condition: one that is taken anew while this waits for it is judged again by the first alone. */
    deleteExpired: `delete from claims where expires_at <= ${now} and (scope, name) in (
        select scope, name from claims where expires_at <= ${now} limit :limit)
      returning name`,
    deleteKills: `delete from kills where (operation, target) in (
        select operation, target from kills where at <= ${now} - ${String(windowMs)} limit :limit)
      returning target`,
  };
}
