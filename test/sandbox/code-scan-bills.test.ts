import { beforeAll, expect, it } from 'vitest';
import { fetchBill, moveTo, type ReadBill } from './support/bill.js';
import { control } from './support/client.js';
import { charge, newCode, reverse } from './support/code-scan.js';
import { newNumber } from './support/trade.js';
import { useSandbox } from './support/use-sandbox.js';

const { sandbox, merchant } = useSandbox();

const [kept, taken, unpaid] = [newNumber(), newNumber(), newNumber()];
let trade: ReadBill;
let successes: ReadBill;
let refunds: ReadBill;
let fund: ReadBill;

/** A day with a trade that stays paid, one that was reversed paid, and one that was reversed unpaid. */
beforeAll(async () => {
  const date = await moveTo(sandbox, 1);
  for (const [number, payer, couponFen] of [
    [kept, 'pays', 0],
    [taken, 'pays', 200],
    [unpaid, 'silent', 0],
  ] as const) {
    await charge(sandbox, merchant, number, await newCode(sandbox, { payer, couponFen }), { attach: 'till 3' });
  }
  await control(sandbox, 'POST', '/clock', { advanceSeconds: 60 });
  for (const number of [taken, unpaid]) await reverse(sandbox, merchant, number);
  await moveTo(sandbox, 1);
  trade = await fetchBill(sandbox, merchant, 'tradebill', date);
  successes = await fetchBill(sandbox, merchant, 'tradebill', date, '&bill_type=SUCCESS');
  refunds = await fetchBill(sandbox, merchant, 'tradebill', date, '&bill_type=REFUND');
  fund = await fetchBill(sandbox, merchant, 'fundflowbill', date);
});

it('a reversed payment keeps its line, and has another one beside it that gives the money back', () => {
  expect(trade.rows.map((row) => [row['商户订单号'], row['交易状态']])).toEqual([
    [kept, 'SUCCESS'],
    [taken, 'SUCCESS'],
    [taken, 'REVOKED'],
  ]);
  const [, paid, reversed] = trade.rows;
  expect(paid).toMatchObject({ 交易类型: 'MICROPAY', 订单金额: '12.00', 代金券金额: '2.00', 手续费: '0.07000' });
  expect(reversed).toMatchObject({
    交易类型: 'MICROPAY',
    微信订单号: paid?.['微信订单号'],
    商户订单号: taken,
    商户退款单号: taken,
    应结订单金额: '0.00',
    订单金额: '0.00',
    申请退款金额: '12.00',
    退款金额: '12.00',
    充值券退款金额: '2.00',
    退款类型: 'ORIGINAL',
    退款状态: 'SUCCESS',
    手续费: '-0.07000',
    商户数据包: 'till 3',
  });
  expect(reversed?.['微信退款单号']).toMatch(/^503\d{26}$/);
  expect(trade.summary).toMatchObject({
    总交易单数: '3',
    订单总金额: '24.00',
    申请退款总金额: '12.00',
    手续费总金额: '0.07000',
  });
});

it('its second line is one of refunds, and not of payments', () => {
  expect(successes.rows.map((row) => row['商户订单号'])).toEqual([kept, taken]);
  expect(refunds.rows.map((row) => [row['商户订单号'], row['交易状态']])).toEqual([[taken, 'REVOKED']]);
  expect(refunds.rows[0]?.['退款成功时间']).toBe(refunds.rows[0]?.['交易时间']);
});

it('the money leaves the account again, and its fee comes back', () => {
  const ofTaken = fund.rows.slice(2);
  expect(ofTaken.map((row) => [row['业务类型'], row['收支类型'], row['收支金额(元)']])).toEqual([
    ['交易', '收入', '12.00'],
    ['扣除交易手续费', '支出', '0.07'],
    ['退款', '支出', '12.00'],
    ['退还交易手续费', '收入', '0.07'],
  ]);
  const [payment, , back] = ofTaken;
  expect(payment?.['微信支付业务单号']).toBe(trade.rows[1]?.['微信订单号']);
  expect(back).toMatchObject({ 微信支付业务单号: trade.rows[2]?.['微信退款单号'], 业务凭证号: taken });
  expect(fund.rows.at(-1)?.['账户结余(元)']).toBe('11.93');
});
