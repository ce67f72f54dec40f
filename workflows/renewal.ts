import { allHandlersFinished, workflowInfo } from '@temporalio/workflow';

/** Milliseconds that handlers have to finish before a run ends under them; their callers ask the next run again. */
const GRACE_MS = 5_000;

/** When a run whose history has grown long is to end: soon, whatever keeps calling. */
export type Renewal = {
  /** The time at which it ends at the latest; null while its history is short. */
  endsAtMs(): number | null;
  /** Its time is over: whatever it waits for, the next run asks again. */
  isOver(): boolean;
  /** Nobody would notice: nothing is under way. */
  isFree(): boolean;
};

export function createRenewal(): Renewal {
  let at: number | null = null;
  const endsAtMs = (): number | null => {
    if (at === null && workflowInfo().continueAsNewSuggested) at = Date.now() + GRACE_MS;
    return at;
  };
  return {
    endsAtMs,
    isOver: () => (endsAtMs() ?? Infinity) <= Date.now(),
    isFree: () => endsAtMs() !== null && allHandlersFinished(),
  };
}
