/** Nothing that anybody sends may keep the thread busy for longer. */
const longestMs = 50;

/**
 * Is the thread held up too long? What counts is its processor time, since a busy machine is nobody's fault, and the
 * least of several tries, since code that runs for the first time is slower.
 */
export async function stalls(work: () => unknown): Promise<boolean> {
  for (let tries = 0; tries < 5; tries += 1) {
    const { user, system } = process.threadCpuUsage();
    await work();
    const after = process.threadCpuUsage();
    if (after.user + after.system - user - system <= longestMs * 1000) return false;
  }
  return true;
}
