import { defineConfig } from 'rolldown';

// Loading a thousand files is half of a start: the built program becomes a few. Ours stay readable and apart, so that a
// stack trace names a line of `sluice.js`.
export default defineConfig({
  input: {
    main: 'build/main.js',
    openapi: 'build/openapi.js',
    'sqlite.worker': 'build/store/sqlite.worker.js',
  },
  platform: 'node',
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
    chunkFileNames: '[name].js',
    codeSplitting: {
      groups: [
        { name: 'packages', test: /node_modules/ },
        { name: 'sluice', test: /build\/(?!(?:main|openapi|store\/sqlite\.worker)\.js$)/ },
      ],
    },
  },
});
