import { expect, test } from 'vitest';
import type { OrderEvent } from '../../../src/orders/rules/events.js';
import { orderOfRecord } from '../../../src/orders/rules/beginning.js';
import { projectionOf } from '../../../src/orders/rules/projection.js';
import type { FoundBy } from '../../../src/orders/rules/states.js';
import { after, anEvidence, anOrder, fen, FIRST, opened, paid } from './fixtures.js';
import { aRow } from './rows.js';
import { flat } from './flat.js';

const notified: OrderEvent = { type: 'evidence', evidence: anEvidence() };
const accept: OrderEvent = { type: 'resolveRequested', action: 'accept' };

test.each<[string, FoundBy, OrderEvent[]]>([
  ['its own polling', 'poll', [paid()]],
  ['the notify', 'notify', [notified, paid()]],
  ["the shop's sync", 'sync', [{ type: 'asked', why: 'sync' }, paid()]],
  ['a notify that came while a sync was asking', 'notify', [{ type: 'asked', why: 'sync' }, notified, paid()]],
  ['the deadline', 'close', [{ type: 'deadlineReached' }, paid()]],
  ['a recheck', 'operator', [{ type: 'asked', why: 'recheck' }, paid()]],
  [
    'a person who accepts another amount',
    'operator',
    [paid({ totalFen: fen(1100) }), accept, paid({ totalFen: fen(1100) })],
  ],
])('money is found by %s', (_, foundBy, events) => {
  const order = after(anOrder(), ...opened(), ...events);
  expect(flat(order)).toMatchObject({ state: 'paid', foundBy });
  expect(projectionOf(order).foundBy).toBe(foundBy);
});

test('what found it stays, whatever is asked later, and over a restart from the row', () => {
  const order = after(anOrder(), ...opened(), notified, paid(), { type: 'asked', why: 'recheck' }, paid());
  expect(flat(order).foundBy).toBe('notify');
  expect(flat(orderOfRecord(aRow({ state: 'paid', paidAttempt: FIRST, foundBy: 'sync' }))).foundBy).toBe('sync');
});

test('an order without money was found by nothing', () => {
  expect(flat(after(anOrder(), ...opened())).foundBy).toBeNull();
  expect(flat(after(anOrder(), ...opened(), paid({ totalFen: fen(1) }))).foundBy).toBeNull();
});
