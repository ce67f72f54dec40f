import { describe, expect, it } from 'vitest';
import { control, type Credentials, type Json } from './support/client.js';
import { daysAgo, fetchBill, moveTo, paid, type ReadBill } from './support/bill.js';
import { applyRefund, newRefundNo, refundBody } from './support/refund.js';
import { newNumber } from './support/trade.js';
import { useSandbox } from './support/use-sandbox.js';

const { sandbox, merchant } = useSandbox();

const trade = [
  ...['交易时间', '公众账号ID', '商户号', '特约商户号', '设备号', '微信订单号', '商户订单号', '用户标识', '交易类型'],
  ...['交易状态', '付款银行', '货币种类', '应结订单金额', '代金券金额'],
];
const refund = ['微信退款单号', '商户退款单号', '退款金额', '充值券退款金额', '退款类型', '退款状态'];
const rest = ['商品名称', '商户数据包', '手续费', '费率', '订单金额', '申请退款金额', '费率备注'];

/** A merchant of a test's own, at noon of a day that nobody used. */
async function nextNoon(): Promise<{ own: Credentials; date: string; search: string }> {
  const own = await control<Credentials>(sandbox, 'POST', '/merchants', {});
  return { own, date: await moveTo(sandbox, 1), search: `?mchid=${own.mchid}` };
}

async function refunded(own: Credentials, outTradeNo: string, total: number, refundFen: number): Promise<string> {
  const outRefundNo = newRefundNo();
  const body = refundBody(outTradeNo, outRefundNo, refundFen, {
    amount: { total, refund: refundFen, currency: 'CNY' },
  });
  const reply = await applyRefund(sandbox, own, body);
  if (reply.status !== 200) throw new Error(reply.text);
  return outRefundNo;
}

/** In hundred thousandths of a yuan. */
function sum(bill: ReadBill, column: string): bigint {
  return bill.rows.reduce((total, row) => total + exact(row[column] ?? ''), 0n);
}
function exact(text: string): bigint {
  const [whole = '', decimals = ''] = text.replace('-', '').split('.');
  const amount = BigInt(whole + decimals.padEnd(5, '0'));
  return text.startsWith('-') ? -amount : amount;
}

function expectSummaryFits(bill: ReadBill): void {
  const { summary } = bill;
  expect(summary['总交易单数']).toBe(String(bill.rows.length));
  expect(exact(summary['应结订单总金额'] ?? '')).toBe(sum(bill, '应结订单金额'));
  expect(exact(summary['手续费总金额'] ?? '')).toBe(sum(bill, '手续费'));
  expect(exact(summary['订单总金额'] ?? '')).toBe(sum(bill, '订单金额'));
  if (!bill.columns.includes('退款金额')) return;
  expect(exact(summary['退款总金额'] ?? '')).toBe(sum(bill, '退款金额'));
  expect(exact(summary['充值券退款总金额'] ?? '')).toBe(sum(bill, '充值券退款金额'));
  expect(exact(summary['申请退款总金额'] ?? '')).toBe(sum(bill, '申请退款金额'));
}

