import { describe, expect, test } from 'vitest';
import { mchid } from '../../db/fixtures.js';
import { databaseOfEach } from '../../db/database.js';
import type { TradeLine } from '../../../src/reconciliation/rules/bill-line.js';
import { daysAfter } from '../../../src/reconciliation/rules/day.js';
import { repairFor } from '../../../src/reconciliation/store/repairs.js';
import {
  APPID,
  book,
  booked,
  bookRefund,
  D,
  dayOf,
  discrepanciesOf,
  feeOf,
  found,
  fundsOf,
  lineOf,
  on,
  payment,
  reconcile,
  refund,
  refundLine,
  sumsOf,
  type Bills,
  type Payment,
  type Refund,
} from '../books.js';

const database = databaseOfEach();
const after = (days: number) => daysAfter(D, days);
const run = (bills: Bills, date = D) => reconcile(database, date, bills);
const BALANCED = { state: 'balanced', failure: null };
const DIFFERS = { state: 'differs', failure: null };

describe('a day', () => {
  test('is balanced where both sides say the same, to the fen', async () => {
    const [one, other] = [await booked(database), await booked(database, { fen: 2_500, product: 'jsapi' })];
    const back = await bookRefund(database, refund(one));

    expect(await run({ trade: [lineOf(one), lineOf(other), refundLine(back)] })).toEqual(BALANCED);
    expect(await sumsOf(database, D)).toEqual(['matched payment 2 3500 3500', 'matched refund 1 300 300']);
    expect(await dayOf(database, D)).toMatchObject({ state: 'balanced', feeMillifen: 21_000, open: [] });
    expect(await found(database, D)).toEqual([]);
  });

  test('is empty without a bill and without a trade of ours', async () => {
    expect(await run({ trade: 'none', funds: 'none' })).toEqual({ state: 'empty', failure: null });
    expect(await sumsOf(database, D)).toEqual([]);
  });

  test('differs at once where WeChat Pay has no bill and we took money', async () => {
    await booked(database);

    expect(await run({ trade: 'none' })).toEqual(DIFFERS);
    expect(await sumsOf(database, D)).toEqual(['expected payment 1 0 1000']);
  });

  test('is not matched before its trade bill is there', async () => {
    expect(await run({ trade: null })).toBe('bill_missing');
    expect(await dayOf(database, D)).toMatchObject({ state: 'waiting' });
  });

  test.each<[string, Bills, string]>([
    ['is not the file that was announced', { isAuthentic: false }, 'hash'],
    ['contradicts its summary', { summary: { totalFen: 999 } }, 'summary'],
    ['says another number of lines', { summary: { count: 3 } }, 'summary'],
    ['cannot be read', { trade: 'unreadable' }, 'unreadable'],
  ])('fails where the trade bill %s: nothing follows from it', async (_what, bill, distrust) => {
    const known = await booked(database);
    const trade = [lineOf(payment()), lineOf(known, { totalFen: 5 })];

    expect(await run({ trade, ...bill })).toEqual({ state: 'failed', failure: 'trade_untrusted' });
    expect((await dayOf(database, D)).bills).toMatchObject([{ kind: 'trade', state: 'untrusted', distrust }]);
    expect([await found(database, D), await sumsOf(database, D)]).toEqual([[], []]);
  });

  test('without the contradiction is matched', async () => {
    const known = await booked(database);
    await run({ trade: [lineOf(known)], summary: { feeMillifen: 1 } });

    expect(await run({ trade: [lineOf(known)] })).toEqual(BALANCED);
  });

  test.each<[string, Bills]>([
    ['contradicts its summary', { summary: { count: 9 } }],
    ['cannot be read', { trade: 'unreadable' }],
  ])('stays as it was matched where a later file %s', async (_what, bill) => {
    const known = await booked(database);
    await run({ trade: [lineOf(known)] });

    expect(await run({ trade: [lineOf(known), lineOf(payment())], ...bill })).toEqual(BALANCED);
    expect([await found(database, D), await sumsOf(database, D)]).toEqual([[], ['matched payment 1 1000 1000']]);
    expect(await dayOf(database, D)).toMatchObject({ feeMillifen: 6_000, bills: [{ state: 'imported', lines: 1 }] });
  });

  test('fails where only the fund-flow bill is not trusted, and its trades are matched all the same', async () => {
    const known = await booked(database);
    await run({ trade: [lineOf(known)], funds: fundsOf(known), isAuthentic: false });

    expect(await run({ trade: [lineOf(known)] })).toEqual({ state: 'failed', failure: 'fundflow_untrusted' });
    expect(await sumsOf(database, D)).toEqual(['matched payment 1 1000 1000']);
  });

  test('of one merchant says nothing about another with the same numbers', async () => {
    const other = mchid('1900000002');
    const ours = await booked(database);
    const theirs = await book(database, { ...ours, mchid: other, fen: 700 });

    expect(await run({ trade: [lineOf(ours)] })).toEqual(BALANCED);
    expect(await run({ mchid: other, trade: [lineOf(theirs), lineOf(theirs)] })).toEqual(DIFFERS);
    expect(await found(database, D)).toEqual([]);
    expect(await found(database, D, other)).toEqual([`duplicate_line payment:${ours.transactionId}`]);
    expect(await run({ trade: [lineOf(ours)] })).toEqual(BALANCED);
  });
});

