// Node takes types away, but knows no decorators: where a file has them, swc compiles it as the tests are compiled.
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { transformFileSync } from '@swc/core';

registerHooks({
  load(url, context, next) {
    if (!url.endsWith('/stock.ts')) return next(url, context);
    const { code } = transformFileSync(fileURLToPath(url), {
      jsc: {
        target: 'es2024',
        parser: { syntax: 'typescript', decorators: true },
        transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
      },
      module: { type: 'es6' },
    });
    return { format: 'module', source: code, shortCircuit: true };
  },
});
