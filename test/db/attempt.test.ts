import { describe, expect, test } from 'vitest';
import {
  beginPrepay,
  recordPrepayOpened,
  recordPrepayFailed,
  type PrepayOpened,
  loadAttemptParameters,
} from '../../src/orders/store/prepay.js';
import {
  reserveAttempt,
  reserveNextAttempt,
  type AttemptRequest,
  recordAttemptAnswer,
} from '../../src/orders/store/attempt.js';
import { loadOrder, type AttemptRef } from '../../src/orders/store/order.js';
import { projectOrder } from '../../src/orders/store/projection.js';
import { readableOrder } from '../../src/orders/rules/view.js';
import type { OrderRecord } from '../../src/orders/rules/record.js';
import { queriedTrade } from '../support/queried-trade.js';
import { fileDatabase } from './database.js';
import { closed, LATER, MCHID, orderNo, outTradeNo, paid, projectionOf } from './fixtures.js';

const database = fileDatabase();
const CODE_EXPIRES_AT = new Date('2026-03-01T12:00:00.000Z');

const request = (order: OrderRecord, change: Partial<AttemptRequest> = {}): AttemptRequest => ({
  mchid: order.mchid,
  orderNo: order.orderNo,
  product: 'jsapi',
  appid: 'wx0000000000000002',
  openid: 'oPayer',
  clientIp: null,
  h5Type: null,
  attemptKey: null,
  bodyHash: 'hash-of-the-request',
  ...change,
});

const opened = (order: OrderRecord, change: Partial<PrepayOpened> = {}): PrepayOpened => ({
  mchid: order.mchid,
  orderNo: order.orderNo,
  outTradeNo: outTradeNo(order),
  codes: { codeUrl: 'weixin://wxpay/bizpayurl?pr=1', prepayId: null, h5Url: null },
  codeExpiresAt: CODE_EXPIRES_AT,
  now: LATER,
  ...change,
});

async function reserved(change: AttemptRequest) {
  const answer = await reserveAttempt(database.db, change);
  if (typeof answer === 'string') throw new Error(answer);
  return answer;
}

async function stands(order: OrderRecord): Promise<OrderRecord> {
  const record = await loadOrder(database.db, order);
  if (record === undefined) throw new Error('the order is there');
  return record;
}

test('a further attempt gets the next number, its own parameters, and shows in the order', async () => {
  const order = await database.place();

  const { attempt, created } = await reserved(request(order, { attemptKey: 'key-1' }));

  expect(created).toBe(true);
  expect(attempt).toMatchObject({
    outTradeNo: `${order.orderNo}*2`,
    number: 2,
    product: 'jsapi',
    appid: 'wx0000000000000002',
    state: 'preparing',
    attemptKey: 'key-1',
    bodyHash: 'hash-of-the-request',
  });
  expect(await stands(order)).toMatchObject({ version: 2, attempts: [{ number: 1 }, attempt] });
  expect(await loadAttemptParameters(database.db, { mchid: MCHID, outTradeNo: attempt.outTradeNo })).toMatchObject({
    openid: 'oPayer',
    amountFen: 1_200,
    expiresAt: order.expiresAt,
  });
});

test('the same key gives the same attempt, whatever became of it', async () => {
  const order = await database.place();
  const first = await reserved(request(order, { attemptKey: 'key-1' }));
  await recordPrepayOpened(database.db, opened(order, { outTradeNo: first.attempt.outTradeNo }));

  const again = await reserved(request(order, { attemptKey: 'key-1', bodyHash: 'another' }));

  expect(again).toMatchObject({ created: false, attempt: { number: 2, state: 'open' } });
});

test('another key gives another attempt even for the same body', async () => {
  const order = await database.place();
  await reserved(request(order, { attemptKey: 'key-1' }));

  expect(await reserved(request(order, { attemptKey: 'key-2' }))).toMatchObject({
    created: true,
    attempt: { number: 3 },
  });
});

