import { chmod, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Makes a file and its directory if they are absent. Nobody else may read it, nor what SQLite puts beside it. */
export async function makePrivate(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await (await open(path, 'a', 0o600)).close();
  for (const one of [path, `${path}-wal`, `${path}-shm`]) {
    // One that is not there gets the rights of the file; one that is somebody else's is theirs to see to.
    await chmod(one, 0o600).catch(() => undefined);
  }
}
