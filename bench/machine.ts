import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
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

const ticksPerSecond = 100;

/** What a process and its children have used so far. */
export interface Usage {
  readonly cpuSeconds: number;
  readonly residentMegabytes: number;
}

export function usageOf(pid: number): Usage {
  const own = usageOfOne(pid);
  const text = readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8').trim();
  return text
    .split(' ')
    .filter((child) => child !== '')
    .map((child) => usageOfOne(Number(child)))
    .reduce(
      (sum, one) => ({
        cpuSeconds: sum.cpuSeconds + one.cpuSeconds,
        residentMegabytes: sum.residentMegabytes + one.residentMegabytes,
      }),
      own,
    );
}

function usageOfOne(pid: number): Usage {
  const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
  // Behind the name, which may hold anything: state is the third field, utime the 14th, stime the 15th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
    residentMegabytes: Number(/VmRSS:\s*(\d+)/.exec(status)?.[1] ?? 0) / 1024,
  };
}
