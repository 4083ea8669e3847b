import 'reflect-metadata';
import { buildApp } from './app.js';
import { version } from './app.parts.js';
import { AuthConfig } from './platform/auth/auth.config.js';
import { ServerConfig } from './platform/config/server.config.js';
import { openApiOf } from './platform/docs/openapi.js';
import { openLog } from './platform/telemetry/log.js';

// Prints the document of the API, as the built program gives it: it does not depend on any configuration.
const configuration = {
  server: new ServerConfig(),
  auth: new AuthConfig(),
  store: { memory: {} },
  limits: {},
  connections: new Map(),
  targets: [],
  notify: [],
  warnings: [],
};
const { app } = await buildApp(configuration, openLog('silent', ''));
process.stdout.write(`${JSON.stringify(openApiOf(app, version), null, 2)}\n`);
await app.close();
