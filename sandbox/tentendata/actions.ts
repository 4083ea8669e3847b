import type { TentendataState } from './state.ts';

function members(body: unknown, names: readonly string[]): readonly string[] {
  const given: Readonly<Record<string, unknown>> = { ...(body as object) };
  const wanted = `the body must be {${names.map((name) => `"${name}": "…"`).join(', ')}}`;
  if (Object.keys(given).length !== names.length) throw new Error(wanted);
  return names.map((name) => {
    const value = given[name];
    if (typeof value !== 'string' || value === '') throw new Error(wanted);
    return value;
  });
}

/** What a person may do as the applications that use the pools; each answers the pool or the session after it. */
export function tentendataActions(state: TentendataState) {
  const actOnUid = (act: (uid: string) => void) => (body: unknown) => {
    const [uid = ''] = members(body, ['uid']);
    act(uid);
    return { uid, loggedIn: state.session(uid) !== null, running: state.session(uid)?.running ?? false };
  };
  return {
    pool(body: unknown) {
      const [gid = ''] = members(body, ['gid']);
      return state.pool(gid);
    },
    reluid(body: unknown) {
      const [gid = '', uid = ''] = members(body, ['gid', 'uid']);
      state.reluid(gid, uid);
      return state.pool(gid);
    },
    getuid(body: unknown) {
      const [gid = ''] = members(body, ['gid']);
      const uid = state.getuid(gid);
      return { uid };
    },
    login: actOnUid((uid) => {
      state.login(uid);
    }),
    logout: actOnUid((uid) => {
      state.logout(uid);
    }),
    run: actOnUid((uid) => {
      state.run(uid);
    }),
  };
}