test('without a key the same body gives the same attempt until it is sent', async () => {
  const order = await database.place();
  const first = await reserved(request(order));
  const again = await reserved(request(order));
  await recordPrepayOpened(database.db, opened(order, { outTradeNo: first.attempt.outTradeNo }));
  const afterwards = await reserved(request(order));

  expect(again).toEqual({ created: false, attempt: first.attempt });
  expect(afterwards).toMatchObject({ created: true, attempt: { number: 3 } });
});

test('without a key another body gives another attempt', async () => {
  const order = await database.place();
  await reserved(request(order));

  expect(await reserved(request(order, { bodyHash: 'another' }))).toMatchObject({ attempt: { number: 3 } });
});

test.each(['key-1', null])('equal requests at once get one attempt (key %s)', async (attemptKey) => {
  const order = await database.place();

  const answers = await Promise.all(Array.from({ length: 50 }, () => reserved(request(order, { attemptKey }))));

  expect(answers.filter((answer) => answer.created)).toHaveLength(1);
  expect(new Set(answers.map((answer) => answer.attempt.outTradeNo))).toEqual(new Set([`${order.orderNo}*2`]));
  expect(await stands(order)).toMatchObject({ version: 2, attempts: { length: 2 } });
});

test('different requests at once get the numbers 2 to 20 once each, and no more', async () => {
  const order = await database.place();

  const answers = await Promise.all(
    Array.from({ length: 25 }, (_, index) =>
      reserveAttempt(database.db, request(order, { attemptKey: `key-${index}` })),
    ),
  );

  const numbers = answers.flatMap((answer) => (typeof answer === 'string' ? [] : [answer.attempt.number]));
  expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 19 }, (_, index) => index + 2));
  expect(answers.filter((answer) => answer === 'too_many_attempts')).toHaveLength(6);
});

test('an order that nobody placed has no attempts', async () => {
  const order = await database.place();

  expect(await reserveAttempt(database.db, request({ ...order, orderNo: orderNo('nobody-asked') }))).toBe(
    'order_not_found',
  );
});

describe('whose a trade is that a prepay meets', () => {
  const begin = async (ref: AttemptRef) => (await beginPrepay(database.db, ref, '{}', LATER)).earlierUnknown;

  test('one of many prepays at the same time knows of no earlier one, the others do', async () => {
    const order = await database.place();
    const ref = { mchid: MCHID, orderNo: order.orderNo, outTradeNo: outTradeNo(order) };
    const earlier = await Promise.all(Array.from({ length: 20 }, () => begin(ref)));
    expect(earlier.filter((unknown) => !unknown)).toHaveLength(1);
  });

  test('a prepay without any effect leaves no doubt behind, one without an answer does', async () => {
    const order = await database.place();
    const ref = { mchid: MCHID, orderNo: order.orderNo, outTradeNo: outTradeNo(order) };
    expect(await begin(ref)).toBe(false);
    await recordPrepayFailed(database.db, ref, { earlierUnknown: false });
    expect(await begin(ref)).toBe(false);
    expect((await stands(order)).attempts[0]).toMatchObject({ prepayUnknown: true });
    expect(await begin(ref)).toBe(true);
    await recordPrepayFailed(database.db, ref, { earlierUnknown: true });
    expect(await begin(ref)).toBe(true);
  });

  test('after a code it is ours, whatever the next answer says', async () => {
    const order = await database.place();
    const ref = { mchid: MCHID, orderNo: order.orderNo, outTradeNo: outTradeNo(order) };
    await begin(ref);
    const codes = { codeUrl: 'weixin://one', prepayId: null, h5Url: null };
    await recordPrepayOpened(database.db, { ...ref, codes, codeExpiresAt: CODE_EXPIRES_AT, now: LATER });
    expect((await stands(order)).attempts[0]).toMatchObject({ prepayUnknown: false, codeGiven: true });
    expect(await begin(ref)).toBe(true);
  });
});

