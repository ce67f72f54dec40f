import { describe, expect, it } from 'vitest';
import { fulfilmentDueMs } from '../../../src/orders/rules/fulfilment.js';
import { nextStep } from '../../../src/orders/rules/next-step.js';
import { projectionOf } from '../../../src/orders/rules/projection.js';
import { transition } from '../../../src/orders/rules/transition.js';
import { after, FIRST, paid, projected, START_MS, written } from './fixtures.js';
import { backOf, fulfils, heard, openOrder, paidBySecond, paidOrder, returned, toDeliver, TOLD } from './orders.js';
import { loadedOf, storedOf } from './rows.js';
import { flat } from './flat.js';

const DUE_MS = START_MS + 600_000;
const pending = () => paidOrder(fulfils());
const reported = (outcome: 'fulfilled' | 'rejected') => ({ type: 'fulfilmentReported', outcome }) as const;
const PAID_EVENT = { id: 'event-1', type: 'order.paid', tried: false } as const;
const delivered = { type: 'told', event: PAID_EVENT, outcome: { kind: 'delivered', atMs: START_MS } } as const;

describe('a paid order whose shop has to deliver', () => {
  it('waits for the shop and does not end', () => {
    expect(flat(pending())).toMatchObject({ state: 'paid', fulfilment: 'pending' });
    expect(nextStep(pending(), START_MS)).toEqual({ kind: 'wait', untilMs: null, poll: null });
  });

  it('ends once the shop has delivered', () => {
    const state = after(pending(), reported('fulfilled'));
    expect(flat(state).fulfilment).toBe('fulfilled');
    expect(backOf(state)).toBeNull();
    expect(nextStep(state, DUE_MS)).toBeUndefined();
  });

  it('gives the money back when the shop can not deliver', () => {
    const state = after(pending(), reported('rejected'));
    expect(flat(state)).toMatchObject({ state: 'paid', fulfilment: 'rejected', stuckReason: null, paidFen: 1200 });
    expect(nextStep(state, START_MS)).toEqual({ kind: 'return', outTradeNo: FIRST, cause: 'fulfilment_rejected' });
    expect(nextStep(after(state, returned()), DUE_MS)).toBeUndefined();
  });

  it('takes the first word of the shop only', () => {
    const fulfilled = after(pending(), reported('fulfilled'));
    expect(after(fulfilled, reported('rejected'))).toEqual(fulfilled);
    const rejected = after(pending(), reported('rejected'));
    expect(after(rejected, reported('fulfilled'))).toEqual(rejected);
  });
});

describe('an order that nobody has to fulfil', () => {
  it('expects no word of the shop, before it is paid or after', () => {
    for (const state of [openOrder(fulfils()), paidOrder()]) {
      expect(after(state, reported('rejected'))).toEqual(state);
      expect(after(state, { type: 'fulfilmentDue' })).toEqual(state);
      expect(fulfilmentDueMs(state)).toBeNull();
    }
  });

  it('ends when it is paid', () => {
    expect(flat(paidOrder()).fulfilment).toBe('none');
    expect(nextStep(paidOrder(), START_MS)).toBeUndefined();
  });
});

describe("the shop's time", () => {
  it('begins with the first 2xx to order.paid, not with the payment', () => {
    const told = after(pending(), heard({ kind: 'told', atMs: START_MS + 5_000 }));
    expect(fulfilmentDueMs(told)).toBe(DUE_MS + 5_000);
    expect(nextStep(told, START_MS)).toMatchObject({ kind: 'wait', untilMs: DUE_MS + 5_000 });
    expect(nextStep(told, DUE_MS + 4_999)).toMatchObject({ kind: 'wait' });
    expect(nextStep(told, DUE_MS + 5_000)).toEqual({ kind: 'overdue' });
  });

  it('is not begun anew by later deliveries, and not taken back', () => {
    const told = after(pending(), heard(TOLD));
    for (const later of [{ kind: 'told', atMs: DUE_MS }, { kind: 'unreachable' }, { kind: 'unaddressed' }] as const) {
      expect(after(told, heard(later))).toEqual(told);
    }
  });

  it('does not run while the shop was not told', () => {
    expect(nextStep(pending(), DUE_MS * 2)).toMatchObject({ kind: 'wait', untilMs: null });
    const unreachable = after(pending(), heard({ kind: 'unreachable' }));
    expect(flat(unreachable).stuckReason).toBe('shop_unreachable');
    expect(nextStep(unreachable, DUE_MS * 2)).toMatchObject({ kind: 'wait', untilMs: null });
    const reached = after(unreachable, heard({ kind: 'told', atMs: START_MS }));
    expect(flat(reached).stuckReason).toBeNull();
    expect(nextStep(reached, DUE_MS)).toEqual({ kind: 'overdue' });
  });

  it('of a shop that has no address runs from the payment', () => {
    const nobody = after(pending(), heard({ kind: 'unaddressed' }));
    expect(fulfilmentDueMs(nobody)).toBe(START_MS + 605_000);
  });

  it('is written down, so that a crash loses it not', () => {
    const told = after(pending(), heard(TOLD));
    expect(projectionOf(pending()).dueAtMs).toBeNull();
    expect(projectionOf(told).dueAtMs).toBe(DUE_MS);
    expect(flat(transition(pending(), heard(TOLD), START_MS)).changed).toBe(true);
  });
});

