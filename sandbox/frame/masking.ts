const secretParameters = new Set(['pswd', 'sid', 'password', 'token', 'access_token', 'secret', 'signature']);
const secretElement = /<(pswd|sid)>[^<]*/gi;
const secretMember =
  /("(?:pswd|sid|password|token|access_token|secret|securitytoken|security_token)"\s*:\s*)"(?:[^"\\]|\\.)*"?/gi;

function decoded(name: string): string {
  try {
    return decodeURIComponent(name).toLowerCase();
  } catch {
    return name.toLowerCase();
  }
}

/** The query with the values of passwords, session ids and tokens replaced by `***`. */
export function maskedQuery(query: string): string {
  return query
    .split('&')
    .map((pair) => {
      const [name = ''] = pair.split('=', 1);
      return secretParameters.has(decoded(name)) ? `${name}=***` : pair;
    })
    .join('&');
}

/** XML or JSON text with the values of passwords, session ids and tokens replaced by `***`. */
export function maskedText(text: string): string {
  return text.replace(secretElement, '<$1>***').replace(secretMember, '$1"***"');
}
