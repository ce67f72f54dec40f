import { describe as group, expect, it, test } from 'vitest';
import type { DemoOrderDetail } from '../../../src/entries/demo/shop.js';
import type { HeardEvent } from '../../../src/entries/demo/shop-endpoint.js';
import { describe, objection, wronglyTold } from '../../../src/entries/demo/verdict.js';

const order = (fields: Partial<DemoOrderDetail> = {}): DemoOrderDetail => ({
  orderNo: 'o',
  state: 'paid',
  closedReason: null,
  reviewReason: null,
  stuckReason: null,
  fulfilment: 'none',
  paidFen: 100,
  refundedFen: 0,
  refundingFen: 0,
  returnedFen: 0,
  attempts: [{ outTradeNo: 'o', state: 'succeeded', paidFen: 100 }],
  refunds: [],
  events: [],
  evidence: [],
  explain: { lastAnswer: null },
  ...fields,
});
const second = { outTradeNo: 'o*2', state: 'succeeded', paidFen: 100 };

test.each<[string, Partial<DemoOrderDetail>]>([
  ['paid', {}],
  ['awaitingPayment [gateway_unreachable]', { state: 'awaitingPayment', stuckReason: 'gateway_unreachable' }],
  ['closed (expired)', { state: 'closed', closedReason: 'expired', paidFen: 0, attempts: [] }],
  ['review (amount_mismatch) [review]', { state: 'review', reviewReason: 'amount_mismatch', stuckReason: 'review' }],
  ['paid, fulfilment rejected, refunded', { fulfilment: 'rejected', refundedFen: 100 }],
  ['paid, partly refunded, refunding', { refundedFen: 40, refundingFen: 30 }],
  ['paid, returned', { attempts: [...order().attempts, second], returnedFen: 100 }],
  ['paid, partly returned', { attempts: [...order().attempts, second], returnedFen: 99 }],
  ['closed (cancelled), returned', { state: 'closed', closedReason: 'cancelled', paidFen: 0, returnedFen: 100 }],
])('an order is described: %s', (words, fields) => {
  expect(describe(order(fields))).toBe(words);
});

group('what is not as expected is said', () => {
  const expectation = { expected: 'paid', told: ['order.review', 'order.paid'] };
  const sent = (id: string, type: string, deliveredAt: string | null = '2026-01-01T00:00:00.000Z') => ({
    id,
    type,
    deliveredAt,
  });
  const heard = (id: string, type: string): HeardEvent => ({ id, type, orderNo: 'o', version: 1, tries: 1 });
  const events = [sent('1', 'order.review'), sent('2', 'order.paid')];
  const told = [heard('1', 'order.review'), heard('2', 'order.paid')];

  it('and nothing where all is well', () => {
    expect(objection(expectation, order({ events }), told)).toBeUndefined();
    // A slow delivery, or a second try, comes after a later event.
    expect(objection(expectation, order({ events }), told.toReversed())).toBeUndefined();
  });

  it('and nothing where the money began to go back before the answer of a shop that heard it', () => {
    const compensated = { expected: 'paid', told: ['order.paid', 'order.compensating'] };
    const slow = [sent('1', 'order.paid', null), sent('2', 'order.compensating')];
    const both = [heard('1', 'order.paid'), heard('2', 'order.compensating')];
    expect(objection(compensated, order({ events: slow }), both)).toBeUndefined();
    const untold = [sent('1', 'order.paid'), sent('2', 'order.compensating', null)];
    expect(objection(compensated, order({ events: untold }), both)).toBe('not yet delivered: order.compensating');
  });

  it.each<[string, DemoOrderDetail, HeardEvent[]]>([
    ['it is paid, partly refunded, not paid', order({ events, refundedFen: 1 }), told],
    ['the shop heard nothing, not order.review, order.paid', order({ events }), []],
    [
      'the shop heard order.review, order.paid, order.paid, not order.review, order.paid',
      order({ events }),
      [...told, heard('3', 'order.paid')],
    ],
    [
      'not yet delivered: order.paid',
      order({ events: [sent('1', 'order.review'), sent('2', 'order.paid', null)] }),
      told,
    ],
    ['delivered, and not heard: order.paid', order({ events: [...events, sent('3', 'order.paid')] }), told],
  ])('%s', (why, found, hearsay) => {
    expect(objection(expectation, found, hearsay)).toBe(why);
  });
});

