import type { Clock } from '../../exchange.ts';
import type { HuaweiKnobs } from '../knobs.ts';
import { hexId } from '../service.ts';

/** What a job does; the vendor does not publish its own names for these. */
export type JobType = 'scanClients' | 'killAllClients';

/** A piece of work that takes its time; what it does has happened once it is a success. */
export interface Job {
  readonly id: string;
  readonly type: JobType;
  readonly instanceId: string;
  readonly startedAt: number;
  readonly endsAt: number;
  /** Null if it will succeed. */
  readonly failReason: string | null;
}

/** The jobs of all instances. */
export interface Jobs {
  /** Starts a job; `work` is done when its time has come, unless it is made to fail. */
  start(type: JobType, instanceId: string, work: (at: number) => void): Job;
  find(id: string): Job | undefined;
  status(job: Job): 'INIT' | 'RUNNING' | 'SUCCESS' | 'FAIL';
  /** Does a job of that type run, or of any? */
  isRunning(type: JobType | undefined, instanceId: string): boolean;
  /** Does the work of all jobs whose time has come. */
  settle(): void;
  /** The next job of that type, or of any, fails and does nothing. */
  failNext(type?: JobType, reason?: string): void;
  reset(): void;
}

/** No jobs yet. */
export function createJobs(clock: Clock, knobs: HuaweiKnobs): Jobs {
  const jobs = new Map<string, Job>();
  let pending: { job: Job; work: (at: number) => void }[] = [];
  let failures: { type: JobType | undefined; reason: string }[] = [];

  function takeFailure(type: JobType): string | null {
    const failure = failures.find((candidate) => candidate.type === undefined || candidate.type === type);
    failures = failures.filter((candidate) => candidate !== failure);
    return failure?.reason ?? null;
  }

  function settle(): void {
    const due = pending.filter(({ job }) => job.endsAt <= clock());
    pending = pending.filter((entry) => !due.includes(entry));
    due.sort((left, right) => left.job.endsAt - right.job.endsAt);
    for (const { job, work } of due) if (job.failReason === null) work(job.endsAt);
  }

  return {
    settle,
    start: (type, instanceId, work) => {
      const startedAt = clock();
      const failReason = takeFailure(type);
      const job = { id: hexId(), type, instanceId, startedAt, endsAt: startedAt + knobs.jobMs, failReason };
      jobs.set(job.id, job);
      pending.push({ job, work });
      settle();
      return job;
    },
    find: (id) => jobs.get(id),
    status: (job) => {
      const now = clock();
      if (now >= job.endsAt) return job.failReason === null ? 'SUCCESS' : 'FAIL';
      return now - job.startedAt < (job.endsAt - job.startedAt) / 3 ? 'INIT' : 'RUNNING';
    },
    isRunning: (type, instanceId) =>
      pending.some(
        ({ job }) => (type === undefined || job.type === type) && job.instanceId === instanceId && job.endsAt > clock(),
      ),
    failNext: (type, reason = 'The node did not answer in time.') => {
      failures.push({ type, reason });
    },
    reset: () => {
      jobs.clear();
      pending = [];
      failures = [];
    },
  };
}