describe('the next number', () => {
  test('is reserved once, however many ask, with the parameters of the one before', async () => {
    const order = await database.place();
    const reserved = await Promise.all(
      Array.from({ length: 20 }, () => reserveNextAttempt(database.db, order, outTradeNo(order))),
    );
    expect(new Set(reserved.map((attempt) => attempt?.outTradeNo))).toEqual(new Set([outTradeNo(order, 2)]));
    const [first, second, ...others] = (await stands(order)).attempts;
    expect(others).toEqual([]);
    expect(second).toMatchObject({ product: first?.product, appid: first?.appid, state: 'preparing' });
  });

  test('is none after the twentieth', async () => {
    const order = await database.place();
    for (let number = 1; number < 20; number += 1) {
      await reserveNextAttempt(database.db, order, outTradeNo(order, number));
    }
    expect(await reserveNextAttempt(database.db, order, outTradeNo(order, 20))).toBeNull();
  });
});

test('the first prepay body is the one that is sent, for ever', async () => {
  const order = await database.place();
  const ref = { mchid: MCHID, orderNo: order.orderNo, outTradeNo: outTradeNo(order) };

  const begun = await Promise.all(
    Array.from({ length: 20 }, (_, index) => beginPrepay(database.db, ref, `{"body":${index}}`, LATER)),
  );
  const bodies = begun.map(({ body }) => body);
  const { body: later } = await beginPrepay(database.db, ref, '{"body":"later"}', CODE_EXPIRES_AT);

  expect(new Set(bodies)).toEqual(new Set([later]));
  expect(bodies).toContain(later);
  expect(await loadAttemptParameters(database.db, ref)).toMatchObject({ prepayBody: later });
  expect((await stands(order)).attempts[0]).toMatchObject({ prepayStartedAt: LATER, codeGiven: false });
});

test('a prepay never begins for an attempt that was never reserved', async () => {
  const order = await database.place();

  await expect(
    beginPrepay(database.db, { mchid: MCHID, outTradeNo: outTradeNo(order, 2) }, '{}', LATER),
  ).rejects.toThrow('never reserved');
});

test('codes open the attempt, and its order awaits the payment', async () => {
  const order = await database.place();

  expect(await recordPrepayOpened(database.db, opened(order))).toEqual({ applied: true });

  expect(await stands(order)).toMatchObject({
    state: 'awaitingPayment',
    version: 2,
    attempts: [
      {
        state: 'open',
        codeUrl: 'weixin://wxpay/bizpayurl?pr=1',
        prepayId: null,
        codeExpiresAt: CODE_EXPIRES_AT,
        codeGiven: true,
      },
    ],
  });
});

test('the same codes again make no new version, fresh ones do', async () => {
  const order = await database.place();
  await recordPrepayOpened(database.db, opened(order));
  await recordPrepayOpened(database.db, opened(order));
  expect((await stands(order)).version).toBe(2);

  const codes = { codeUrl: 'weixin://wxpay/bizpayurl?pr=2', prepayId: null, h5Url: null };
  await recordPrepayOpened(database.db, opened(order, { codes }));

  expect(await stands(order)).toMatchObject({ version: 3, attempts: [{ codeUrl: codes.codeUrl }] });
});

test('codes that come after the attempt was decided change nothing but that somebody holds one', async () => {
  const order = await database.place();
  const { record } = await projectOrder(database.db, closed(order), LATER);

  expect(await recordPrepayOpened(database.db, opened(order))).toEqual({ applied: false });

  const [attempt] = record.attempts;
  expect(await stands(order)).toEqual({ ...record, attempts: [{ ...attempt, codeGiven: true }] });
});

test('codes of another attempt leave a paid order paid', async () => {
  const order = await database.place();
  const second = await reserved(request(order));
  await projectOrder(database.db, paid(await stands(order)), LATER);

  expect(await recordPrepayOpened(database.db, opened(order, { outTradeNo: second.attempt.outTradeNo }))).toEqual({
    applied: true,
  });

  expect(await stands(order)).toMatchObject({ state: 'paid', attempts: [{ state: 'succeeded' }, { state: 'open' }] });
});

