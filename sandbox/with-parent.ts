/**
 * Loaded into a program before it starts: when whoever started it is gone, however that ended, it is told to stop. The
 * pipe to its input tells: it closes with the last process that holds its other end.
 */
process.stdin.once('end', () => process.kill(process.pid, 'SIGTERM'));
process.stdin.once('error', () => process.kill(process.pid, 'SIGTERM'));
process.stdin.resume();
// What it serves keeps it running, and not this.
(process.stdin as unknown as { unref?: () => void }).unref?.();
