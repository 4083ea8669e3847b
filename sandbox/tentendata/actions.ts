import type { ActionInput } from '../frame/admin.ts';
import type { TentendataState } from './state.ts';

function members(input: ActionInput, names: readonly string[]): readonly string[] {
  const wanted = `the body must be {${names.map((name) => `"${name}": "…"`).join(', ')}}`;
  if (Object.keys(input).length !== names.length) throw new Error(wanted);
  return names.map((name) => {
    const value = input[name];
    if (typeof value !== 'string' || value === '') throw new Error(wanted);
    return value;
  });
}

/** What a person may do as the applications that use the pools; each answers the pool or the session after it. */
export function tentendataActions(state: TentendataState) {
  const actOnUid = (act: (uid: string) => void) => (input: ActionInput) => {
    const [uid = ''] = members(input, ['uid']);
    act(uid);
    return { uid, loggedIn: state.session(uid) !== null, running: state.session(uid)?.running ?? false };
  };
  return {
    pool(input: ActionInput) {
      const [gid = ''] = members(input, ['gid']);
      return state.pool(gid);
    },
    reluid(input: ActionInput) {
      const [gid = '', uid = ''] = members(input, ['gid', 'uid']);
      state.reluid(gid, uid);
      return state.pool(gid);
    },
    getuid(input: ActionInput) {
      const [gid = ''] = members(input, ['gid']);
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
