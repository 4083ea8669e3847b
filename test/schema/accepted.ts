import type { Complaint } from './complaints.ts';

/** What schemathesis reports of a call or of all calls, and why that is right nevertheless. */
interface Accepted {
  readonly code: string;
  readonly operation?: string;
  readonly text: RegExp;
  readonly because: string;
}

/** ST202: a request that fits its schema was refused. */
const refused = (text: RegExp, because: string): Accepted => ({ code: 'ST202', text, because });

const accepted: readonly Accepted[] = [
  {
    code: 'ST108',
    operation: 'GET /operations/{id}/events',
    text: /is not of type "string"/,
    because: 'In OpenAPI 3.1 the schema is that of the whole stream; schemathesis takes it for that of one event.',
  },
  refused(/^414 /, 'Each list may be as long as an address allows, but not all of them at once.'),
  refused(/^431 /, 'A header may be as long as all headers together, if it is the only one.'),
  refused(
    /: No target (?:is called|that is granted to you carries) /,
    'Which targets there are, the configuration says.',
  ),
  refused(
    / cannot (?:judge|be an id of|be asked to) | has no node /,
    'What a target can do depends on its backend and its nodes.',
  ),
  refused(/pageToken is not a token of this /, 'Tokens are made by lists alone.'),
  refused(
    / must be 1 to 500 printable characters\.$/,
    'Which characters can be printed is a matter of Unicode; not every dialect of patterns knows its classes.',
  ),
  // Rules between members: schemas of parameters cannot say them, those of bodies only at the price of being read.
  refused(/ target: target is missing\.$/, 'A plan, or labels, stand for targets.'),
  refused(/ id: Name ids, or a filter that can leave something out/, 'One of many parameters is needed.'),
  refused(/ target: With id, name exactly one target\.$/, 'Ids go with one target alone.'),
  refused(/ (state|processId): \1 does not go with refused\.$/, 'Refused calls have no state and no processes.'),
  refused(/ first: first is for a filter: ids say themselves/, '`first` goes with filters alone.'),
  refused(/ pageToken: pageToken does not go with sort/, 'A sorted list has one page.'),
  refused(/ Ask for an approval, or break the glass: not both\.$/, 'Either `approval` or `breakGlass`.'),
  refused(/ An emergency needs a reason of at least 10 characters\.$/, '`breakGlass` asks more of `reason`.'),
  refused(/ A forced flush ends everything: minIdleSeconds restricts/, '`minIdleSeconds` goes with `graceful` alone.'),
  refused(/ A node narrows a single target: name exactly one\.$/, '`node` goes with one target alone.'),
];

/** Why a complaint is none of ours; undefined where it is. */
export function acceptedBecause({ code, operation, text }: Complaint): string | undefined {
  const found = accepted.find(
    (one) => one.code === code && (one.operation ?? operation) === operation && one.text.test(text),
  );
  return found?.because;
}
