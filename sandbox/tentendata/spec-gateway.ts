import type { TentendataKnobs } from './knobs.ts';
import type { TentendataSeed } from './seed.ts';
import type { TentendataState } from './state.ts';
import { createTentendata } from './tentendata.ts';

/** What one request is, besides its query. */
interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly body?: string;
  readonly contentType?: string | null;
}

/** The gateway without sockets, with a clock that stands still until told. */
export interface Gateway {
  readonly state: TentendataState;
  /** The code, message and whole text of the answer to `POST /gw.k?api=…&apiversion=3&…`. */
  readonly ask: (query: string, asked?: Asked) => { readonly rc: number; readonly msg: string; readonly text: string };
  /** Logs in by possess and gives the query of its session calls. */
  readonly enter: (uid: string, password: string) => string;
  readonly pass: (minutes: number) => void;
}

/** A gateway with these knobs. */
export function createGateway(knobs: Partial<TentendataKnobs> = {}, seed?: TentendataSeed): Gateway {
  let now = Date.UTC(2024, 0, 31, 8);
  const { emulator, state } = createTentendata({ clock: () => now, knobs, ...(seed && { seed }) });
  const ask: Gateway['ask'] = (query, asked = {}) => {
    const { method = 'POST', path = '/gw.k', body = '', contentType = body === '' ? null : 'text/xml' } = asked;
    const headers = contentType === null ? {} : { 'content-type': contentType };
    const whole = query.includes('apiversion') ? query : `${query}&apiversion=3`;
    const reply = emulator.answer({ method, path, query: whole, headers, body: Buffer.from(body) });
    const [, rc] = /<rc>(\d+)<\/rc>/.exec(reply.body) ?? [];
    const [, msg = ''] = /<msg>([^<]*)<\/msg>/.exec(reply.body) ?? [];
    if (reply.status !== 200 || rc === undefined) throw new Error(`${reply.status} ${reply.body}`);
    return { rc: Number(rc), msg, text: reply.body };
  };
  const enter: Gateway['enter'] = (uid, password) => {
    const { text } = ask(`api=login&uid=${uid}&pswd=${password}&kill=possess`);
    const [, sid = '', encrypted = ''] = /<sid>(.*)<\/sid><pswd>(.*)<\/pswd>/.exec(text) ?? [];
    return `uid=${uid}&pswd=${encrypted}&sid=${sid}`;
  };
  const pass: Gateway['pass'] = (minutes) => {
    now += minutes * 60_000;
  };
  return { state, ask, enter, pass };
}
