import { writeFileSync } from 'node:fs';
import { getHeapStatistics } from 'node:v8';

// Preloaded into a gateway: on SIGUSR2 it writes how many bytes were allocated so far.
process.on('SIGUSR2', () => {
  writeFileSync(process.env.BENCH_ALLOCATED ?? '', String(getHeapStatistics().total_allocated_bytes));
});