/** Each alone, then in the middle of what agrees and beside the others. */
const planted: Record<string, () => Promise<{ readonly trade: readonly TradeLine[]; readonly keys: string[] }>> = {
  paid_not_here: async () => {
    const unpaid = await book(database, payment(), false);
    return { trade: [lineOf(unpaid)], keys: [`payment:${unpaid.transactionId}`] };
  },
  foreign: () => {
    const unknown = payment();
    const back = refund(unknown);
    return Promise.resolve({
      trade: [lineOf(unknown), refundLine(back)],
      keys: [`payment:${unknown.transactionId}`, `refund:${back.refundId}`],
    });
  },
  amount: async () => {
    const paid = await booked(database);
    return { trade: [lineOf(paid, { totalFen: 1_001 })], keys: [`payment:${paid.transactionId}`] };
  },
  identity: async () => {
    const paid = [
      await booked(database),
      await booked(database),
      await booked(database),
      await booked(database),
    ] as const;
    const trade = [
      lineOf(paid[0], { appid: 'wx-other' }),
      lineOf(paid[1], { tradeType: 'JSAPI' }),
      lineOf(paid[2], { outTradeNo: 'nobody' }),
      lineOf(paid[3], { transactionId: '4200-other' }),
    ];
    const keys = [...paid.slice(0, 3).map((it) => it.transactionId), '4200-other'];
    return { trade, keys: keys.map((key) => `payment:${key}`) };
  },
  refund_not_here: async () => {
    const paid = await booked(database);
    const back = refund(paid);
    return { trade: [lineOf(paid), refundLine(back)], keys: [`refund:${back.refundId}`] };
  },
  refund_amount: async () => {
    const paid = await booked(database);
    const back = await bookRefund(database, refund(paid));
    return { trade: [lineOf(paid), refundLine({ ...back, fen: 299 })], keys: [`refund:${back.refundId}`] };
  },
  reversed: async () => {
    const paid = await booked(database);
    return { trade: [lineOf(paid), lineOf(paid, { kind: 'reversal' })], keys: [`payment:${paid.transactionId}`] };
  },
  duplicate_line: async () => {
    const paid = await booked(database);
    const back = await bookRefund(database, refund(paid));
    const trade = [lineOf(paid), refundLine(back), lineOf(paid), refundLine(back), lineOf(paid)];
    return { trade, keys: [`payment:${paid.transactionId}`, `refund:${back.refundId}`] };
  },
  fee: async () => {
    const [high, low] = [await booked(database), await booked(database)];
    const back = await bookRefund(database, refund(high));
    const trade = [
      lineOf(high, { feeMillifen: 7_010 }),
      lineOf(low, { feeMillifen: 4_990 }),
      refundLine(back, { feeMillifen: -3_010 }),
    ];
    return {
      trade,
      keys: [`payment:${high.transactionId}`, `payment:${low.transactionId}`, `refund:${back.refundId}`],
    };
  },
};

