import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

/** Puts the page and its style beside the script, under hashed names, and compresses all once and for all. */
export function page(folder) {
  const read = (name) => readFileSync(new URL(name, import.meta.url), 'utf8');
  return {
    name: 'console-page',
    buildStart() {
      this.addWatchFile(new URL('src/style.css', import.meta.url).pathname);
    },
    writeBundle(_options, bundle) {
      const [script] = Object.keys(bundle).filter((name) => name.endsWith('.js'));
      const style = read('src/style.css')
        .replaceAll(/\/\*[^]*?\*\//g, '')
        .replaceAll(/\n\s*/g, '\n');
      const css = `console-${createHash('sha256').update(style).digest('base64url').slice(0, 8)}.css`;
      write(folder, `assets/${css}`, style);
      write(folder, 'index.html', read('index.html').replace('CSS', `assets/${css}`).replace('SCRIPT', script));
      write(folder, script, readFileSync(join(folder, script)));
    },
  };
}

function write(folder, name, content) {
  writeFileSync(join(folder, name), content);
  writeFileSync(join(folder, `${name}.gz`), gzipSync(content, { level: 9 }));
  writeFileSync(
    join(folder, `${name}.br`),
    brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
  );
}
