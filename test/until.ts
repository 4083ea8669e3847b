const everyMs = 25;

/**
 * Reads again and again until what was read fits, and gives that. Throws the last that was read if none did in time.
 */
export async function until<Read>(
  read: () => Promise<Read> | Read,
  fits: (read: Read) => boolean,
  withinMs = 15_000,
): Promise<Read> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const last = await read();
    if (fits(last)) return last;
    if (Date.now() >= deadline) throw new Error(`It did not come about in time:\n${JSON.stringify(last, null, 2)}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
