import type { Reply } from '../exchange.ts';
import type { Disturbance, WrongContent } from './fault.ts';

const html = { 'content-type': 'text/html; charset=utf-8' };

function page(title: string): string {
  return `<html>\r\n<head><title>${title}</title></head>\r\n<body><center><h1>${title}</h1></center><hr></body>\r\n</html>\r\n`;
}

const titles = { 502: '502 Bad Gateway', 503: '503 Service Temporarily Unavailable', 504: '504 Gateway Time-out' };

const policies = {
  user: 'policy user over ratelimit,limit:200,time:5 minute',
  ip: 'policy ip over ratelimit,limit:5,time:1 second',
};

function throttled(policy: 'user' | 'ip', retryAfter: string | number | undefined): Reply {
  return {
    status: 429,
    headers: {
      'content-type': 'application/json',
      ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
    },
    body: JSON.stringify({
      error_msg: `The throttling threshold has been reached: ${policies[policy]}`,
      error_code: 'APIGW.0308',
      request_id: 'c2f1a3d0e4b59687a8b9c0d1e2f30415',
    }),
  };
}

const wrongContents: Readonly<Record<WrongContent, Reply>> = {
  json: { status: 200, headers: { 'content-type': 'application/json' }, body: '{"result":"ok"}' },
  xml: { status: 200, headers: { 'content-type': 'text/xml' }, body: '<out><rc>0</rc><msg>OK</msg></out>' },
  garbage: { status: 200, headers: { 'content-type': 'application/octet-stream' }, body: '\u0000\u0001{<"&]]>\u0007' },
  empty: { status: 200, headers: {}, body: '' },
};

/** What is answered instead of `reply`, or `reply` itself where the fault lies in how it is delivered. */
export function disturbedReply(disturbance: Disturbance | null, reply: Reply | null): Reply {
  const honest: Reply = reply ?? { status: 200, headers: {}, body: '' };
  switch (disturbance?.kind) {
    case 'throttle':
      return throttled(disturbance.policy ?? 'user', disturbance.retryAfter);
    case 'status':
      return disturbance.status === 500
        ? { status: 500, headers: {}, body: '' }
        : { status: disturbance.status, headers: html, body: page(titles[disturbance.status]) };
    case 'html':
      return { status: 200, headers: html, body: page('Scheduled maintenance') };
    case 'redirect':
      return { status: disturbance.status ?? 302, headers: { ...html, location: disturbance.location }, body: '' };
    case 'wrong-content':
      return wrongContents[disturbance.content];
    case 'reply':
      return {
        status: disturbance.status,
        headers: {
          'content-type': disturbance.contentType ?? honest.headers['content-type'] ?? 'text/plain',
          ...(disturbance.retryAfter === undefined ? {} : { 'retry-after': String(disturbance.retryAfter) }),
        },
        body: disturbance.body,
        encoding: disturbance.encoding ?? 'utf8',
      };
    case 'too-big':
      // White space at the end is well-formed in XML and JSON: nothing but the size is wrong.
      return { ...honest, body: honest.body.padEnd(disturbance.bytes) };
    default:
      return honest;
  }
}
