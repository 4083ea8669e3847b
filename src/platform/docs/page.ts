import type { SwaggerCustomOptions } from '@nestjs/swagger';

/** Rows that document an answer other than 200; what really came back stands in a table of its own. */
const otherAnswers = `.responses-table:not(.live-responses-table) .response:not([data-code='200'])`;

/**
 * What was asked and what came back shall fit on a screen: of other answers than 200 the page shows status and meaning, and
 * leaves their examples and headers to the document.
 */
const css = `
.swagger-ui .topbar { display: none }
.swagger-ui ${otherAnswers} :is(.response-controls, .model-example, .headers, .headers__title) { display: none }
.swagger-ui ${otherAnswers} td { padding-top: 4px; padding-bottom: 0 }
.swagger-ui .renderedMarkdown table td, .swagger-ui .renderedMarkdown table th { padding: 3px 16px 3px 0 }
.swagger-ui .renderedMarkdown summary { cursor: pointer; font-weight: bold }
.swagger-ui :is(.response-col_links, .response-controls) { display: none }
.swagger-ui .live-responses-table .highlight-code > .microlight { max-height: 60vh }
.swagger-ui .parameters-col_description select[multiple] { height: 12rem }
.swagger-ui .parameters-col_description :is(input, textarea, select) { min-width: 300px }
`;

/** How Swagger UI looks and behaves. */
export const pageOptions: SwaggerCustomOptions = {
  customSiteTitle: 'Sluice',
  customCss: css,
  swaggerOptions: {
    persistAuthorization: true,
    tryItOutEnabled: true,
    displayRequestDuration: true,
    docExpansion: 'list',
    defaultModelsExpandDepth: 0,
    defaultModelRendering: 'example',
  },
};