describe('a line', () => {
  const opened = (name: string, keys: readonly string[]) => keys.map((key) => `${name} ${key}`).sort();

  test.each(Object.entries(planted))('%s: found alone', async (name, plant) => {
    const { trade, keys } = await plant();

    expect(await run({ trade })).toEqual(DIFFERS);
    expect(await found(database, D)).toEqual(opened(name, keys));
    expect((await dayOf(database, D)).open).toEqual([{ class: name, count: keys.length }]);
  });

  test('of every class: each found beside the others', async () => {
    const agreeing = [await booked(database), await booked(database)];
    const all = await Promise.all(Object.entries(planted).map(async ([name, plant]) => ({ name, ...(await plant()) })));
    const trade = [...agreeing.map((it) => lineOf(it)), ...all.flatMap(({ trade }) => trade)];

    expect(await run({ trade })).toEqual(DIFFERS);
    expect(await found(database, D)).toEqual(all.flatMap(({ name, keys }) => opened(name, keys)).sort());
  });

  test('with several differences: the first hides none of the others', async () => {
    const paid = await booked(database);
    const twice = lineOf(paid, { totalFen: 900, settledFen: 900, appid: 'wx-other', feeMillifen: 90_000 });
    const back = refund(paid, { fen: 1 });

    await run({ trade: [twice, twice, refundLine(back)] });
    const key = `payment:${paid.transactionId}`;
    expect(await found(database, D)).toEqual([
      ...['amount', 'duplicate_line', 'fee', 'identity'].map((name) => `${name} ${key}`),
      `refund_not_here refund:${back.refundId}`,
    ]);
  });

  test('says which fields are another, and each side of them', async () => {
    const paid = await booked(database);
    await run({ trade: [lineOf(paid, { appid: 'wx-other', outTradeNo: 'nobody', feeMillifen: 9_000 })] });

    const [fee, identity] = (await discrepanciesOf(database, D)).toSorted((a, b) => (a.class < b.class ? -1 : 1));
    expect(identity).toMatchObject({
      differences: { appid: { bill: 'wx-other', own: APPID }, outTradeNo: { bill: 'nobody', own: paid.outTradeNo } },
      ...{ orderNo: paid.outTradeNo, kind: 'trade', lineNo: 2, billFen: 1_000, ownFen: 1_000 },
    });
    expect(fee).toMatchObject({ class: 'fee', differences: { feeMillifen: { bill: 9_000, own: 6_000 } } });
  });

  test('whose numbers point to two payments accounts for one: the other is missing', async () => {
    const [one, other] = [await booked(database), await booked(database)];
    await run({ trade: [lineOf(one, { outTradeNo: other.outTradeNo })] });

    expect(await found(database, D)).toEqual([`identity payment:${one.transactionId}`]);
    expect(await sumsOf(database, D)).toContain('expected payment 1 0 1000');
  });

  test('with another number of WeChat Pay accounts for the payment of our number', async () => {
    const paid = await booked(database);
    await run({ trade: [lineOf(paid, { transactionId: '4200-other' })] });

    expect(await sumsOf(database, D)).toEqual(['identity payment 1 1000 1000']);
  });

  test.each([0, 1_000, -1_000])('whose fee is %i thousandths of a fen off is right', async (off) => {
    const paid = await booked(database);
    expect(await run({ trade: [lineOf(paid, { feeMillifen: 6_000 + off })] })).toEqual(BALANCED);
  });

  test.each([0, -2_000, -3_000])('of a refund may give back a fee of %i thousandths of a fen', async (feeMillifen) => {
    const paid = await booked(database);
    const back = await bookRefund(database, refund(paid));
    expect(await run({ trade: [lineOf(paid), refundLine(back, { feeMillifen })] })).toEqual(BALANCED);
  });

  test('with a trade type that a query said as well is ours, whatever was ordered', async () => {
    const paid = await booked(database);
    await database.connection
      .sql`update attempts set payment = '{"tradeType":"FACE"}' where out_trade_no = ${paid.outTradeNo}`;
    expect(await run({ trade: [lineOf(paid, { tradeType: 'FACE' })] })).toEqual(BALANCED);
  });
});