type Told = Parameters<typeof wronglyTold>[0][number];

const AT = '2026-01-01T00:00:00.000Z';
const paidEvent = (id: string, fields: Partial<Told['events'][number]> = {}) => ({
  id,
  type: 'order.paid',
  deliveredAt: AT,
  ...fields,
});
const orderIn = (state: string, ...events: Told['events']): Told => ({ orderNo: 'o', state, events });
const heardAs = (id: string, type = 'order.paid') => ({ id, type, orderNo: 'o' });

group('a shop that knows', () => {
  it.each<[string, Told, ReturnType<typeof heardAs>[]]>([
    ['of one paid order, by one event', orderIn('paid', paidEvent('e1')), [heardAs('e1')]],
    [
      'of a paid order and what came after it',
      orderIn('paid', paidEvent('e1'), paidEvent('e2', { type: 'refund.succeeded' })),
      [heardAs('e1'), heardAs('e2', 'refund.succeeded')],
    ],
    [
      'of a paid order whose money began to go back before it answered',
      orderIn('paid', paidEvent('e1', { deliveredAt: null }), paidEvent('e2', { type: 'order.compensating' })),
      [heardAs('e1'), heardAs('e2', 'order.compensating')],
    ],
    [
      'of a closed order',
      orderIn('closed', paidEvent('e1', { type: 'order.closed' })),
      [heardAs('e1', 'order.closed')],
    ],
  ])('%s', (_, known, events) => {
    expect(wronglyTold([known], events)).toEqual([]);
  });
});

group('a shop that knows it wrongly: the order is named', () => {
  it.each<[string, Told, ReturnType<typeof heardAs>[]]>([
    ['paid, and nothing was ever sent', orderIn('paid'), []],
    ['paid, and never delivered', orderIn('paid', paidEvent('e1', { deliveredAt: null })), []],
    ['believed delivered, and not heard', orderIn('paid', paidEvent('e1')), []],
    ['heard, and not believed delivered', orderIn('paid', paidEvent('e1', { deliveredAt: null })), [heardAs('e1')]],
    [
      'withdrawn, and not heard',
      orderIn('paid', paidEvent('e1', { deliveredAt: null }), paidEvent('e2', { type: 'order.compensating' })),
      [heardAs('e2', 'order.compensating')],
    ],
    ['told twice, as two events', orderIn('paid', paidEvent('e1'), paidEvent('e2')), [heardAs('e1'), heardAs('e2')]],
    [
      'a second event is on its way',
      orderIn('paid', paidEvent('e1'), paidEvent('e2', { deliveredAt: null })),
      [heardAs('e1')],
    ],
    ['heard twice, sent once', orderIn('paid', paidEvent('e1')), [heardAs('e1'), heardAs('e2')]],
    ['heard something else than what was sent', orderIn('paid', paidEvent('e1')), [heardAs('e2')]],
    ['told that it is paid, and it is closed', orderIn('closed', paidEvent('e1')), [heardAs('e1')]],
    [
      'told of an order that PaySaga does not know',
      { ...orderIn('paid'), orderNo: 'other', state: 'closed' },
      [heardAs('e1')],
    ],
  ])('%s', (_, known, events) => {
    expect(wronglyTold([known], events)).toEqual(['o']);
  });

  it('only that one', () => {
    const other = { ...orderIn('paid', paidEvent('e2')), orderNo: 'other' };
    expect(wronglyTold([orderIn('paid'), other], [{ ...heardAs('e2'), orderNo: 'other' }])).toEqual(['o']);
  });
});
