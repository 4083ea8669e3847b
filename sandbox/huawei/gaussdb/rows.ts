import type { HuaweiKnobs } from '../knobs.ts';
import { rowId } from '../knobs.ts';
import type { Component, Session } from './sessions.ts';

/** The rows of a list of sessions at that time: one or several a session, all 36 members of RealTimeSessionResult. */
export function sessionRows(
  sessions: readonly Session[],
  component: Pick<Component, 'id'>,
  now: number,
  knobs: HuaweiKnobs,
): readonly object[] {
  const threads = Array.from({ length: Math.max(1, knobs.rowsPerSession) }, (_each, thread) => thread);
  return sessions
    .flatMap((session) => threads.map((thread) => ({ session, thread })))
    .map(({ session, thread }, index) => ({
      session_id: rowId(knobs, index, session.id, 'strings'),
      ...place(session, component),
      ...work(session, now),
      ...times(session, knobs),
      ...threadOf(session, thread),
      ...counters(session),
    }));
}

function place(session: Session, component: Pick<Component, 'id'>): object {
  return {
    pid: session.pid,
    user_name: session.userName,
    client_ip: session.clientIp,
    client_port: session.clientPort,
    database_name: session.databaseName,
    application_name: session.applicationName,
    component_name: component.id,
    global_session_id: `0#${session.id}#0`,
    trace_id: '',
  };
}

function work(session: Session, now: number): object {
  const seconds = session.state === 'active' ? secondsBetween(session.queryStartedAt, now) : '0';
  const { transactionStartedAt } = session;
  return {
    state: session.state,
    query: session.query,
    query_id: session.state === 'active' ? session.pid : '0',
    unique_sql_id: session.sqlId,
    query_runtime: seconds,
    exec_time: seconds,
    transaction_time_cost: transactionStartedAt === null ? '0' : secondsBetween(transactionStartedAt, now),
    wait: String(session.blockedBy !== ''),
    wait_event: session.waitEvent,
    wait_status: session.waitStatus,
    block_session: session.blockedBy,
    lock_tag: session.lockTag,
    lock_mode: session.lockMode,
  };
}

function times(session: Session, { gaussdbTimes }: HuaweiKnobs): object {
  const written = (time: number | null) =>
    time === null || gaussdbTimes === 'milliseconds' ? time : Math.floor(time / 1000);
  return {
    back_end_start: written(session.startedAt),
    transaction_start: written(session.transactionStartedAt),
    query_start: written(session.queryStartedAt),
  };
}

function threadOf(session: Session, thread: number): object {
  return {
    lwt_id: String(Number(session.pid) + thread),
    smp_id: String(thread),
    parent_session_id: thread === 0 ? '' : session.id,
    thread_name: session.threadName,
  };
}

function counters({ transactionStartedAt, pid }: Session): object {
  const transaction = transactionStartedAt === null ? '0' : pid;
  return {
    trans_num: '1',
    rollback_num: '0',
    sql_num: '1',
    top_transaction_id: transaction,
    current_transaction_id: transaction,
    xlog_quantity_pretty: '0 bytes',
  };
}

function secondsBetween(time: number, now: number): string {
  return String(Math.max(0, Math.floor((now - time) / 1000)));
}
