import { describe, expect, it } from 'vitest';
import { wronglyTold } from '../../../src/entries/demo/told.js';

type Order = Parameters<typeof wronglyTold>[0][number];

const AT = '2026-01-01T00:00:00.000Z';
const sent = (id: string, fields: Partial<Order['events'][number]> = {}) => ({
  id,
  type: 'order.paid',
  deliveredAt: AT,
  ...fields,
});
const order = (state: string, ...events: Order['events']): Order => ({ orderNo: 'o', state, events });
const heard = (id: string, type = 'order.paid') => ({ id, type, orderNo: 'o' });

describe('a shop that knows', () => {
  it.each<[string, Order, ReturnType<typeof heard>[]]>([
    ['of one paid order, by one event', order('paid', sent('e1')), [heard('e1')]],
    [
      'of a paid order and what came after it',
      order('paid', sent('e1'), sent('e2', { type: 'refund.succeeded' })),
      [heard('e1'), heard('e2', 'refund.succeeded')],
    ],
    [
      'of a paid order whose money began to go back before it answered',
      order('paid', sent('e1', { deliveredAt: null }), sent('e2', { type: 'order.compensating' })),
      [heard('e1'), heard('e2', 'order.compensating')],
    ],
    ['of a closed order', order('closed', sent('e1', { type: 'order.closed' })), [heard('e1', 'order.closed')]],
  ])('%s', (_, known, events) => {
    expect(wronglyTold([known], events)).toEqual([]);
  });
});

describe('a shop that knows it wrongly: the order is named', () => {
  it.each<[string, Order, ReturnType<typeof heard>[]]>([
    ['paid, and nothing was ever sent', order('paid'), []],
    ['paid, and never delivered', order('paid', sent('e1', { deliveredAt: null })), []],
    ['believed delivered, and not heard', order('paid', sent('e1')), []],
    ['heard, and not believed delivered', order('paid', sent('e1', { deliveredAt: null })), [heard('e1')]],
    [
      'withdrawn, and not heard',
      order('paid', sent('e1', { deliveredAt: null }), sent('e2', { type: 'order.compensating' })),
      [heard('e2', 'order.compensating')],
    ],
    ['told twice, as two events', order('paid', sent('e1'), sent('e2')), [heard('e1'), heard('e2')]],
    ['a second event is on its way', order('paid', sent('e1'), sent('e2', { deliveredAt: null })), [heard('e1')]],
    ['heard twice, sent once', order('paid', sent('e1')), [heard('e1'), heard('e2')]],
    ['heard something else than what was sent', order('paid', sent('e1')), [heard('e2')]],
    ['told that it is paid, and it is closed', order('closed', sent('e1')), [heard('e1')]],
    [
      'told of an order that PaySaga does not know',
      { ...order('paid'), orderNo: 'other', state: 'closed' },
      [heard('e1')],
    ],
  ])('%s', (_, known, events) => {
    expect(wronglyTold([known], events)).toEqual(['o']);
  });

  it('only that one', () => {
    const other = { ...order('paid', sent('e2')), orderNo: 'other' };
    expect(wronglyTold([order('paid'), other], [{ ...heard('e2'), orderNo: 'other' }])).toEqual(['o']);
  });
});