describe('what other systems took', () => {
  const theirs = () => payment({ outTradeNo: `POS-${payment().outTradeNo}` });

  test.each([
    ['by its number', { outTradeNos: ['POS-*'], appids: [] }],
    ['by its appid', { outTradeNos: [], appids: [APPID] }],
  ])('is counted and no discrepancy, where the merchant declared it %s', async (_how, foreign) => {
    const [sold, ours] = [theirs(), await booked(database)];
    const trade = [lineOf(sold, { feeMillifen: 0 }), refundLine(refund(sold)), lineOf(ours)];

    expect(await run({ trade, foreign })).toEqual(BALANCED);
    expect(await found(database, D)).toEqual([]);
    expect(await sumsOf(database, D)).toEqual([
      ...['foreign payment 1 1000 0', 'foreign refund 1 300 0', 'matched payment 1 1000 1000'],
    ]);
  });

  test.each(['POS', 'P?S-*', '*-pos', 'POS_*', '%'])('is a discrepancy where the pattern %s is another', async (it) => {
    const sold = theirs();
    expect(await run({ trade: [lineOf(sold)], foreign: { outTradeNos: [it], appids: [] } })).toEqual(DIFFERS);
  });

  test('does not make ours foreign, whatever is declared', async () => {
    const unpaid = await book(database, payment(), false);
    await run({ trade: [lineOf(unpaid)], foreign: { outTradeNos: ['*'], appids: [APPID] } });
    expect(await found(database, D)).toEqual([`paid_not_here payment:${unpaid.transactionId}`]);
  });

  test('under a number of ours is foreign', async () => {
    const taken = await book(database, payment(), 'foreign');
    await run({ trade: [lineOf(taken)] });
    expect(await found(database, D)).toEqual([`foreign payment:${taken.transactionId}`]);
  });
});

describe('reversed', () => {
  test('of what our books do not claim: counted, both lines, and no discrepancy', async () => {
    const taken = await book(database, payment(), false);

    expect(await run({ trade: [lineOf(taken), lineOf(taken, { kind: 'reversal' })] })).toEqual(BALANCED);
    expect(await sumsOf(database, D)).toEqual(['reversed payment 2 2000 0']);
  });

  test('with the money that went back: the account books it under the number of that, which is known', async () => {
    const taken = await book(database, payment(), false);
    const back = refund(taken, { fen: taken.fen, outRefundNo: taken.outTradeNo });
    const trade = [lineOf(taken), refundLine(back, { kind: 'reversal', feeMillifen: -feeOf(back.fen) })];

    expect(await run({ trade, funds: [...fundsOf(taken), ...fundsOf(back)] })).toEqual(BALANCED);
    expect(await found(database, D)).toEqual([]);
  });

  test('of what our books have as paid: a discrepancy of the payment, and nothing else', async () => {
    const paid = await booked(database);
    const back = refund(paid, { fen: paid.fen, outRefundNo: paid.outTradeNo });
    const trade = [lineOf(paid), refundLine(back, { kind: 'reversal', feeMillifen: -feeOf(back.fen) })];

    expect(await run({ trade, funds: [...fundsOf(paid), ...fundsOf(back)] })).toEqual(DIFFERS);
    expect(await found(database, D)).toEqual([`reversed payment:${paid.transactionId}`]);
  });
});

describe('reversed after midnight', () => {
  const reversalOf = (it: Payment) => lineOf(it, { kind: 'reversal', at: on(after(1), 1) });
  const late = { at: on(D, 1_439), product: 'codeScan' } as const;

  test('by us: the day of its payment agrees before the bill that has the reversal is there, and after', async () => {
    const taken = await book(database, payment(late), 'reversed');

    expect(await run({ trade: [lineOf(taken)] })).toEqual(BALANCED);
    expect(await run({ trade: [reversalOf(taken)] }, after(1))).toEqual(BALANCED);
    expect(await run({ trade: [lineOf(taken)] })).toEqual(BALANCED);
    expect([await found(database, D), await found(database, after(1))]).toEqual([[], []]);
  });

  test('by us, as we thought, while the next bill knows of none: the payment is not here', async () => {
    const taken = await book(database, payment(late), 'reversed');
    const [other, another] = [await booked(database), await booked(database, { at: on(after(1)) })];

    expect(await run({ trade: [lineOf(taken), lineOf(other)] })).toEqual(BALANCED);
    expect(await run({ trade: [lineOf(another)] }, after(1))).toEqual(BALANCED);
    expect(await found(database, D)).toEqual([`paid_not_here payment:${taken.transactionId}`]);
    expect(await dayOf(database, D)).toMatchObject({ state: 'differs' });
  });

  test.each([1, 3])('by somebody else: the payment is not here until the bill %i days later has it', async (days) => {
    const taken = await book(database, payment(late), false);

    expect(await run({ trade: [lineOf(taken)] })).toEqual(DIFFERS);
    for (let between = 1; between < days; between += 1) await run({ trade: 'none' }, after(between));
    expect(await run({ trade: [reversalOf(taken)] }, after(days))).toEqual(BALANCED);
    expect(await discrepanciesOf(database, D)).toMatchObject([
      { class: 'paid_not_here', status: 'repaired', repairedBy: 'later_bill' },
    ]);
    expect(await dayOf(database, D)).toMatchObject({ state: 'balanced' });
  });
});

