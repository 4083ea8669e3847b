import { chmodSync } from 'node:fs';
import { defineConfig } from 'rolldown';
import { page } from './console/page.plugin.mjs';

// Loading a thousand files is half of a start: the built program becomes a few. Ours stay readable and apart, so that a
// stack trace names a line of `sluice.js`.
const gateway = defineConfig({
  input: {
    main: 'build/main.js',
    openapi: 'build/openapi.js',
    'sqlite.worker': 'build/store/sqlite/sqlite.worker.js',
    'xml.reader': 'build/backends/tentendata/xml.reader.js',
  },
  platform: 'node',
  // Nothing is left out for having no effect: what throws has one, and the bundler takes some of that for none.
  treeshake: false,
  plugins: [{ name: 'ascii-comments', renderChunk: (code) => code.replaceAll(/[\u0080-\uffff]/g, escaped) }],
  // What is loaded only where it is wanted, what is files rather than code, and what Nest would use and we do not have.
  external: [
    /^@opentelemetry\/(?!api$)/,
    '@fastify/static',
    'swagger-ui-dist',
    'pg-native',
    /^@nestjs\/(?:microservices|websockets|platform-express)(?:\/|$)/,
    /^@fastify\/(?:view|multipart)$/,
  ],
  output: {
    dir: 'dist',
    cleanDir: true,
    format: 'esm',
    keepNames: true,
    minify: false,
    // One character beyond ASCII, and the heap keeps two bytes for every character of the source: 6 MB more.
    charset: 'ascii',
    comments: { jsdoc: false },
    chunkFileNames: '[name].js',
    codeSplitting: {
      groups: [
        // All that the thread loads that reads XML.
        {
          name: 'xml',
          test: /build\/backends\/tentendata\/xml\.reader\.js$|node_modules\/(?:fast-xml-parser|fast-xml-builder|path-expression-matcher|strnum|anynum|is-unsafe|xml-naming|@nodable\/entities|saxes|xmlchars)\//,
          priority: 1,
        },
        { name: 'packages', test: /node_modules/ },
        {
          name: 'sluice',
          test: /build\/(?!(?:main|openapi|store\/sqlite\/sqlite\.worker)\.js$)/,
        },
      ],
    },
  },
});

/** The command line: one file, that needs nothing beside it, from Node 20 on. */
const cli = defineConfig({
  input: 'cli/main.ts',
  platform: 'node',
  plugins: [{ name: 'executable', writeBundle: () => chmodSync('dist/cli.js', 0o755) }],
  transform: { target: 'node20' },
  output: { file: 'dist/cli.js', format: 'esm', keepNames: true, minify: false, comments: { jsdoc: false } },
});

/** The console: one script, under a name that changes with it. */
const browser = defineConfig({
  input: 'console/src/main.tsx',
  platform: 'browser',
  tsconfig: 'console/tsconfig.json',
  transform: { define: { 'process.env.NODE_ENV': '"production"' } },
  plugins: [page('dist/console')],
  checks: { pluginTimings: false },
  // Its packages say that they are for browsers: they are nowhere else.
  onLog: (level, log, tell) => {
    if (log.code !== 'MODULE_LEVEL_DIRECTIVE') tell(level, log);
  },
  output: {
    dir: 'dist/console',
    format: 'esm',
    minify: true,
    entryFileNames: 'assets/console-[hash].js',
    codeSplitting: false,
  },
});

export default [gateway, cli, browser];

/** `charset` leaves comments as they are. */
function escaped(character) {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
