import { expect, it } from 'vitest';
import { parseMchid, type Mchid } from '../../../src/base/ids.js';
import { enteredBulk, readBulk, type EnteredBulk } from '../../../src/bulk/page/entered.js';

const MCHID = mchid('1900000001');
const NOW = new Date('2026-03-01T10:00:00Z');

function mchid(text: string): Mchid {
  const parsed = parseMchid(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

const entered = (change: Partial<EnteredBulk> = {}): EnteredBulk =>
  enteredBulk({ mchid: MCHID, action: 'recheck', reason: 'the bank was down', ...change });

const read = (change: Partial<EnteredBulk> = {}) =>
  readBulk(entered(change), { mchids: [MCHID], actor: 'Li Lei' }, NOW);

it('what is filled in becomes the request, what is left out stays out', () => {
  expect(read()).toEqual({
    ok: true,
    value: { mchid: MCHID, action: 'recheck', filter: {}, reason: 'the bank was down', actor: 'Li Lei' },
  });
  const whole = read({
    action: 'extend',
    until: '2026-03-03T18:00',
    state: 'awaitingPayment',
    stuckReason: 'any',
    createdFrom: '2026-03-01T00:00',
    createdTo: '2026-03-02T00:00',
  });
  expect(whole).toMatchObject({
    ok: true,
    value: {
      until: new Date('2026-03-03T10:00:00Z'),
      filter: {
        state: 'awaitingPayment',
        stuckReason: 'any',
        createdFrom: new Date('2026-02-28T16:00:00Z'),
        createdTo: new Date('2026-03-01T16:00:00Z'),
      },
    },
  });
});

it('numbers come as people paste them, each once', () => {
  const orderNos = ' A-1001\r\nA-1002, A-1003；A-1001、A-1004 ';
  expect(read({ orderNos })).toMatchObject({
    value: { filter: { orderNos: ['A-1001', 'A-1002', 'A-1003', 'A-1004'] } },
  });
});

it('a link may give times as the API does', () => {
  expect(entered({ createdFrom: '2026-03-01T00:00:00.000Z' }).createdFrom).toBe('2026-03-01T08:00');
  expect(entered({ createdFrom: '2026-13-01T00:00:00Z' }).createdFrom).toBe('2026-13-01T00:00:00Z');
});

it.each<[Partial<EnteredBulk>, object]>([
  [{ mchid: '1900000002' }, { mchid: 'merchant_unknown' }],
  [{ action: 'close' }, { action: 'action_unknown' }],
  [{ state: 'lost' }, { state: 'filter_unknown' }],
  [{ stuckReason: 'bored' }, { stuckReason: 'filter_unknown' }],
  [{ createdFrom: 'yesterday' }, { createdFrom: 'time_invalid' }],
  [{ createdFrom: '2026-03-02T00:00', createdTo: '2026-03-02T00:00' }, { createdTo: 'range_empty' }],
  [{ orderNos: 'A-100001\0' }, { orderNos: 'numbers_invalid' }],
  [{ orderNos: '\ud800' }, { orderNos: 'numbers_invalid' }],
  [{ createdFrom: '0000-03-02T00:00' }, { createdFrom: 'time_invalid' }],
  [{ orderNos: 'x'.repeat(65) }, { orderNos: 'numbers_invalid' }],
  [{ orderNos: Array.from({ length: 1_001 }, (_, n) => `A-${n}`).join(' ') }, { orderNos: 'numbers_invalid' }],
  [{ action: 'extend' }, { until: 'until_required' }],
  [{ action: 'extend', until: '2026-03-01T18:00' }, { until: 'until_required' }],
  [{ action: 'extend', until: '2026-03-08T18:01' }, { until: 'until_required' }],
  [{ until: '2026-03-03T18:00' }, { until: 'until_unwanted' }],
  [{ reason: ' ' }, { reason: 'reason_required' }],
  [
    { reason: '', action: '' },
    { reason: 'reason_required', action: 'action_unknown' },
  ],
])('%j is refused at its fields', (change, errors) => {
  expect(read(change)).toEqual({ ok: false, error: errors });
});
