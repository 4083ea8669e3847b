/** Long secrets are looked for in pieces, too: a message that was cut may hold the beginning of one. */
const pieceLength = 28;

/** Every spelling in which a secret could leave. */
export function spellingsOf(secret: string): readonly string[] {
  const pieces =
    secret.length <= 2 * pieceLength
      ? [secret]
      : [0, (secret.length - pieceLength) >> 1, secret.length - pieceLength].map((from) =>
          secret.slice(from, from + pieceLength),
        );
  const spelled = [...pieces, secret].flatMap((text) => [
    text,
    encodeURIComponent(text),
    encodeURIComponent(text).replaceAll('%20', '+'),
    encodeURIComponent(text).replaceAll(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase()),
    JSON.stringify(text).slice(1, -1),
    JSON.stringify(JSON.stringify(text).slice(1, -1)).slice(1, -1),
    ...base64s(text),
  ]);
  return [...new Set(spelled)];
}

/** Base64 of it, wherever it begins in what was encoded: the characters that depend on it alone. */
function base64s(text: string): readonly string[] {
  return [0, 1, 2].flatMap((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(text)]);
    const whole = bytes.toString('base64').replaceAll('=', '');
    const from = Math.ceil((before * 8) / 6);
    const own = whole.slice(from, Math.floor((bytes.length * 8) / 6));
    return [own, own.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

interface Spelling {
  readonly name: string;
  readonly text: string;
}

/** Which secrets are in which places: the names of both, never the secret. Each place is read once. */
export function leaksIn(
  places: Readonly<Record<string, string>>,
  secrets: ReadonlyMap<string, string>,
): readonly string[] {
  const spellings = [...secrets].flatMap(([name, secret]) => spellingsOf(secret).map((text) => ({ name, text })));
  const beginning = Math.min(...spellings.map(({ text }) => text.length));
  const byBeginning = Map.groupBy(spellings, ({ text }) => text.slice(0, beginning));
  return Object.entries(places).flatMap(([place, text]) => {
    const leaks = new Map<string, string>();
    const found = ({ name, text: spelled }: Spelling, at: number) => {
      const [before, after] = [text.slice(Math.max(0, at - 80), at), text.slice(at + spelled.length).slice(0, 40)];
      leaks.set(name, `${name} in ${place}: ${before}<HERE>${after}`);
    };
    for (let at = 0; at + beginning <= text.length; at += 1) {
      for (const spelling of byBeginning.get(text.slice(at, at + beginning)) ?? []) {
        if (!leaks.has(spelling.name) && text.startsWith(spelling.text, at)) found(spelling, at);
      }
    }
    return [...leaks.values()];
  });
}
