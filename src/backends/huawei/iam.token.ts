import type { Clock } from '../../core/model/clock.js';
import { Failure } from '../../core/model/failure.js';
import type { Wrap } from '../../transport/exchange.js';
import type { FromIam } from './from-iam.js';
import type { ProjectToken } from './iam.wire.js';
import { inProject } from './project.js';

/** While a new token was refused like the old one, another one would be too: a wrong region looks like that. */
const fruitlessMs = 10_000;

/**
 * Adds the token and its project to a call, around all its attempts. On an answered 401 it is renewed and the call sent
 * on with the new one, never with a third. Where the service calls it invalid in another way, only the next call gets a
 * new one.
 */
export function tokenWrap(tokens: FromIam<ProjectToken>, clock: Clock): Wrap {
  return (next) => {
    let fruitlessUntil = 0;
    let droppedUntil = 0;
    /** It may be in vain: so it is not done again at once. */
    const dropIfInvalid = (token: ProjectToken, thrown: unknown): void => {
      const now = clock.now();
      if (!isInvalidToken(thrown) || now < Math.max(fruitlessUntil, droppedUntil)) return;
      if (tokens.drop(token)) droppedUntil = now + fruitlessMs;
    };
    return async (exchange, call) => {
      const sendWith = ({ token, projectId }: ProjectToken) =>
        next({ ...inProject(exchange, projectId), headers: { ...exchange.headers, 'x-auth-token': token } }, call);
      const token = await tokens.current(call);
      try {
        return await sendWith(token);
      } catch (thrown) {
        dropIfInvalid(token, thrown);
        if (!isUnauthenticated(thrown) || clock.now() < fruitlessUntil) throw thrown;
      }
      const other = await tokens.instead(token, call);
      try {
        return await sendWith(other);
      } catch (thrown) {
        if (isUnauthenticated(thrown) || isInvalidToken(thrown)) fruitlessUntil = clock.now() + fruitlessMs;
        throw thrown;
      }
    };
  };
}

/** Were the credentials refused? */
export function isUnauthenticated(thrown: unknown): boolean {
  return thrown instanceof Failure && thrown.upstream?.httpStatus === 401;
}

/** Huawei's databases tell "invalid token" by HTTP 403: error codes of the GaussDB and TaurusDB API references. */
function isInvalidToken(thrown: unknown): boolean {
  return thrown instanceof Failure && thrown.upstream?.httpStatus === 403 && thrown.upstream.code === 'DBS.280056';
}
