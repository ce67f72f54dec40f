import { describe, expect, it } from 'vitest';
import { control, type Credentials, type Json } from './support/client.js';
import { applyFor, fetchBill, moveTo, paid } from './support/bill.js';
import { applyRefund, newRefundNo, refundBody } from './support/refund.js';
import { newNumber } from './support/trade.js';
import { useSandbox } from './support/use-sandbox.js';

const { sandbox } = useSandbox();

const newMerchant = () => control<Credentials>(sandbox, 'POST', '/merchants', {});

describe('the fund-flow bill of a day', () => {
  it('books a payment and its fee, a refund and the fee it gives back', async () => {
    const own = await newMerchant();
    const date = await moveTo(sandbox, 1);
    const outTradeNo = newNumber();
    const outRefundNo = newRefundNo();
    const transactionId = await paid(sandbox, own, outTradeNo, 1200);
    await applyRefund(sandbox, own, refundBody(outTradeNo, outRefundNo, 600));
    const [{ refund_id }] = await control<[Json]>(sandbox, 'GET', `/refunds?mchid=${own.mchid}`);
    await moveTo(sandbox, 1);
    const bill = await fetchBill(sandbox, own, 'fundflowbill', date);
    expect(bill.columns).toEqual([
      ...['记账时间', '微信支付业务单号', '资金流水单号', '业务名称', '业务类型', '收支类型', '收支金额(元)'],
      ...['账户结余(元)', '资金变更提交申请人', '备注', '业务凭证号'],
    ]);
    const shown = [
      '微信支付业务单号',
      '业务名称',
      '业务类型',
      '收支类型',
      '收支金额(元)',
      '账户结余(元)',
      '业务凭证号',
    ];
    expect(bill.rows.map((row) => shown.map((column) => row[column]))).toEqual([
      [transactionId, '交易', '交易', '收入', '12.00', '12.00', outTradeNo],
      [transactionId, '交易', '扣除交易手续费', '支出', '0.07', '11.93', outTradeNo],
      [refund_id, '退款', '退款', '支出', '6.00', '5.93', outRefundNo],
      [refund_id, '退款', '退还交易手续费', '收入', '0.03', '5.96', outRefundNo],
    ]);
    expect(bill.rows.every((row) => row['记账时间']?.startsWith(`${date} 12:`))).toBe(true);
    expect(new Set(bill.rows.map((row) => row['资金流水单号'])).size).toBe(4);
    expect(bill.summary).toEqual({
      资金流水总笔数: '4',
      收入笔数: '2',
      收入金额: '12.03',
      支出笔数: '2',
      支出金额: '6.07',
    });
    expect(bill.hashFits).toBe(true);
  });

  it('goes on from the balance of the day before, over days without movement', async () => {
    const own = await newMerchant();
    const dates: string[] = [];
    for (const days of [1, 1, 3]) {
      dates.push(await moveTo(sandbox, days));
      await paid(sandbox, own, newNumber(), 1200);
    }
    await moveTo(sandbox, 1);
    const balances: (string | undefined)[] = [];
    for (const date of dates) {
      const { rows } = await fetchBill(sandbox, own, 'fundflowbill', date);
      balances.push(...rows.map((row) => row['账户结余(元)']));
    }
    expect(balances).toEqual(['12.00', '11.93', '23.93', '23.86', '35.86', '35.79']);
  });

  it('returns the money of a closed refund on the day it was closed', async () => {
    const own = await newMerchant();
    const search = `?mchid=${own.mchid}`;
    await control(sandbox, 'PUT', `/settings${search}`, { refundDelayMs: 30 * 86_400_000 });
    const accepted = await moveTo(sandbox, 1);
    const outTradeNo = newNumber();
    const outRefundNo = newRefundNo();
    await paid(sandbox, own, outTradeNo, 1200);
    await applyRefund(sandbox, own, refundBody(outTradeNo, outRefundNo, 1200));
    const closed = await moveTo(sandbox, 2);
    const before = (await fetchBill(sandbox, own, 'fundflowbill', accepted)).bytes;
    await control(sandbox, 'POST', `/refunds/${encodeURIComponent(outRefundNo)}/settle${search}`, { status: 'CLOSED' });
    await moveTo(sandbox, 1);
    const { rows } = await fetchBill(sandbox, own, 'fundflowbill', closed);
    expect(rows).toEqual([
      expect.objectContaining({
        业务类型: '退款关闭',
        收支类型: '收入',
        '收支金额(元)': '12.00',
        业务凭证号: outRefundNo,
      }),
    ]);
    expect((await fetchBill(sandbox, own, 'fundflowbill', accepted)).bytes).toEqual(before);
  });

  it('has no line for a fee that rounds to nothing', async () => {
    const own = await newMerchant();
    const date = await moveTo(sandbox, 1);
    await paid(sandbox, own, newNumber(), 83);
    await paid(sandbox, own, newNumber(), 84);
    await moveTo(sandbox, 1);
    const { rows } = await fetchBill(sandbox, own, 'fundflowbill', date);
    expect(rows.map((row) => [row['业务类型'], row['收支金额(元)']])).toEqual([
      ['交易', '0.83'],
      ['交易', '0.84'],
      ['扣除交易手续费', '0.01'],
    ]);
  });

  it.each(['OPERATION', 'FEES'])('is not there for the %s account, where nothing moves', async (account) => {
    const own = await newMerchant();
    const date = await moveTo(sandbox, 1);
    await paid(sandbox, own, newNumber(), 100);
    await moveTo(sandbox, 1);
    const reply = await applyFor(sandbox, own, 'fundflowbill', date, `&account_type=${account}`);
    expect(reply).toMatchObject({ status: 400, json: { code: 'NO_STATEMENT_EXIST' } });
  });
});
