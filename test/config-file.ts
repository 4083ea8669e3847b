import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file that holds a configuration, and is gone after `drop`. */
export function writeConfig(text: string): { readonly file: string; readonly drop: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-test-'));
  const file = join(folder, 'sluice.yaml');
  writeFileSync(file, text);
  return {
    file,
    drop: () => {
      rmSync(folder, { recursive: true });
    },
  };
}