test('a refusal shows in its attempt, without a new version', async () => {
  const order = await database.place();
  const second = await reserved(request(order));
  const refusal = { status: 400, code: 'PARAM_ERROR', message: 'the second one', detail: null };
  await recordPrepayFailed(
    database.db,
    { mchid: MCHID, outTradeNo: second.attempt.outTradeNo },
    { earlierUnknown: false, refusal },
  );
  expect(await stands(order)).toMatchObject({ version: 2, attempts: [{ refusal: null }, { refusal }] });

  const first = { status: 403, code: 'RULE_LIMIT', message: 'the first one', detail: null };
  await recordPrepayFailed(
    database.db,
    { mchid: MCHID, outTradeNo: outTradeNo(order) },
    { earlierUnknown: false, refusal: first },
  );

  expect(await stands(order)).toMatchObject({ version: 2, attempts: [{ refusal: first }, { refusal }] });
});

test('an order of two attempts is paid by the second', async () => {
  const order = await database.place();
  await reserved(request(order));
  const [first, second] = projectionOf(await stands(order)).attempts;
  if (first === undefined || second === undefined) throw new Error('two attempts');
  const succeeded = { ...second, state: 'succeeded' as const, transactionId: 'of-two', paidFen: order.amountFen };

  const { record } = await projectOrder(
    database.db,
    { ...paid(order), paidAttempt: second.outTradeNo, attempts: [{ ...first, state: 'closed' }, succeeded] },
    LATER,
  );

  expect(record).toMatchObject({ state: 'paid', paidAttempt: `${order.orderNo}*2` });
  expect(await stands(order)).toEqual(record);
});

const payment = { payer: { openid: 'oPayer', bankType: null }, tradeType: 'NATIVE', coupons: [], couponsLeftOut: 0 };

test.each([
  ['CNY', 1_000, 1_000],
  ['CNY', 1_201, 1_201],
  ['HKD', 1_201, null],
  ['USD', null, null],
])('a payer who paid %s %j leaves an order paid with payerFen %j', async (payerCurrency, payerAmount, payerFen) => {
  const order = await database.place();
  await queriedTrade(database.db, order, { ...payment, payerCurrency, payerAmount }, LATER);
  const { record, applied } = await projectOrder(database.db, paid(order), LATER);
  expect(applied).toBe(true);
  expect(readableOrder(record)).toMatchObject({ state: 'paid', paidFen: order.amountFen, payerFen });
});

test('what WeChat Pay said of a payment first is kept', async () => {
  const order = await database.place();
  const said = { ...payment, payerCurrency: 'CNY', payerAmount: 1_200 };
  await queriedTrade(database.db, order, said, LATER);
  await queriedTrade(database.db, order, { ...said, payerAmount: 1, payer: null }, LATER);
  expect(await stands(order)).toMatchObject({ attempts: [{ payment: said }] });
});

test('what a close was refused with is seen by whoever watches the order: its version grows, once', async () => {
  const order = await database.place();
  const ref = { mchid: MCHID, orderNo: order.orderNo, outTradeNo: outTradeNo(order) };
  const refusal = { status: 400, code: 'INVALID_REQUEST', message: 'no', detail: { field: '/amount', issue: 'odd' } };
  const seen = async () => {
    const record = await loadOrder(database.db, order);
    return [record?.version, record?.attempts[0]?.gateway?.code];
  };
  for (const code of ['INVALID_REQUEST', 'INVALID_REQUEST', 'NO_AUTH'])
    await recordAttemptAnswer(database.db, ref, { ...refusal, code });
  expect(await seen()).toEqual([order.version + 2, 'NO_AUTH']);
});

test('what leaves it open whether a close took effect is kept until it is refused, and never in place of a refusal', async () => {
  const order = await database.place();
  const ref = { mchid: MCHID, orderNo: order.orderNo, outTradeNo: outTradeNo(order) };
  const page = { status: 503, code: null, message: '', detail: null };
  const refused = { status: 400, code: 'INVALID_REQUEST', message: 'no', detail: null };
  const limited = { status: 429, code: 'FREQUENCY_LIMITED', message: 'slower', detail: null };
  for (const [answer, kept] of [
    [page, page],
    [limited, limited],
    [refused, refused],
    [page, refused],
    [{ ...page, status: 500, code: 'SYSTEM_ERROR' }, refused],
  ] as const) {
    await recordAttemptAnswer(database.db, ref, answer);
    expect((await loadOrder(database.db, order))?.attempts[0]?.gateway).toEqual(kept);
  }
});
