import { expect, it } from 'vitest';
import { createLiveTable, type Row } from '../../../src/entries/demo/live-table.js';

const row = (state: string): Row => ({
  orderNo: 'demo-1',
  title: 'paid by notify',
  expected: 'paid',
  state,
  seconds: 3,
});

function screen(isTTY: boolean) {
  const writes: string[] = [];
  const write = (text: string): boolean => writes.push(text) > 0;
  return { writes, table: createLiveTable({ isTTY, write } as unknown as NodeJS.WriteStream) };
}

it('away from a terminal each change is one line, and the table comes once at the end', () => {
  const { writes, table } = screen(false);
  for (const state of ['creating', 'creating', 'paid', 'paid']) table.show([row(state)]);
  expect(writes).toEqual(['demo-1: creating\n', 'demo-1: paid\n']);
  table.finish([row('paid')]);
  expect(writes).toHaveLength(3);
  expect(writes[2]).toContain('paid by notify');
  expect(writes.join('')).not.toContain('\x1b[');
});

it('on a terminal the table is drawn over itself, as many lines up as it had', () => {
  const { writes, table } = screen(true);
  table.show([row('creating')]);
  const lines = (writes[0] ?? '').split('\n').length - 1;
  table.show([row('creating'), row('paid')]);
  expect(writes[1]).toBe(`\x1b[${lines}A\x1b[0J`);
});

it('only an order that is as expected is ticked off', () => {
  const { writes, table } = screen(false);
  table.finish([row('closed (expired)')]);
  table.finish([row('paid')]);
  expect(writes.at(0)).not.toContain('✓');
  expect(writes.at(-1)).toContain('✓ paid');
});