describe('the trade bill of a day', () => {
  it('prints a payment in 27 columns', async () => {
    const { own, date } = await nextNoon();
    const outTradeNo = newNumber();
    const transactionId = await paid(sandbox, own, outTradeNo, 1000, {
      product: 'jsapi',
      prepay: {
        description: '龙井,250 g\r\n两罐',
        attach: 'a,b',
        scene_info: { payer_client_ip: '203.0.113.7', device_id: 'till-1' },
      },
      pay: { couponFen: 300 },
    });
    await moveTo(sandbox, 1);
    const bill = await fetchBill(sandbox, own, 'tradebill', date);
    expect(bill.columns).toEqual([...trade, ...refund, ...rest]);
    expect(bill.rows).toEqual([
      {
        交易时间: expect.stringMatching(new RegExp(`^${date} 12:\\d\\d:\\d\\d$`)) as string,
        公众账号ID: own.appid,
        商户号: own.mchid,
        特约商户号: '0',
        设备号: 'till-1',
        微信订单号: transactionId,
        商户订单号: outTradeNo,
        用户标识: 'oBuyer',
        交易类型: 'JSAPI',
        交易状态: 'SUCCESS',
        付款银行: 'OTHERS',
        货币种类: 'CNY',
        应结订单金额: '10.00',
        代金券金额: '3.00',
        微信退款单号: '0',
        商户退款单号: '0',
        退款金额: '0.00',
        充值券退款金额: '0.00',
        退款类型: '',
        退款状态: '',
        商品名称: '龙井\\ 250 g\\r\\n两罐',
        商户数据包: 'a\\ b',
        手续费: '0.06000',
        费率: '0.60%',
        订单金额: '10.00',
        申请退款金额: '0.00',
        费率备注: '',
      },
    ]);
    expect(bill.summary).toEqual({
      总交易单数: '1',
      应结订单总金额: '10.00',
      退款总金额: '0.00',
      充值券退款总金额: '0.00',
      手续费总金额: '0.06000',
      订单总金额: '10.00',
      申请退款总金额: '0.00',
    });
  });

  it('prints a refund on the day it was accepted, with the fee and the coupon it gives back', async () => {
    const { own, search } = await nextNoon();
    const outTradeNo = newNumber();
    const transactionId = await paid(sandbox, own, outTradeNo, 1000, { pay: { couponFen: 300 } });
    const date = await moveTo(sandbox, 1);
    const outRefundNo = await refunded(own, outTradeNo, 1000, 500);
    await moveTo(sandbox, 1);
    const bill = await fetchBill(sandbox, own, 'tradebill', date);
    const [{ refund_id }] = await control<[Json]>(sandbox, 'GET', `/refunds${search}`);
    expect(bill.rows).toEqual([
      expect.objectContaining({
        交易状态: 'REFUND',
        微信订单号: transactionId,
        商户订单号: outTradeNo,
        应结订单金额: '0.00',
        代金券金额: '0.00',
        微信退款单号: refund_id,
        商户退款单号: outRefundNo,
        退款金额: '5.00',
        充值券退款金额: '1.50',
        退款类型: 'ORIGINAL',
        退款状态: 'SUCCESS',
        手续费: '-0.03000',
        费率: '0.60%',
        订单金额: '0.00',
        申请退款金额: '5.00',
      }),
    ]);
    expect(bill.summary).toMatchObject({ 总交易单数: '1', 手续费总金额: '-0.03000', 申请退款总金额: '5.00' });
    expectSummaryFits(bill);
  });

  it('has 20 columns for SUCCESS and 29 for REFUND, each with its own lines', async () => {
    const { own, date } = await nextNoon();
    const outTradeNo = newNumber();
    await paid(sandbox, own, outTradeNo, 1000);
    await refunded(own, outTradeNo, 1000, 500);
    await moveTo(sandbox, 1);
    const all = await fetchBill(sandbox, own, 'tradebill', date, '&bill_type=ALL');
    const payments = await fetchBill(sandbox, own, 'tradebill', date, '&bill_type=SUCCESS');
    const refunds = await fetchBill(sandbox, own, 'tradebill', date, '&bill_type=REFUND');
    const goods = rest.filter((column) => column !== '申请退款金额');
    expect(payments.columns).toEqual([...trade, ...goods]);
    expect(refunds.columns).toEqual([...trade, '退款申请时间', '退款成功时间', ...refund, ...rest]);
    expect(Object.keys(payments.summary)).toEqual(['总交易单数', '应结订单总金额', '手续费总金额', '订单总金额']);
    expect(Object.keys(refunds.summary)).toEqual(Object.keys(all.summary));
    expect(all.rows.map((row) => row['交易状态'])).toEqual(['SUCCESS', 'REFUND']);
    expect(payments.rows.map((row) => row['交易状态'])).toEqual(['SUCCESS']);
    expect(refunds.rows.map((row) => row['交易状态'])).toEqual(['REFUND']);
    expect(refunds.rows[0]?.['退款申请时间']).toBe(refunds.rows[0]?.['交易时间']);
    expect(refunds.rows[0]?.['退款成功时间']).toMatch(new RegExp(`^${date} `));
    for (const bill of [all, payments, refunds]) expectSummaryFits(bill);
  });

  it('ends at midnight in Beijing', async () => {
    const { own, date, search } = await nextNoon();
    const next = await daysAgo(sandbox, -1);
    const times = [`${date}T00:00:00+08:00`, `${date}T23:59:59+08:00`, `${next}T00:00:00+08:00`];
    for (const [index, successTime] of times.entries()) {
      const made = { outTradeNo: `MIDNIGHT-${index}`, totalFen: 100, state: 'SUCCESS', successTime };
      await control(sandbox, 'POST', `/trades${search}`, made);
    }
    await moveTo(sandbox, 2);
    const numbers = async (day: string) =>
      (await fetchBill(sandbox, own, 'tradebill', day)).rows.map((row) => [row['商户订单号'], row['交易时间']]);
    expect(await numbers(date)).toEqual([
      ['MIDNIGHT-0', `${date} 00:00:00`],
      ['MIDNIGHT-1', `${date} 23:59:59`],
    ]);
    expect(await numbers(next)).toEqual([['MIDNIGHT-2', `${next} 00:00:00`]]);
  });

  it('shows a refund as it stood at 10:00, and no later end changes a byte', async () => {
    const { own, date, search } = await nextNoon();
    await control(sandbox, 'PUT', `/settings${search}`, { refundDelayMs: 30 * 86_400_000 });
    const numbers: string[] = [];
    for (let index = 0; index < 4; index += 1) {
      const outTradeNo = newNumber();
      await paid(sandbox, own, outTradeNo, 1000);
      numbers.push(await refunded(own, outTradeNo, 1000, 1000));
    }
    const settle = (index: number, status: string) =>
      control(sandbox, 'POST', `/refunds/${encodeURIComponent(numbers[index] ?? '')}/settle${search}`, { status });
    await moveTo(sandbox, 1, '09:58:00');
    await settle(0, 'SUCCESS');
    await settle(1, 'CLOSED');
    await moveTo(sandbox, 0, '10:00:00');
    const first = await fetchBill(sandbox, own, 'tradebill', date);
    const states = first.rows.filter((row) => row['交易状态'] === 'REFUND').map((row) => row['退款状态']);
    expect(states).toEqual(['SUCCESS', 'PROCESSING', 'PROCESSING', 'PROCESSING']);
    await settle(2, 'SUCCESS');
    await settle(3, 'ABNORMAL');
    await moveTo(sandbox, 1);
    expect((await fetchBill(sandbox, own, 'tradebill', date)).bytes).toEqual(first.bytes);
  });

  it('gives the whole fee back with the last refund, whatever the parts', async () => {
    const { own, date } = await nextNoon();
    const outTradeNo = newNumber();
    await paid(sandbox, own, outTradeNo, 9999);
    for (const part of [1, 333, 4000, 5665]) {
      await refunded(own, outTradeNo, 9999, part);
      await control(sandbox, 'POST', '/clock', { advanceSeconds: 61 });
    }
    await moveTo(sandbox, 1);
    const bill = await fetchBill(sandbox, own, 'tradebill', date);
    expect(bill.rows.map((row) => row['手续费'])).toEqual([
      ...['0.60000', '0.00000', '-0.02000', '-0.24000', '-0.34000'],
    ]);
    expect(bill.summary['手续费总金额']).toBe('0.00000');
    expectSummaryFits(bill);
  });

  it('gives the fee of money back again when the refund that held it was closed', async () => {
    const { own, date, search } = await nextNoon();
    await control(sandbox, 'PUT', `/settings${search}`, { refundDelayMs: 30 * 86_400_000 });
    const outTradeNo = newNumber();
    await paid(sandbox, own, outTradeNo, 10_000);
    const closed = encodeURIComponent(await refunded(own, outTradeNo, 10_000, 10_000));
    await control(sandbox, 'POST', `/refunds/${closed}/settle${search}`, { status: 'CLOSED' });
    await control(sandbox, 'POST', '/clock', { advanceSeconds: 61 });
    await refunded(own, outTradeNo, 10_000, 5000);
    await moveTo(sandbox, 1);
    const { rows } = await fetchBill(sandbox, own, 'tradebill', date);
    expect(rows.map((row) => row['手续费'])).toEqual(['0.60000', '-0.60000', '-0.30000']);
  });

  it('has its lines in the order of their times', async () => {
    const { own, date, search } = await nextNoon();
    for (const time of ['11:00:00', '09:00:00', '10:00:00']) {
      const made = { outTradeNo: `AT-${time.replaceAll(':', '-')}`, totalFen: 100, state: 'SUCCESS' };
      await control(sandbox, 'POST', `/trades${search}`, { ...made, successTime: `${date}T${time}+08:00` });
    }
    const outRefundNo = await refunded(own, 'AT-09-00-00', 100, 100);
    await paid(sandbox, own, newNumber(), 100);
    await moveTo(sandbox, 1);
    const { rows } = await fetchBill(sandbox, own, 'tradebill', date);
    const numbers = rows.slice(0, 4).map((row) => [row['商户订单号'], row['商户退款单号']]);
    expect(numbers).toEqual([
      ['AT-09-00-00', '0'],
      ['AT-10-00-00', '0'],
      ['AT-11-00-00', '0'],
      ['AT-09-00-00', outRefundNo],
    ]);
    const fund = (await fetchBill(sandbox, own, 'fundflowbill', date)).rows.map((row) => row['账户结余(元)']);
    expect(fund).toEqual(['1.00', '0.99', '1.99', '1.98', '2.98', '2.97', '1.97', '1.98', '2.98', '2.97']);
  });

  it('adds up amounts that no float can hold', async () => {
    const { own, date, search } = await nextNoon();
    const most = Number.MAX_SAFE_INTEGER;
    for (const outTradeNo of [newNumber(), newNumber()]) {
      await control(sandbox, 'POST', `/trades${search}`, { outTradeNo, totalFen: most, state: 'SUCCESS' });
    }
    await moveTo(sandbox, 1);
    const bill = await fetchBill(sandbox, own, 'tradebill', date);
    expect(bill.rows[0]).toMatchObject({ 订单金额: '90071992547409.91', 手续费: '540431955284.46000' });
    expect(bill.summary).toMatchObject({ 订单总金额: '180143985094819.82', 手续费总金额: '1080863910568.92000' });
    expectSummaryFits(bill);
  });

  it('is UTF-8 with a byte order mark and CRLF, and begins every value with a backtick', async () => {
    const { own, date } = await nextNoon();
    await paid(sandbox, own, newNumber(), 1000, { prepay: { description: '`龙井`' } });
    await moveTo(sandbox, 1);
    const { bytes, rows, hashFits } = await fetchBill(sandbox, own, 'tradebill', date);
    expect(hashFits).toBe(true);
    expect(bytes.subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
    const lines = bytes.subarray(3).toString().split('\r\n');
    expect(lines.map((line) => line.startsWith('`'))).toEqual([false, true, false, true, false]);
    expect(lines.at(-1)).toBe('');
    expect(lines.join('')).not.toMatch(/[\r\n]/);
    expect(rows[0]?.['商品名称']).toBe('`龙井`');
  });

  it('has the payments of every appid, of this merchant only', async () => {
    const own = await control<Credentials>(sandbox, 'POST', '/merchants', { appids: ['wxone', 'wxtwo'] });
    const date = await moveTo(sandbox, 1);
    await paid(sandbox, own, newNumber(), 100, { prepay: { appid: 'wxone' } });
    await paid(sandbox, own, newNumber(), 100, { prepay: { appid: 'wxtwo' } });
    await paid(sandbox, merchant, newNumber(), 100);
    await moveTo(sandbox, 1);
    const { rows } = await fetchBill(sandbox, own, 'tradebill', date);
    expect(rows.map((row) => row['公众账号ID'])).toEqual(['wxone', 'wxtwo']);
  });
});
