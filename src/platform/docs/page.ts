import type { OpenAPIObject, SwaggerCustomOptions } from '@nestjs/swagger';
import { askBeforeSending, fitPhones, hideCredentials } from './page-behaviour.js';

/** What was asked and what came back shall fit on a screen, and the rest shall not be in the way. */
const css = `
.swagger-ui .topbar { display: none }
.swagger-ui :is(.response-col_links, .response-controls) { display: none }
.swagger-ui .responses-table:not(.live-responses-table) .response td { padding-top: 4px; padding-bottom: 0 }
.swagger-ui .live-responses-table .highlight-code > .microlight { max-height: 60vh }
.swagger-ui .responses-table:not(.live-responses-table) .highlight-code > .microlight { max-height: 9rem; margin: 4px 0 }
.swagger-ui .responses-table:not(.live-responses-table) .model-example > .tab { display: none }
.swagger-ui .renderedMarkdown table td, .swagger-ui .renderedMarkdown table th { padding: 3px 16px 3px 0 }
.swagger-ui .renderedMarkdown summary { cursor: pointer; font-weight: bold }
.swagger-ui .parameters-col_description :is(input, textarea, select) { min-width: 300px }
.swagger-ui .parameters-col_description select[multiple] { height: 10rem }
@media (max-width: 48rem) {
  .swagger-ui .wrapper { padding: 0 8px }
  .swagger-ui .parameters-col_description :is(input, textarea, select) { min-width: 0; max-width: 100% }
  .swagger-ui :is(.opblock-summary-description, .opblock-summary-operation-id) { display: none }
  .swagger-ui table.parameters, .swagger-ui table.parameters :is(tbody, tr, td) { display: block; width: auto }
  .swagger-ui table.parameters thead { display: none }
}
`;

/** How Swagger UI looks and behaves. */
export function pageOptions(): SwaggerCustomOptions {
  let shown: OpenAPIObject | null = null;
  return {
    customSiteTitle: 'Sluice',
    customCss: css,
    // The page and /openapi.json ask for the document in the same way: only the page gets the short one.
    patchDocumentOnRequest: (request, _response, document) =>
      (request as { url: string }).url.includes('/docs') ? (shown ??= documentForPage(document)) : document,
    swaggerOptions: {
      persistAuthorization: false,
      tryItOutEnabled: true,
      displayRequestDuration: true,
      docExpansion: 'list',
      defaultModelsExpandDepth: 0,
      defaultModelRendering: 'example',
      requestInterceptor: askBeforeSending,
      onComplete: fitPhones,
      plugins: [hideCredentials],
    },
  };
}

/** Of other answers than 200 the page shows status, meaning and examples: headers are the same everywhere. */
function documentForPage(document: OpenAPIObject): OpenAPIObject {
  const shown = structuredClone(document);
  const answers = Object.values(shown.paths)
    .flatMap(({ get, post, delete: remove }) => [get, post, remove])
    .flatMap((operation) => Object.entries(operation?.responses ?? {}));
  const done = answers.flatMap(([status, answer]) =>
    status === '200' && answer && '$ref' in answer ? [answer.$ref] : [],
  );
  const named = Object.entries(shown.components?.responses ?? {}).map(
    ([name, answer]) => [done.includes(`#/components/responses/${name}`) ? '200' : name, answer] as const,
  );
  for (const [status, answer] of [...answers, ...named]) {
    if (status === '200' || !answer || '$ref' in answer) continue;
    delete answer.headers;
  }
  return shown;
}
