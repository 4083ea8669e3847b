import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** One thing that schemathesis found, in as few words as tell it from others. */
export interface Complaint {
  /** `ST202`: `schemathesis explain ST202` says what it is about. */
  readonly code: string;
  /** `GET /processes` */
  readonly operation: string;
  /** What was wrong; for a problem that was answered, its status, and one of its errors: `400 label: no target …`. */
  readonly text: string;
  /** A request that shows it. */
  readonly example: string;
}

interface Bytes {
  readonly $base64: string;
}

interface Interaction {
  readonly request: { readonly method: string; readonly uri: string; readonly body: Bytes | null };
  readonly response: { readonly status_code: number; readonly content: Bytes | null } | null;
}

interface Check {
  readonly failure_info?: { readonly failure: { readonly code: string; readonly operation: string; message: string } };
}

interface Recorder {
  readonly checks?: Readonly<Record<string, readonly Check[]>>;
  readonly interactions?: Readonly<Record<string, Interaction>>;
}

interface Line {
  readonly ScenarioFinished?: { readonly recorder: Recorder };
  readonly NonFatalError?: object;
  readonly FatalError?: object;
}

interface Problem {
  readonly code?: string;
  readonly detail?: string;
  readonly errors?: readonly { readonly pointer?: string; readonly parameter?: string; readonly message: string }[];
}

/** What a report holds: how many requests there were, and every complaint once. */
export async function readReport(file: string): Promise<{ readonly requests: number; readonly found: Complaint[] }> {
  const found = new Map<string, Complaint>();
  let requests = 0;
  for await (const text of createInterface({ input: createReadStream(file) })) {
    const { ScenarioFinished: scenario, ...other } = JSON.parse(text) as Line;
    const error = other.FatalError ?? other.NonFatalError;
    if (error) found.set(text, { code: 'error', operation: '-', text: JSON.stringify(error), example: '' });
    if (!scenario) continue;
    requests += Object.keys(scenario.recorder.interactions ?? {}).length;
    for (const one of complaintsOf(scenario.recorder)) found.set(`${one.code} ${one.operation} ${one.text}`, one);
  }
  return { requests, found: [...found.values()] };
}

function complaintsOf({ checks = {}, interactions = {} }: Recorder): Complaint[] {
  return Object.entries(checks).flatMap(([id, all]) =>
    all.flatMap(({ failure_info: info }) => {
      if (!info) return [];
      const { code, operation, message } = info.failure;
      const interaction = interactions[id];
      const example = interaction ? exampleOf(interaction) : '';
      return textsOf(code, message, interaction?.response ?? null).map((text) => ({ code, operation, text, example }));
    }),
  );
}

/** A request that was refused is told by why: each error alone, so that one that is expected hides no other. */
function textsOf(code: string, message: string, response: Interaction['response']): string[] {
  if (code !== 'ST202' || !response?.content) return [message];
  const { errors = [], ...problem } = JSON.parse(decoded(response.content)) as Problem;
  const status = String(response.status_code);
  if (errors.length === 0) return [`${status} ${problem.code ?? ''}: ${problem.detail ?? ''}`];
  return errors.map((error) => `${status} ${error.parameter ?? error.pointer ?? ''}: ${error.message}`);
}

function exampleOf({ request: { method, uri, body } }: Interaction): string {
  return `${method} ${uri.slice(0, 600)}${body ? ` ${decoded(body).slice(0, 600)}` : ''}`;
}

function decoded({ $base64: text }: Bytes): string {
  return Buffer.from(text, 'base64').toString();
}
