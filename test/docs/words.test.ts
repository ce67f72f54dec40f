import { expect, test } from 'vitest';
import { MERCHANT_EVENT_TYPES } from '../../src/domain/merchant-event/event.js';
import { STUCK_REASONS } from '../../src/domain/order/states.js';
import { REFUND_RESOLVE_ACTIONS } from '../../src/domain/refund/states.js';
import { firstColumn, read } from './documents.js';

const operations = read('docs/operations.md');

test('the operations guide says of each stuck reason what to do', () => {
  expect(firstColumn(operations, 'merchant_config').toSorted()).toEqual([...STUCK_REASONS].toSorted());
});

test.each(REFUND_RESOLVE_ACTIONS)('the operations guide says when to decide %s', (action) => {
  expect(operations.text).toContain(`| \`${action}\``);
});

test.each(['README.md', 'README.zh.md'])('%s lists the events a shop is told, once each', (path) => {
  const rows = read(path)
    .text.split('\n')
    .filter((row) => /^\| `(order|refund)\.[a-z]+`/.test(row));
  const listed = rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, type]) => type));
  expect(listed.toSorted()).toEqual([...MERCHANT_EVENT_TYPES].toSorted());
});
