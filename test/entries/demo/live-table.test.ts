import { expect, it } from 'vitest';
import { createLiveTable, type Row } from '../../../src/entries/demo/live-table.js';

const row = (state: string, fields: Partial<Row> = {}): Row => ({
  orderNo: 'demo-1',
  title: 'paid by notify',
  state,
  lastEvent: '',
  isAsExpected: false,
  seconds: 3,
  ...fields,
});

const NOTE = 'the day before: balanced';

function screen(terminal: { isTTY: boolean; columns?: number; rows?: number }) {
  const writes: string[] = [];
  const write = (text: string): boolean => writes.push(text) > 0;
  return { writes, table: createLiveTable({ ...terminal, write } as unknown as NodeJS.WriteStream) };
}

it('away from a terminal each change is one line, and the table comes once at the end', () => {
  const { writes, table } = screen({ isTTY: false });
  for (const state of ['creating', 'creating', 'paid', 'paid']) table.show([row(state)], NOTE);
  table.show([row('paid', { lastEvent: 'order.paid' })], NOTE);
  const changes = ['demo-1: creating\n', `${NOTE}\n`, 'demo-1: paid\n', 'demo-1: paid; told order.paid\n'];
  expect(writes).toEqual(changes);
  table.show([row('paid', { lastEvent: 'order.paid' })], 'it differs');
  expect(writes).toEqual([...changes, 'it differs\n']);
  table.finish([row('paid')], NOTE);
  expect(writes).toHaveLength(6);
  expect(writes[5]).toContain('paid by notify');
  expect(writes[5]?.endsWith(`┘\n${NOTE}\n`)).toBe(true);
  expect(writes.join('')).not.toContain('\x1b[');
});

it('on a terminal the table is drawn over itself, as many lines up as it had', () => {
  const { writes, table } = screen({ isTTY: true });
  table.show([row('creating')], NOTE);
  const lines = (writes[0] ?? '').split('\n').length - 1;
  table.show([row('creating'), row('paid')], NOTE);
  expect(writes[1]).toBe(`\x1b[${lines}A\x1b[0J`);
});

it('a table that is larger than the terminal is cut to it until it is final', () => {
  const { writes, table } = screen({ isTTY: true, columns: 20, rows: 4 });
  table.show([row('creating'), row('paid')], NOTE);
  const shown = (writes[0] ?? '').trimEnd().split('\n');
  expect(shown).toHaveLength(3);
  expect(shown.map((line) => line.length)).toEqual([20, 20, 20]);
  table.finish([row('creating'), row('paid')], NOTE);
  expect(writes.at(-1)).toContain('paid by notify');
});

it('on a terminal that does not know its size nothing is cut', () => {
  const { writes, table } = screen({ isTTY: true, columns: 0, rows: 0 });
  table.show([row('paid')], NOTE);
  expect(writes[0]).toContain('paid by notify');
});

it('only an order that is as expected is ticked off, and at the end the others are crossed out', () => {
  const { writes, table } = screen({ isTTY: true });
  table.show([row('paid'), row('closed', { isAsExpected: true, lastEvent: 'order.closed' })], NOTE);
  expect(writes[0]).toMatch(/│ {3}paid +│ +│/);
  expect(writes[0]).toMatch(/✓ closed +│ order\.closed +│/);
  expect(writes[0]).not.toContain('✗');
  table.finish([row('paid')], NOTE);
  expect(writes.at(-1)).toContain('✗ paid');
});