describe('refunds', () => {
  test('of an asked refund whose outcome nobody knows here: not here', async () => {
    const paid = await booked(database);
    const asked = await bookRefund(database, refund(paid), { state: 'requested' });
    await run({ trade: [lineOf(paid), refundLine(asked)] });
    expect(await found(database, D)).toEqual([`refund_not_here refund:${asked.refundId}`]);
  });

  test('that came to nothing after they were accepted are in the bill, and agree', async () => {
    const paid = await booked(database);
    const failed = await bookRefund(database, refund(paid), { state: 'closed' });
    expect(await run({ trade: [lineOf(paid), refundLine(failed)] })).toEqual(BALANCED);
  });

  test.each([
    ['FAIL', 'succeeded', true],
    ['CHANGE', 'processing', true],
    ['FAIL', 'closed', false],
    ['PROCESSING', 'succeeded', false],
  ] as const)('that the bill has as %s and we as %s: a difference %s', async (status, state, isOne) => {
    const paid = await booked(database);
    const back = await bookRefund(database, refund(paid), { state });
    const line = refundLine(back);
    const trade = [lineOf(paid), { ...line, refund: line.refund && { ...line.refund, status } }];

    expect(await run({ trade })).toEqual(isOne ? DIFFERS : BALANCED);
    expect(await found(database, D)).toEqual(isOne ? [`refund_status refund:${back.refundId}`] : []);
    if (!isOne) return;
    const [it] = await discrepanciesOf(database, D);
    expect(it?.differences).toEqual({ refundStatus: { bill: status, own: state } });
    expect(await repairFor(database.db, it?.id ?? '')).toMatchObject({
      ...{ kind: 'refundRecheck', outRefundNo: back.outRefundNo },
    });
  });

  test('that were paid outside of WeChat Pay in the end are not looked for', async () => {
    const paid = await booked(database);
    await bookRefund(database, refund(paid), { state: 'succeeded', offline: true });
    expect(await run({ trade: [lineOf(paid)] })).toEqual(BALANCED);
    expect(await sumsOf(database, D)).toEqual(['matched payment 1 1000 1000']);
  });

  test('of a payment of another day belong to the day on which they were accepted', async () => {
    const paid = await booked(database, { at: on(after(-30)) });
    const back = await bookRefund(database, refund(paid, { at: on(D) }));
    expect(await run({ trade: [refundLine(back)] })).toEqual(BALANCED);
  });

  test('whose payment is another than ours by its numbers are an identity', async () => {
    const [paid, other] = [await booked(database), await booked(database)];
    const back = await bookRefund(database, refund(paid));
    const line = refundLine(back, { outTradeNo: other.outTradeNo, transactionId: other.transactionId });
    await run({ trade: [lineOf(paid), lineOf(other), line] });
    expect(await found(database, D)).toEqual([`identity refund:${back.refundId}`]);
  });
});

