import { describe, expect, it } from 'vitest';
import { returnNoOf, parseRefundNo } from '../../../src/base/ids.js';
import { STUCK_REASONS } from '../../../src/orders/rules/states.js';
import { shownStuckReason } from '../../../src/orders/rules/trouble.js';
import { aRefundRow, OWN } from '../../refunds/rules/fixtures.js';
import { FIRST, must } from './fixtures.js';

const SHOPS = { outRefundNo: must(parseRefundNo('R-1')), cause: 'shop' } as const;

describe('what a reader sees an order stuck on', () => {
  it.each(STUCK_REASONS)('is first what its own workflow says: %s', (own) => {
    expect(shownStuckReason(own, [aRefundRow({ state: 'abnormal', trouble: 'merchant_balance' })], true)).toBe(own);
  });

  it('is nothing while refunds go their way and the shop listens', () => {
    const refunds = (['requested', 'processing', 'succeeded'] as const).map((state) => aRefundRow({ state }));
    expect(shownStuckReason(null, refunds, false)).toBeNull();
  });

  it.each(['merchant_config', 'gateway_unreachable', 'merchant_balance', 'refund_failed'] as const)(
    'is what keeps a refund from its end: %s',
    (trouble) => {
      expect(shownStuckReason(null, [aRefundRow(), aRefundRow({ ...SHOPS, trouble })], true)).toBe(trouble);
    },
  );

  it('is a refund that only a person can repair, before one that waits', () => {
    const refunds = [aRefundRow({ trouble: 'merchant_balance' }), aRefundRow({ ...SHOPS, state: 'abnormal' })];
    expect(shownStuckReason(null, refunds, false)).toBe('refund_failed');
  });

  it.each(['rejected', 'closed'] as const)('is a refund of ours that is %s, until another takes its place', (state) => {
    const failed = aRefundRow({ state });
    expect(shownStuckReason(null, [failed], false)).toBe('refund_failed');
    const successor = aRefundRow({ outRefundNo: returnNoOf(FIRST, 2), predecessor: OWN });
    expect(shownStuckReason(null, [failed, successor], false)).toBeNull();
    expect(shownStuckReason(null, [failed, { ...successor, state }], false)).toBe('refund_failed');
  });

  it.each(['rejected', 'closed'] as const)("is no refund of the shop's own that is %s: the shop knows", (state) => {
    expect(shownStuckReason(null, [aRefundRow({ ...SHOPS, state })], false)).toBeNull();
  });

  it('is at last a shop that could not be told', () => {
    expect(shownStuckReason(null, [aRefundRow()], true)).toBe('shop_unreachable');
  });
});