describe('a shop that misses its time', () => {
  const overdue = (onDeadline: 'refund' | 'review', shop = heard(TOLD)) =>
    after(paidOrder(fulfils(onDeadline)), shop, { type: 'fulfilmentDue' });

  it('is compensated for when its policy says so', () => {
    const state = overdue('refund');
    expect(flat(state)).toMatchObject({ state: 'paid', fulfilment: 'overdue', undecided: null, stuckReason: null });
    expect(nextStep(state, DUE_MS)).toEqual({ kind: 'return', outTradeNo: FIRST, cause: 'fulfilment_overdue' });
    expect(nextStep(after(state, returned()), DUE_MS)).toBeUndefined();
  });

  it('is left to a person when its policy says so', () => {
    const state = overdue('review');
    expect(flat(state)).toMatchObject({ fulfilment: 'overdue', undecided: 'review', stuckReason: 'review' });
    expect(backOf(state)).toBeNull();
    expect(nextStep(state, DUE_MS)).toEqual({ kind: 'wait', untilMs: null, poll: null });
  });

  it.each(['untold', 'unaddressed', 'unreachable'] as const)('but was %s costs nobody money', (kind) => {
    for (const onDeadline of ['refund', 'review'] as const) {
      const state = overdue(onDeadline, heard({ kind }));
      expect(flat(state)).toMatchObject({
        fulfilment: 'overdue',
        undecided: 'shop_unreachable',
        stuckReason: 'shop_unreachable',
      });
      expect(backOf(state)).toBeNull();
    }
  });

  it('comes too late with its word, and is overdue once', () => {
    for (const onDeadline of ['refund', 'review'] as const) {
      const state = overdue(onDeadline);
      expect(after(state, reported('fulfilled'))).toEqual(state);
      expect(after(state, reported('rejected'))).toEqual(state);
      expect(after(state, { type: 'fulfilmentDue' })).toEqual(state);
    }
  });

  it('costs only the money that paid the order', () => {
    const two = toDeliver(paidBySecond(), { latePayment: 'refund', ...fulfils() });
    const state = after(two, paid(), reported('rejected'));
    expect(flat(state).attempts.map(({ back }) => back?.cause)).toEqual(['second_payment', 'fulfilment_rejected']);
  });
});

describe('telling the shop', () => {
  const emitted = () => transition(transition(openOrder(fulfils()), paid(), START_MS), emittedNow(), START_MS);
  const emittedNow = () => projected(transition(openOrder(fulfils()), paid(), START_MS), [PAID_EVENT]);

  it('is the next thing once an event was written', () => {
    expect(nextStep(emitted(), START_MS)).toEqual({ kind: 'tell', event: PAID_EVENT });
  });

  it('that worked starts its time, and is done once', () => {
    const told = written(transition(emitted(), delivered, START_MS));
    expect(flat(told).shop).toEqual({ kind: 'told', atMs: START_MS });
    expect(nextStep(told, START_MS)).toEqual({ kind: 'wait', untilMs: DUE_MS, poll: null });
    const again = transition(told, projected(told, [PAID_EVENT]), START_MS);
    expect(nextStep(again, START_MS)).toMatchObject({ kind: 'wait' });
  });

  it.each(['later', 'over'] as const)('that is %s starts no time', (kind) => {
    const told = after(emitted(), { type: 'told', event: PAID_EVENT, outcome: { kind } });
    expect(flat(told)).toMatchObject({ shop: { kind: 'untold' }, outbox: [], handed: ['event-1'] });
  });

  it('that found no address is known', () => {
    const told = after(emitted(), { type: 'told', event: PAID_EVENT, outcome: { kind: 'unaddressed' } });
    expect(flat(told).shop).toEqual({ kind: 'unaddressed' });
  });

  it('of anything else says nothing about order.paid', () => {
    const event = { id: 'event-2', type: 'order.closed' } as const;
    const told = after(pending(), { ...delivered, event }, { ...delivered, event, outcome: { kind: 'unaddressed' } });
    expect(flat(told).shop).toEqual({ kind: 'untold' });
  });

  it('is not done again when Postgres is read before it was written there', () => {
    const told = transition(emitted(), { type: 'told', event: PAID_EVENT, outcome: { kind: 'later' } }, START_MS);
    const loaded = loadedOf(storedOf(pending()), { outbox: [PAID_EVENT] });
    const read = transition({ ...told, loading: 'all' }, loaded, START_MS);
    expect(flat(read)).toMatchObject({ outbox: [], handed: ['event-1'] });
  });

  it('keeps the order of the events', () => {
    const next = { id: 'event-2', type: 'order.compensating', tried: false } as const;
    const two = transition(pending(), projected(pending(), [PAID_EVENT, next]), START_MS);
    expect(nextStep(two, START_MS)).toEqual({ kind: 'tell', event: PAID_EVENT });
    const told = transition(two, delivered, START_MS);
    const kept = transition(told, projected(told, [next]), START_MS);
    expect(nextStep(kept, START_MS)).toEqual({ kind: 'tell', event: next });
  });
});
