/** The boundaries of docs/architecture.md: one direction, and nothing calls upward. */
/** Specs, and what only specs use. */
const specs = '/?(?:spec-[a-z]+|[^/]+[.]spec)[.]ts$';
const vendors = '^src/backends/[^/]+/';

/** The rooms of core from the ground up: each imports only those before it. */
const rooms = ['model', 'record', 'look', 'choose', 'execute', 'settle', 'engine'];

/** The floors of the platform from the ground up: each imports only those before it. */
const floors = [['http', 'limits', 'auth', 'docs'], ['telemetry'], ['config'], ['live'], ['entry']];

export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'core-imports-nothing',
      severity: 'error',
      from: { path: '^src/core/', pathNot: specs },
      to: { pathNot: '^src/core/' },
    },
    {
      name: 'core-is-rooms',
      severity: 'error',
      from: {},
      to: { path: '^src/core/', pathNot: `^src/core/(?:${rooms.join('|')})/[^/]+$` },
    },
    ...rooms.slice(0, -1).map((room, floor) => ({
      name: `core-${room}-imports-nothing-above`,
      severity: 'error',
      from: { path: `^src/core/${room}/`, pathNot: specs },
      to: { path: `^src/core/(?:${rooms.slice(floor + 1).join('|')})/` },
    })),
    {
      name: 'the-platform-is-floors',
      severity: 'error',
      from: {},
      to: {
        path: '^src/platform/',
        pathNot: `^src/platform/(?:(?:${floors.flat().join('|')})/[^/]+|[^/]+[.]token[.]ts)$`,
      },
    },
    ...floors.slice(0, -1).flatMap((folders, floor) =>
      folders.map((folder) => ({
        name: `platform-${folder}-imports-nothing-above`,
        severity: 'error',
        from: { path: `^src/platform/${folder}/`, pathNot: specs },
        to: {
          path: `^src/platform/(?:${floors
            .slice(floor + 1)
            .flat()
            .join('|')})/`,
        },
      })),
    ),
    {
      name: 'http-limits-and-auth-know-each-other-not',
      severity: 'error',
      from: { path: '^src/platform/(http|limits|auth)/', pathNot: specs },
      to: { path: '^src/platform/(?:http|limits|auth|docs)/', pathNot: '^src/platform/$1/' },
    },
    {
      name: 'docs-know-http-only',
      severity: 'error',
      from: { path: '^src/platform/docs/', pathNot: specs },
      to: { path: '^src/platform/(?:limits|auth)/' },
    },
    {
      name: 'one-stack-of-hooks',
      severity: 'error',
      from: { path: '^src/(?!(?:app\\.server|openapi)\\.ts$|platform/entry/)', pathNot: specs },
      to: { path: '^src/platform/entry/(?:stack|admit|count|overload-gate)\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'validation-imports-core-only',
      severity: 'error',
      from: { path: '^src/validation/', pathNot: specs },
      to: { path: '^src/', pathNot: '^src/(?:core|validation)/' },
    },
    {
      name: 'transport-imports-core',
      severity: 'error',
      from: { path: '^src/transport/', pathNot: specs },
      to: { path: '^src/', pathNot: '^src/(?:core|transport|validation)/' },
    },
    {
      name: 'a-backend-imports-its-own-folder',
      severity: 'error',
      from: { path: vendors, pathNot: specs },
      to: {
        path: '^src/',
        pathNot: ['^src/(?:core|transport|validation)/', '^src/backends/(?:backend|protections)\\.ts$', vendors],
      },
    },
    {
      name: 'no-vendor-imports-another',
      severity: 'error',
      from: { path: '^src/backends/([^/]+)/' },
      to: { path: vendors, pathNot: '^src/backends/$1/' },
    },
    {
      name: 'no-huawei-service-imports-another',
      severity: 'error',
      from: { path: '^src/backends/huawei/([^/]+)/' },
      to: { path: '^src/backends/huawei/[^/]+/', pathNot: '^src/backends/huawei/$1/' },
    },
    {
      name: 'what-vendors-share-knows-no-service',
      severity: 'error',
      from: { path: '^src/backends/huawei/[^/]+\\.ts$', pathNot: specs },
      to: { path: '^src/backends/huawei/[^/]+/' },
    },
    {
      name: 'wire-is-pure',
      severity: 'error',
      from: { path: '\\.wire\\.ts$' },
      to: { path: ['^node_modules/@nestjs/', '\\.config\\.ts$', '^node_modules/(?:axios|undici)/'] },
    },
    {
      name: 'wire-uses-no-node-api',
      severity: 'error',
      from: { path: '\\.wire\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'nest-only-in-modules',
      severity: 'error',
      from: { path: ['^src/core/', '^src/transport/', '^src/validation/', vendors], pathNot: '\\.module\\.ts$' },
      to: { path: '^node_modules/@nestjs/' },
    },
    {
      name: 'the-store-imports-core',
      severity: 'error',
      from: { path: '^src/store/', pathNot: specs },
      to: { path: '^src/', pathNot: ['^src/(?:core|validation|store)/', '^src/transport/secret\\.config\\.ts$'] },
    },
    {
      name: 'notify-imports-core-and-transport',
      severity: 'error',
      from: { path: '^src/notify/', pathNot: specs },
      to: { path: '^src/', pathNot: '^src/(?:core|validation|transport|notify)/' },
    },
    {
      name: 'only-the-app-notifies',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/notify/', '^src/(?:app|app\\.parts)\\.ts$', specs] },
      to: { path: '^src/notify/', pathNot: '^src/notify/(?:notify\\.config|signature|watcher)\\.ts$' },
    },
    {
      name: 'only-the-app-opens-the-store',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/store/', '^src/(?:program|app|app\\.parts)\\.ts$', specs] },
      to: { path: '^src/store/', pathNot: '^src/store/store\\.config\\.ts$' },
    },
    {
      name: 'platform-calls-no-resource',
      severity: 'error',
      from: { path: '^src/platform/', pathNot: specs },
      to: {
        path: '^src/',
        pathNot: [
          '^src/(?:core|validation|platform)/',
          '^src/backends/backend\\.ts$',
          '^src/transport/',
          '^src/store/store\\.config\\.ts$',
          '^src/notify/(?:notify\\.config|signature|watcher)\\.ts$',
        ],
      },
    },
    {
      name: 'resources-know-no-vendor',
      severity: 'error',
      from: { path: '^src/(?:targets|processes|sessions|operations|freezes)/', pathNot: specs },
      to: { path: '^src/(?:backends|transport|store)/' },
    },
    {
      name: 'resources-know-operations-only',
      severity: 'error',
      from: { path: '^src/(targets|processes|sessions|operations|freezes)/', pathNot: specs },
      to: {
        path: '^src/(?:targets|processes|sessions|operations|freezes)/',
        pathNot: ['^src/$1/', '^src/operations/'],
      },
    },
    {
      name: 'only-main-imports-the-app',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/(?:main|program|app|app\\.[a-z]+|openapi)\\.ts$', specs] },
      to: { path: '^src/[^/]+\\.ts$' },
    },
    {
      name: 'src-knows-no-sandbox',
      severity: 'error',
      from: { path: '^src/', pathNot: specs },
      to: { path: '^(?:sandbox|test|bench)/' },
    },
    { name: 'sandbox-knows-no-src', severity: 'error', from: { path: '^sandbox/' }, to: { path: '^src/' } },
    {
      name: 'no-undeclared-packages',
      severity: 'error',
      from: { path: '^src/', pathNot: specs },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'unknown'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(?:build|dist)/' },
    tsConfig: { fileName: 'tsconfig.check.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'types'] },
  },
};
