import { expect, it } from 'vitest';
import { pastOnly } from '../../src/channels/told-times.js';
import type { QueriedRefund, QueryAnswer } from '../../src/orders/rules/gateway-answer.js';
import { fakeGateway } from '../http/support/fake-gateway.js';
import { fen } from '../orders/rules/fixtures.js';
import { mchid } from './support/values.js';

const NOW_MS = Date.UTC(2026, 2, 1, 12);
const APART_MS = 300_000;
const options = { patience: 'brief' } as const;

function told(atMs: number | null) {
  const trade = {
    transactionId: '42',
    mchid: '1',
    appid: 'wx',
    tradeType: 'NATIVE',
    totalFen: fen(1),
    currency: 'CNY',
  };
  const payment = {
    payer: null,
    tradeType: null,
    payerCurrency: 'CNY',
    payerAmount: null,
    coupons: [],
    couponsLeftOut: 0,
  };
  const numbers = { refundId: '50', outRefundNo: 'R', outTradeNo: 'A', transactionId: '42' };
  const refund = { ...numbers, status: 'succeeded', refundFen: fen(1), totalFen: fen(1), successAtMs: atMs } as const;
  const details = { channel: null, receivedAccount: null, acceptedAtMs: atMs };
  return {
    query: { kind: 'paid', trade: { ...trade, successAtMs: atMs }, payment } satisfies QueryAnswer,
    queryRefund: { kind: 'found', refund, details } satisfies QueriedRefund,
  };
}

it.each([
  ['past', NOW_MS - 1, NOW_MS - 1],
  ['as far ahead as two clocks may be', NOW_MS + APART_MS, NOW_MS + APART_MS],
  ['still to come', NOW_MS + APART_MS + 1, null],
  ['of another century', Date.UTC(2099, 11, 31), null],
  ['not said', null, null],
])('a time that is %s', async (_what, said, kept) => {
  const answers = told(said);
  const gateway = pastOnly(
    {
      ...fakeGateway(mchid('1900000001')),
      query: () => Promise.resolve(answers.query),
      refund: () => Promise.resolve({ ...answers.queryRefund, kind: 'accepted' }),
      queryRefund: () => Promise.resolve(answers.queryRefund),
      abnormalRefund: () => Promise.resolve({ ...answers.queryRefund, kind: 'accepted' }),
    },
    () => new Date(NOW_MS),
  );
  const expected = told(kept);
  const number = { outTradeNo: 'A', outRefundNo: 'R', refundId: '50' } as never;
  expect(await gateway.query(number, options)).toEqual(expected.query);
  expect(await gateway.queryRefund(number, options)).toEqual(expected.queryRefund);
  expect(await gateway.refund(number, options)).toEqual({ ...expected.queryRefund, kind: 'accepted' });
  expect(await gateway.abnormalRefund(number, options)).toEqual({ ...expected.queryRefund, kind: 'accepted' });
});

it('an answer without a time is passed on as it is', async () => {
  const gateway = { ...fakeGateway(mchid('1900000001')), query: () => Promise.resolve({ kind: 'notPaid' } as const) };
  expect(await pastOnly(gateway, () => new Date(NOW_MS)).query({} as never, options)).toEqual({ kind: 'notPaid' });
});
