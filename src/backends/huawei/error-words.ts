import { isObject, textOf, type JsonObject } from './json.wire.js';

/** What an error says of itself. */
interface Words {
  readonly code: string | null;
  readonly message: string | null;
}

const deepest = 3;

/** What the services, the gateway in front of them, and OAuth call the words of an error. */
const messages = [
  'error_msg',
  'externalMessage',
  'errorMessage',
  'error_message',
  'message',
  'error_description',
] as const;

/** The code and the words of an error, in all the forms that the services, and the gateway in front of them, use. */
export function wordsOf(body: JsonObject, depth = 0): Words {
  const code = firstOf(body, ['error_code', 'errCode', 'errorCode', 'code', 'error'])?.replaceAll(' ', '') ?? null;
  const message = firstOf(body, messages);
  if (code !== null || message !== null) return { code: code && /^[\w.-]{1,64}$/.test(code) ? code : null, message };
  for (const member of depth < deepest ? objectsIn(body) : []) {
    const words = wordsOf(member, depth + 1);
    if (words.code !== null || words.message !== null) return words;
  }
  return { code: null, message: null };
}

/** The members that are objects, and those of lists. */
export function objectsIn(body: JsonObject): readonly JsonObject[] {
  return Object.values(body)
    .flatMap((member) => [member].flat())
    .filter(isObject);
}

/** The text of the first of these members that has one. */
export function firstOf(body: JsonObject, names: readonly string[]): string | null {
  for (const name of names) {
    const text = textOf(body[name]);
    if (text !== null) return text;
  }
  return null;
}
