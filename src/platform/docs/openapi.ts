import type { INestApplication } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { failureKinds } from '../../core/model/failure.js';
import { problemAddress, problemTypes } from '../../core/model/problem.js';
import { gatherComponents } from './components.js';
import { showFirstCalls } from './first-calls.js';
import { giveExamples } from './give-examples.js';
import { pageOptions } from './page.js';
import { problemDescriptions } from './problem-descriptions.js';

const description = `One safe API to look at, flush, tune and kill sessions on 1010data SAM pools and on Huawei Cloud GaussDB, TaurusDB, DCS and GeminiDB Redis.

**Mind that flush ends sessions, it never deletes data (it is not FLUSHALL), and that kill ends the connection, not just its statement, and the client may reconnect at once.**

Every mutating call answers with the record of an operation: what was asked, and what came of it on every target. \`dryRun\` does all but the vendor's mutating call. An outcome that cannot be known is told as \`unknown\`, and nothing is ever sent twice.

Press *Authorize* and enter a key or a token; the first example of every call is a read or a dry run. Times are RFC 3339 in UTC, durations are whole numbers with their unit in the name, ids are strings. Every answer carries \`X-Request-Id\`; send your own to find a call again in the logs.

<details><summary>Problems: everything that is not 2xx, by its code</summary>

| code | status | meaning |
| --- | --- | --- |
${failureKinds.map(problemRow).join('\n')}

</details>`;

function problemRow(kind: (typeof failureKinds)[number]): string {
  return `| [\`${kind}\`](${problemAddress(kind)}) | ${String(problemTypes[kind].status)} | ${problemDescriptions[kind]} |`;
}

/** The document of the API, as the built program gives it. */
export function openApiOf(app: INestApplication, version: string): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Sluice')
    .setVersion(version)
    .setDescription(description)
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .setContact('The maintainers of Sluice', 'https://github.com/sluice-gateway/sluice/issues', '')
    .setExternalDoc('What callers may rely on', 'https://github.com/sluice-gateway/sluice/blob/main/docs/api.md')
    .addServer('/')
    .addTag('me', 'Who you are to Sluice.')
    .addTag('targets', 'What there is.')
    .addTag('processes', 'Look at connections, and kill them.')
    .addTag('sessions', 'Flush whole targets, tune a session.')
    .addTag('operations', 'What was done.')
    .addTag('freezes', 'Let nothing be changed on some targets for a while.')
    .addApiKey(
      {
        type: 'apiKey',
        in: 'header',
        name: 'X-API-Key',
        description: 'The key itself; Sluice knows only its SHA-256. Not together with a token.',
      },
      'apiKey',
    )
    .addBearerAuth(
      {
        type: 'http',
        scheme: 'bearer',
        bearerFormat: 'JWT',
        description:
          'A token of a configured issuer, checked as RFC8725 says: pinned algorithms, issuer, audience, expiry. Not together with a key.',
      },
      'bearer',
    )
    .addSecurityRequirements('apiKey')
    .addSecurityRequirements('bearer')
    .build();
  const document = SwaggerModule.createDocument(app, config, { operationIdFactory: (_controller, method) => method });
  describeDeleteBody(document);
  showFirstCalls(document);
  giveExamples(document);
  // The builder writes a contact without an address of mail as an empty one.
  delete document.info.contact?.email;
  gatherComponents(document);
  return document;
}

/** A body of DELETE has no defined meaning (RFC 9110), and generators refuse it: it is told in words. */
function describeDeleteBody(document: OpenAPIObject): void {
  const [kill] = Object.values(document.paths).flatMap((path) => path.delete ?? []);
  if (!kill) return;
  delete kill.requestBody;
  delete document.components?.schemas?.['KillBody'];
  kill.description = `${kill.description ?? ''}

Long lists of ids may come as a JSON body instead of the query: \`{"target": "orders", "node": "primary", "ids": ["2075425"], "reason": "…", "onBehalfOf": "…", "dryRun": true}\`, with at most 1000 ids; or, for processes of several targets, \`{"processes": [{"target": "orders", "node": "primary", "id": "2075425"}], "dryRun": true}\`. Both take \`approval\` and \`breakGlass\`, too. Query and body together are refused; a body that an intermediary strips fails safe.`;
}

/**
 * Puts the document at /openapi.json, always, and Swagger UI at /docs if it is wanted. The document is made once a
 * caller asks for it: that takes time and memory which few replicas need.
 */
export function serveDocs(app: NestFastifyApplication, version: string, page: boolean): void {
  SwaggerModule.setup('docs', app, () => openApiOf(app, version), {
    jsonDocumentUrl: 'openapi.json',
    useGlobalPrefix: true,
    ui: page,
    raw: ['json'],
    ...pageOptions(),
  });
}
