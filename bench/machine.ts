import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';

const before = (loadavg()[0] ?? 0).toFixed(1);
/** Before anything is pinned. */
const cores = availableParallelism();

/** Is there a core for the gateway and another for everything else? */
export const isPinned = cores >= 2 && spawnSync('taskset', ['--version']).status === 0;

/** Moves this process, and whatever it starts, off the gateway's core. */
export function leaveFirstCore(): void {
  if (!isPinned) return;
  const others = cores > 2 ? `1-${String(cores - 1)}` : '1';
  spawnSync('taskset', ['-acp', others, String(process.pid)]);
}

/** A command that runs on the gateway's core. */
export function onFirstCore(command: readonly string[]): readonly string[] {
  return isPinned ? ['taskset', '-c', '0', ...command] : command;
}

export function describeMachine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const processor = `${String(cores)} cores (${model})`;
  const pinned = isPinned ? 'the gateway alone on one of them' : 'nothing pinned';
  return `${processor}, ${String(Math.round(totalmem() / 2 ** 30))} GB, Node ${process.versions.node}; ${pinned}; load before it began ${before}`;
}

/** What a process and its children have used so far. */
export interface Usage {
  readonly cpuSeconds: number;
  readonly residentMegabytes: number;
}

/** By the scheduler's own account: ticks, which `/proc/PID/stat` counts in, are as long as a dozen calls. */
export function usageOf(pid: number): Usage {
  const children = readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8')
    .split(' ')
    .map(Number);
  const all = [pid, ...children.filter((child) => child > 0)];
  return {
    cpuSeconds: all.reduce((sum, one) => sum + cpuSecondsOf(one), 0),
    residentMegabytes: all.reduce((sum, one) => sum + residentOf(one), 0),
  };
}

function cpuSecondsOf(pid: number): number {
  const threads = readdirSync(`/proc/${String(pid)}/task`);
  return threads.reduce((sum, thread) => sum + nanosecondsOf(pid, thread), 0) / 1e9;
}

function nanosecondsOf(pid: number, thread: string): number {
  try {
    return Number(readFileSync(`/proc/${String(pid)}/task/${thread}/schedstat`, 'utf8').split(' ', 1)[0]);
  } catch {
    // It has ended meanwhile.
    return 0;
  }
}

function residentOf(pid: number): number {
  return Number(/VmRSS:\s*(\d+)/.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1] ?? 0) / 1024;
}
