import { availableParallelism } from 'node:os';

// Tests run from the TypeScript sources; `npm test` builds first, because some of them start the built program.
if (Number(process.versions.node.split('.')[0]) < 26) {
  throw new Error(`Sluice needs Node 26 or newer, this is ${process.versions.node}: run the tests by \`npm test\`.`);
}

export default {
  roots: ['<rootDir>/src', '<rootDir>/sandbox', '<rootDir>/test'],
  testMatch: ['**/*.spec.ts', '**/*.e2e-spec.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2024',
          keepClassNames: true,
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
        },
        module: { type: 'es6' },
      },
    ],
  },
  testEnvironment: 'node',
  testTimeout: 20_000,
  // Much of a run is waiting for deadlines: two workers a core.
  maxWorkers: 2 * availableParallelism(),
};
