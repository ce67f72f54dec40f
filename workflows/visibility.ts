import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import type { Language } from '../src/base/language.js';
import { explainCard } from '../src/domain/explain/card.js';
import type { OrderState } from '../src/domain/order/state.js';
import { SEARCH_ATTRIBUTES } from './messages.js';

const PAY_STATE = defineSearchAttributeKey(SEARCH_ATTRIBUTES.payState, SearchAttributeType.KEYWORD);
const STUCK_REASON = defineSearchAttributeKey(SEARCH_ATTRIBUTES.stuckReason, SearchAttributeType.KEYWORD);

export type Visibility = {
  /**
   * The order's card in the Temporal UI, which costs no event, and its search attributes: one upsert at the end, others only
   * on trouble.
   */
  show(state: OrderState): void;
};

export function createVisibility(language: Language): Visibility {
  const started = workflowInfo().typedSearchAttributes;
  let payState = started.get(PAY_STATE) ?? null;
  let stuckReason = started.get(STUCK_REASON) ?? null;
  const mark = (state: OrderState): void => {
    const ended = state.state === 'paid' || state.state === 'closed' || state.state === 'review';
    const shown = ended ? state.state : payState;
    const changed = [
      ...(shown !== null && shown !== payState ? [{ key: PAY_STATE, value: shown }] : []),
      ...(state.stuckReason !== stuckReason ? [{ key: STUCK_REASON, value: state.stuckReason }] : []),
    ];
    payState = shown;
    stuckReason = state.stuckReason;
    if (changed.length > 0) upsertSearchAttributes(changed);
  };
  return {
    show(state) {
      mark(state);
      setCurrentDetails(explainCard(state, language, Date.now()));
    },
  };
}
