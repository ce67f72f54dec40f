import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { SEARCH_ATTRIBUTES } from './messages.js';

export type Shown = {
  readonly card: string;
  readonly stuckReason: string | null;
  /** Absent: as it is. */
  readonly payState?: string;
};

const PAY_STATE = defineSearchAttributeKey(SEARCH_ATTRIBUTES.payState, SearchAttributeType.KEYWORD);
const STUCK_REASON = defineSearchAttributeKey(SEARCH_ATTRIBUTES.stuckReason, SearchAttributeType.KEYWORD);

/** A change of search attributes costs an event; the card costs none. */
export function createVisibility(): (shown: Shown) => void {
  const started = workflowInfo().typedSearchAttributes;
  let payState = started.get(PAY_STATE) ?? null;
  let stuckReason = started.get(STUCK_REASON) ?? null;
  return (shown) => {
    const now = { payState: shown.payState ?? payState, stuckReason: shown.stuckReason };
    const changed = [
      ...(now.payState !== payState ? [{ key: PAY_STATE, value: now.payState }] : []),
      ...(now.stuckReason !== stuckReason ? [{ key: STUCK_REASON, value: now.stuckReason }] : []),
    ];
    ({ payState, stuckReason } = now);
    if (changed.length > 0) upsertSearchAttributes(changed);
    setCurrentDetails(shown.card);
  };
}