describe('the pool', () => {
  const emptyDays = async (...days: number[]) => {
    for (const it of days) await run({ trade: 'none' }, after(it));
  };

  test('what no bill has is expected for three more bills, then missing', async () => {
    const paid = await booked(database);
    const back = await bookRefund(database, refund(paid));
    const ours = await booked(database);
    expect(await run({ trade: [lineOf(ours)] })).toEqual(BALANCED);
    expect(await sumsOf(database, D)).toEqual([
      ...['expected payment 1 0 1000', 'expected refund 1 0 300', 'matched payment 1 1000 1000'],
    ]);
    await emptyDays(1, 2);
    expect((await dayOf(database, D)).state).toBe('balanced');

    await emptyDays(3);
    expect((await dayOf(database, D)).state).toBe('differs');
    expect(await found(database, D)).toEqual([
      ...[`missing_at_wechat payment:${paid.transactionId}`, `refund_missing_at_wechat refund:${back.refundId}`],
    ]);
    expect(await sumsOf(database, D)).toEqual([
      ...[
        'matched payment 1 1000 1000',
        'missing_at_wechat payment 1 0 1000',
        'refund_missing_at_wechat refund 1 0 300',
      ],
    ]);
  });

  test.each([1, 2, 3])('leaves by itself when the bill of %i days later has it', async (days) => {
    const paid = await booked(database, { at: on(D, 1_439) });
    const back = await bookRefund(database, refund(paid));
    await run({ trade: [] });
    await emptyDays(...[1, 2].filter((it) => it < days));

    expect(await run({ trade: [lineOf(paid), refundLine(back)] }, after(days))).toEqual(BALANCED);
    expect(await sumsOf(database, D)).toEqual([]);
    expect(await sumsOf(database, after(days))).toEqual(['matched payment 1 1000 1000', 'matched refund 1 300 300']);
    await emptyDays(...[1, 2, 3].filter((it) => it > days));
    expect(await found(database, D)).toEqual([]);
  });

  test('what is missing and comes after all is repaired by that bill', async () => {
    const paid = await booked(database);
    await run({ trade: [] });
    await emptyDays(1, 2, 3);

    await run({ trade: [lineOf(paid)] }, after(5));
    expect(await discrepanciesOf(database, D)).toMatchObject([
      { class: 'missing_at_wechat', status: 'repaired', repairedBy: 'later_bill' },
    ]);
    expect((await dayOf(database, D)).state).toBe('empty');
  });

  test('days may come in any order', async () => {
    const paid = await booked(database, { at: on(D, 0) });
    await run({ trade: [lineOf(paid)] }, after(-1));
    await emptyDays(3, 2, 1);

    expect(await run({ trade: [] })).toEqual({ state: 'empty', failure: null });
    const missed = await booked(database);
    expect(await run({ trade: [] })).toEqual(DIFFERS);
    expect(await found(database, D)).toEqual([`missing_at_wechat payment:${missed.transactionId}`]);
  });

  test('an untrusted bill has nothing, and counts as one that came', async () => {
    const paid = await booked(database);
    await run({ trade: [] });
    await emptyDays(1, 2);
    await run({ trade: [lineOf(paid)], isAuthentic: false }, after(3));
    expect(await found(database, D)).toEqual([`missing_at_wechat payment:${paid.transactionId}`]);

    expect(await run({ trade: [lineOf(paid)] }, after(3))).toEqual(BALANCED);
    expect(await found(database, D)).toEqual([`missing_at_wechat payment:${paid.transactionId} repaired`]);
  });

  test('a line under our number alone takes it out as well', async () => {
    const paid = await booked(database);
    await run({ trade: [] });
    await run({ trade: [lineOf(paid, { transactionId: '4200-other' })] }, after(1));
    expect(await sumsOf(database, D)).toEqual([]);
  });
});

