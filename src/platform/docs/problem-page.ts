import { failureKinds, type FailureKind } from '../../core/model/failure.js';
import { problemTypes } from '../../core/model/problem.js';
import { problemDescriptions } from './problem-descriptions.js';
import { problemRemedies } from './problem-remedies.js';

const style =
  ':root{color-scheme:light dark}' +
  'body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;' +
  'background:light-dark(#fff,#14171c);color:light-dark(#1a1f26,#e4e8ee)}' +
  'a{color:light-dark(#0b5cad,#7cb7ff)}h2{font-size:1.1rem;margin-bottom:0}h2+p{margin-top:.2rem}' +
  'td,th{text-align:left;vertical-align:top;padding:.3rem 1rem .3rem 0}' +
  'code{background:light-dark(#eceff3,#2a323d);padding:0 .2rem;overflow-wrap:anywhere}';

/** One type of problem, for people. */
export function problemPage(kind: FailureKind): string {
  const { status, title } = problemTypes[kind];
  return page(
    title,
    `<p><code>${kind}</code>, status ${String(status)}</p>` +
      `<h2>What it means</h2><p>${html(problemDescriptions[kind])}</p>` +
      `<h2>What to do</h2><p>${html(problemRemedies[kind])}</p>` +
      '<p><a href="../problems">All problems</a></p>',
  );
}

/** All types of problems, for people. */
export function problemsPage(): string {
  const rows = failureKinds.map(
    (kind) =>
      `<tr><td><a href="problems/${kind}"><code>${kind}</code></a></td><td>${String(problemTypes[kind].status)}</td>` +
      `<td>${html(problemDescriptions[kind])}</td></tr>`,
  );
  return page('Problems', `<table><tr><th>code<th>status<th>meaning</tr>${rows.join('')}</table>`);
}

function page(title: string, content: string): string {
  return (
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">' +
    `<title>${html(title)} · Sluice</title><style>${style}</style><h1>${html(title)}</h1>${content}</html>\n`
  );
}

/** Our own words, with `code` in backticks. */
function html(words: string): string {
  const escaped = words.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return escaped.replace(/`([^`]+)`/g, '<code>$1</code>');
}

/** Does this caller want to read HTML rather than JSON? Browsers name it; programs name JSON, or anything. */
export function wantsHtml(accept: string | undefined): boolean {
  const ranges = (accept ?? '').split(',').map((range) => range.split(';')[0]?.trim().toLowerCase());
  const [first] = ranges.filter((range) => range === 'text/html' || range === 'application/json');
  return first === 'text/html';
}
