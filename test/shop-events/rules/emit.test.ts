import { describe, expect, it } from 'vitest';
import { orderEvents, refundEvents, type MerchantEventType } from '../../../src/shop-events/rules/event.js';
import type { OrderRecord } from '../../../src/orders/rules/record.js';
import { ORDER_STATES, STUCK_REASONS } from '../../../src/orders/rules/states.js';
import { REFUND_STATES } from '../../../src/refunds/rules/states.js';
import { FIRST } from '../../orders/rules/fixtures.js';
import { aRow } from '../../orders/rules/rows.js';
import { aRefundRow } from '../../refunds/rules/fixtures.js';

const paid = (fields: Partial<OrderRecord> = {}): OrderRecord => aRow({ state: 'paid', paidAttempt: FIRST, ...fields });

const news = (before: OrderRecord, after: OrderRecord, known: readonly MerchantEventType[] = []): string[] =>
  orderEvents(before, after, known);

describe('an order', () => {
  it.each([
    ['paid', 'order.paid'],
    ['closed', 'order.closed'],
    ['review', 'order.review'],
  ] as const)('that becomes %s tells it once', (state, type) => {
    const from = state === 'closed' ? 'review' : 'closed';
    expect(news(aRow({ state: from }), aRow({ state }))).toEqual([type]);
    expect(news(aRow({ state }), aRow({ state }))).toEqual([]);
  });

  it('that becomes so again tells it again', () => {
    expect(news(aRow({ state: 'review' }), aRow({ state: 'closed' }), ['order.closed', 'order.review'])).toEqual([
      'order.closed',
    ]);
  });

  it('tells nothing of what the shop can not use', () => {
    expect(news(aRow(), aRow({ state: 'awaitingPayment' }))).toEqual([]);
    for (const state of ORDER_STATES) {
      expect(news(aRow({ state }), aRow({ state, ownStuckReason: 'gateway_unreachable' }))).toEqual([]);
    }
  });
});

describe('a paid order whose money goes back', () => {
  const pending = paid({ fulfilment: 'pending' });
  const overdue = paid({ fulfilment: 'overdue' });

  it('says so when the shop rejects it, or when its time is over and nobody has to decide', () => {
    expect(news(pending, paid({ fulfilment: 'rejected' }))).toEqual(['order.compensating']);
    expect(news(pending, overdue)).toEqual(['order.compensating']);
    expect(news(pending, paid({ fulfilment: 'fulfilled' }))).toEqual([]);
  });

  it.each(['review', 'shop_unreachable'] as const)('and is held for %s says so when a person decided it', (reason) => {
    const held = paid({ fulfilment: 'overdue', ownStuckReason: reason });
    expect(news(pending, held)).toEqual([]);
    expect(news(held, overdue)).toEqual(['order.compensating']);
    expect(news(held, paid({ fulfilment: 'fulfilled' }))).toEqual([]);
  });

  it('says so although the refund that began it was reserved before this change', () => {
    const refunds = [aRefundRow({ cause: 'operator' })];
    const held = { fulfilment: 'overdue', ownStuckReason: 'review', refunds } as const;
    expect(news(paid(held), paid({ ...held, ownStuckReason: null }))).toEqual(['order.compensating']);
  });

  it('does not say it again when trouble comes and goes', () => {
    const refunds = [aRefundRow({ cause: 'fulfilment_overdue' })];
    const known = ['order.paid', 'order.compensating'] as const;
    for (const ownStuckReason of STUCK_REASONS) {
      const before = paid({ fulfilment: 'overdue', refunds });
      const troubled = paid({ fulfilment: 'overdue', refunds, ownStuckReason });
      expect(news(before, troubled, known)).toEqual([]);
      expect(news(troubled, before, known)).toEqual([]);
      expect(news(paid({ fulfilment: 'rejected', ownStuckReason }), paid({ fulfilment: 'rejected' }), known)).toEqual(
        [],
      );
    }
  });

  it('says it though the gateway is in trouble at that moment', () => {
    const troubled = paid({ fulfilment: 'overdue', ownStuckReason: 'gateway_unreachable' });
    expect(news(pending, troubled)).toEqual(['order.compensating']);
  });

  it('says first that it is paid', () => {
    const both = paid({ fulfilment: 'rejected' });
    expect(news(aRow({ state: 'awaitingPayment' }), both)).toEqual(['order.paid', 'order.compensating']);
  });
});

describe('a refund', () => {
  it.each(REFUND_STATES)('that becomes %s tells its end, or that it is stuck, once', (state) => {
    const told = ['succeeded', 'rejected', 'closed', 'abnormal'].includes(state) ? [`refund.${state}`] : [];
    const from = state === 'requested' ? 'processing' : 'requested';
    expect(refundEvents(aRefundRow({ state: from }), aRefundRow({ state }))).toEqual(told);
    expect(refundEvents(aRefundRow({ state }), aRefundRow({ state, refundId: '5' }))).toEqual([]);
  });
});
