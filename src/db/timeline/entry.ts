import type { TimelineEntry } from '../../domain/timeline.js';

/** An entry and when it became known, in the count that all tables of a timeline share. */
export type Line = { readonly seq: number; readonly entry: TimelineEntry };

type Said = Pick<TimelineEntry, 'at' | 'source' | 'kind' | 'subject'>;

/** An entry of which only some is known. */
export const entryOf = (said: Said, known: Partial<TimelineEntry> = {}): TimelineEntry => ({
  wechatAt: null,
  outcome: null,
  amountFen: null,
  by: null,
  reason: null,
  before: null,
  after: null,
  detail: null,
  gateway: null,
  durationMs: null,
  count: null,
  ...said,
  ...known,
});
