import type { TimelineEntry } from '../../domain/timeline.js';

type Said = Pick<TimelineEntry, 'at' | 'source' | 'kind' | 'subject'>;

/** An entry of which only some is known. */
export const entryOf = (said: Said, known: Partial<TimelineEntry> = {}): TimelineEntry => ({
  outcome: null,
  amountFen: null,
  by: null,
  reason: null,
  before: null,
  after: null,
  detail: null,
  durationMs: null,
  count: null,
  ...said,
  ...known,
});
