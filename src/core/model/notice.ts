import type { Operation } from './operation.js';

/** Of what receivers can be notified. */
export const noticeKinds = ['forced', 'unknown', 'approval', 'breakGlass', 'capRefused', 'drained'] as const;
/** One of them. */
export type NoticeKind = (typeof noticeKinds)[number];

/** Something happened of which receivers may want to be notified. */
export interface Notice {
  readonly kind: NoticeKind;
  /** What its receivers know it by: `operation.forced`. */
  readonly type: string;
  /** The same if the same is told again. */
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The targets that it is about. */
  readonly targets: readonly string[];
  /** The operation that it is about; null if there is none. */
  readonly operation: string | null;
  /** What is told of it: bounded, and made only where somebody is notified. */
  readonly facts: () => NoticeFacts;
}

/** What a notification tells. It holds neither secrets nor statements. */
export type NoticeFacts = Readonly<Record<string, unknown>> & Pick<Operation, 'kind' | 'mode' | 'requestedBy'>;