describe('what two bills have', () => {
  const both = async () => {
    const paid = await booked(database);
    const back = await bookRefund(database, refund(paid));
    const keys = [`payment:${paid.transactionId}`, `refund:${back.refundId}`];
    return { trade: [lineOf(paid), refundLine(back)], doubles: keys.map((key) => `duplicate_line ${key}`) };
  };

  test.each([1, 3, 20])('is of the first: %i days later it is there twice', async (days) => {
    const { trade, doubles } = await both();
    expect(await run({ trade })).toEqual(BALANCED);

    expect(await run({ trade }, after(days))).toEqual(DIFFERS);
    expect([await found(database, D), await found(database, after(days))]).toEqual([[], doubles]);
    expect(await sumsOf(database, after(days))).toEqual([
      ...['duplicate_line payment 1 1000 0', 'duplicate_line refund 1 300 0'],
    ]);
  });

  test('is found where the later bill was there first', async () => {
    const { trade, doubles } = await both();
    expect(await run({ trade }, after(2))).toEqual(BALANCED);

    expect(await run({ trade })).toEqual(BALANCED);
    expect(await found(database, after(2))).toEqual(doubles);
    expect((await dayOf(database, after(2))).state).toBe('differs');
  });

  test('is found where both are of minutes around midnight', async () => {
    const paid = await booked(database, { at: on(D, 5) });
    expect(await run({ trade: [lineOf(paid)] }, after(-1))).toEqual(BALANCED);
    expect(await run({ trade: [lineOf(paid)] })).toEqual(DIFFERS);
  });

  test('is found of what nobody here knows', async () => {
    const sold = payment();
    await run({ trade: [lineOf(sold)] });
    await run({ trade: [lineOf(sold)] }, after(1));
    expect(await found(database, after(1))).toEqual(
      ['duplicate_line', 'foreign'].map((name) => `${name} payment:${sold.transactionId}`),
    );
  });

  test.each([11, -11, 60 * 24])('at another time than ours by %i minutes is another', async (minutes) => {
    const paid = await booked(database);
    const back = await bookRefund(database, refund(paid));
    const at = on(D, 600 + minutes);
    await run({ trade: [lineOf(paid, { at }), refundLine(back, { at })] });
    expect(await found(database, D)).toEqual([
      `identity payment:${paid.transactionId}`,
      `identity refund:${back.refundId}`,
    ]);
    const own = '2026-03-10 10:00:00';
    expect((await discrepanciesOf(database, D))[0]?.differences).toMatchObject({ time: { own } });
  });
});

