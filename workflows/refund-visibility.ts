import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import type { Language } from '../src/base/language.js';
import { refundCard } from '../src/domain/refund/card.js';
import { refundProjectionOf } from '../src/domain/refund/projection.js';
import type { RefundState } from '../src/domain/refund/state.js';
import { SEARCH_ATTRIBUTES } from './messages.js';

const STUCK_REASON = defineSearchAttributeKey(SEARCH_ATTRIBUTES.stuckReason, SearchAttributeType.KEYWORD);

/** The refund's card in the Temporal UI, and its trouble as a search attribute, which is set only when it changes. */
export function createRefundVisibility(language: Language): { show(refund: RefundState): void } {
  let shown: string | null = null;
  return {
    show(refund) {
      const stuckReason = refund.state === 'abnormal' ? 'refund_failed' : refundProjectionOf(refund).trouble;
      if (stuckReason !== shown) upsertSearchAttributes([{ key: STUCK_REASON, value: stuckReason }]);
      shown = stuckReason;
      setCurrentDetails(refundCard(refund, language, Date.now()));
    },
  };
}