describe('funds', () => {
  const withFunds = (funds: ReturnType<typeof fundsOf>, trade: readonly TradeLine[], date = D) =>
    run({ trade, funds }, date);

  test('agree, on whichever day they are booked', async () => {
    const [one, other] = [await booked(database), await booked(database, { fen: 5_000 })];
    const back = await bookRefund(database, refund(one));
    await withFunds([...fundsOf(one), ...fundsOf(back)], [lineOf(one), lineOf(other), refundLine(back)]);
    await withFunds(fundsOf(other, on(after(2))), [], after(2));
    await withFunds([], [], after(1));
    await withFunds([], [], after(3));
    expect(await found(database, D)).toEqual([]);
    expect((await dayOf(database, D)).state).toBe('balanced');
  });

  test('are missing when three more bills have not booked them', async () => {
    const [paid, other] = [await booked(database), await booked(database)];
    await withFunds(fundsOf(other), [lineOf(paid), lineOf(other)]);
    for (const days of [1, 2]) await run({ trade: 'none', funds: 'none' }, after(days));
    expect(await found(database, D)).toEqual([]);

    await run({ trade: 'none', funds: 'none' }, after(3));
    expect(await discrepanciesOf(database, D)).toMatchObject([
      { class: 'fund_missing', subjectKey: `payment:${paid.transactionId}`, billFen: null, ownFen: 1_000 },
    ]);
    expect((await dayOf(database, D)).state).toBe('differs');
  });

  test.each([
    [
      'another sum',
      (it: ReturnType<typeof fundsOf>) => it.map((move, n) => (n === 0 ? { ...move, amountFen: 999 } : move)),
    ],
    [
      'another fee',
      (it: ReturnType<typeof fundsOf>) => it.map((move, n) => (n === 1 ? { ...move, amountFen: 8 } : move)),
    ],
    ['it twice', (it: ReturnType<typeof fundsOf>) => [...it, ...it]],
  ])('differ where the account books %s', async (_what, change) => {
    const paid = await booked(database);
    expect(await withFunds(change(fundsOf(paid)), [lineOf(paid)])).toEqual(DIFFERS);
    expect(await found(database, D)).toEqual([`fund_amount payment:${paid.transactionId}`]);
  });

  test.each([
    ['payment', (paid: Payment) => [lineOf(paid)], (paid: Payment) => fundsOf(paid), 'out'],
    [
      'refund',
      (_paid: Payment, back: Refund) => [refundLine(back)],
      (_paid: Payment, back: Refund) => fundsOf(back),
      'in',
    ],
  ] as const)('differ at once where the money of a %s went the other way', async (subject, trade, funds, bill) => {
    const paid = await booked(database);
    const back = await bookRefund(database, refund(paid, { at: on(after(1)) }));
    const date = subject === 'payment' ? D : after(1);
    const turned = funds(paid, back).map((move, n) => (n === 0 ? { ...move, direction: bill } : move));

    expect(await withFunds(turned, trade(paid, back), date)).toEqual(DIFFERS);
    expect(await discrepanciesOf(database, date)).toMatchObject([
      { class: 'fund_amount', differences: { direction: { bill } } },
    ]);
  });

  test('that neither a trade bill nor our books have are found', async () => {
    const [paid, sold] = [await booked(database), payment({ fen: 500_000 })];
    const back = refund(sold);
    const funds = [...fundsOf(paid), ...fundsOf(sold), ...fundsOf(back)];

    expect(await withFunds(funds, [lineOf(paid)])).toEqual(DIFFERS);
    expect(await found(database, D)).toEqual([
      ...[`fund_foreign payment:${sold.transactionId}`, `fund_foreign refund:${back.refundId}`],
    ]);
    expect(await sumsOf(database, D)).toContain('fund_foreign payment 1 500000 0');
  });

  test('of an earlier day, of ours, or of another kind than payments and refunds are no find', async () => {
    const [sold, ours] = [payment(), await booked(database, { at: on(after(-40)) })];
    const foreign = { outTradeNos: [sold.outTradeNo], appids: [] };
    await run({ trade: [lineOf(sold)], foreign }, after(-2));
    const drawn = fundsOf(payment()).map((it) => ({ ...it, type: '提现', name: '充值/提现' }));

    expect(await withFunds([...fundsOf(sold), ...fundsOf(ours), ...drawn], [])).toEqual({
      state: 'empty',
      failure: null,
    });
  });

  test('whose trade bill comes later are repaired by it', async () => {
    const sold = payment({ at: on(D, 1_439) });
    const foreign = { outTradeNos: [sold.outTradeNo], appids: [] };
    expect(await withFunds(fundsOf(sold), [])).toEqual(DIFFERS);
    await run({ trade: [lineOf(sold)], foreign }, after(1));
    expect(await discrepanciesOf(database, D)).toMatchObject([{ class: 'fund_foreign', repairedBy: 'later_bill' }]);
    expect((await dayOf(database, D)).state).toBe('empty');
  });

  test('are not looked for in a bill that is not trusted', async () => {
    const sold = payment();
    await run({ trade: [lineOf(sold)], isAuthentic: false }, after(-1));
    await withFunds(fundsOf(sold), []);
    expect(await found(database, D)).toEqual([]);
  });

  test('of what other systems took are their affair', async () => {
    const sold = payment();
    const foreign = { outTradeNos: [sold.outTradeNo], appids: [] };
    expect(
      await run({ trade: [lineOf(sold)], funds: fundsOf(sold).map((it) => ({ ...it, amountFen: 1 })), foreign }),
    ).toEqual(BALANCED);
  });

  test('of what has nothing settled are not looked for', async () => {
    const paid = await booked(database);
    await withFunds([], [lineOf(paid, { settledFen: 0, couponFen: 1_000, feeMillifen: 0 })]);
    for (const days of [1, 2, 3]) await run({ trade: 'none', funds: 'none' }, after(days));
    expect(await found(database, D)).toEqual([]);
  });

  test('with balances that do not follow from one another: a warning, by which no day differs', async () => {
    const [one, other] = [await booked(database), await booked(database)];
    const funds = [...fundsOf(one), ...fundsOf(other).map((it) => ({ ...it, rest: { balance: '5' } }))];

    expect(await withFunds(funds, [lineOf(one), lineOf(other)])).toEqual(BALANCED);
    expect(await discrepanciesOf(database, D)).toMatchObject([
      { class: 'balance_chain', subjectKey: `account:${D}`, kind: 'fundflow', lineNo: 4, differences: { breaks: 2 } },
    ]);
  });
});
