import { beforeEach, describe, expect, it } from 'vitest';
import { projectOrder } from '../../src/orders/store/projection.js';
import { reserveReissue } from '../../src/refunds/store/reserve.js';
import type { QueriedRefund } from '../../src/orders/rules/gateway-answer.js';
import { parseFen } from '../../src/base/money.js';
import { GatewayError } from '../../src/channels/port.js';
import { TemporalUnavailable } from '../../src/temporal/call.js';
import type { RefundResolveOutcome } from '../../src/refunds/rules/states.js';
import type { ResolveOutcome } from '../../src/orders/rules/states.js';
import { closed, paid, projectionOf } from '../db/fixtures.js';
import { must } from '../orders/rules/fixtures.js';
import { fakeGateway } from '../http/support/fake-gateway.js';
import { moveRefund, returnPayment, storedRefund } from '../refunds/api/refund-steps.js';
import { MCHID, OTHER_MCHID, textWith, useTestApp } from '../http/support/test-app.js';
import { signedIn, sendForm, type Operator } from './support/operator.js';

const test = useTestApp();

let operator: Operator;
beforeEach(async () => {
  operator = await signedIn(test, (await test.operatorKey()).key);
});

const ASKED = { reason: 'the payer shows a receipt', confirm: 'yes' };
const orderPath = (number: string) => `/ops/orders/${MCHID}/${number}`;
const refundPath = (number: string) => `/ops/refunds/${MCHID}/${encodeURIComponent(number)}`;

/** An order whose money differs from what it costs: a person has to decide. */
async function placeReviewed(): Promise<string> {
  const number = await test.placeOrder();
  const record = await test.load(number);
  const { attempts } = paid(record);
  const review = projectionOf(record, {
    state: 'review',
    reviewReason: 'amount_mismatch',
    stuckReason: 'review',
    attempts: attempts.map((attempt) => ({ ...attempt, paidFen: record.amountFen })),
  });
  await projectOrder(test.connection.db, review, test.clock.now);
  return number;
}

const typed = (number: string) => ({ ...ASKED, typed: number });

async function refusedAs(answer: Response): Promise<[number, string | undefined]> {
  return [answer.status, /id="refusal"[^>]*data-code="([^"]+)"/.exec(await answer.text())?.[1]];
}

const wrongFields = (html: string): (string | undefined)[] =>
  [...html.matchAll(/data-error="([^"]+)"/g)].map(([, error]) => error);

describe('an action on an order', () => {
  it.each(['recheck', 'close', 'hold', 'extend'])(
    '%s is a form that says what it does and does nothing by itself',
    async (action) => {
      const number = await test.placeOrder();
      const answer = await operator.get(`${orderPath(number)}/${action}?lang=en`);
      expect(answer.status).toBe(200);
      const html = await answer.text();
      expect(html).toContain('What will happen');
      expect(html).toContain(`action="${orderPath(number)}/${action}"`);
      expect(test.orders.calls.filter(({ name }) => name !== 'create')).toEqual([]);
      expect(await test.actionsOf(number)).toEqual([]);
    },
  );

  it.each<[string, Record<string, string>, string, string]>([
    ['recheck', {}, 'recheck', 'asked'],
    ['hold', {}, 'extendDeadline', 'extended'],
    ['extend', { until: '2026-03-03T18:30' }, 'extendDeadline', 'extended'],
  ])('%s is done and kept with name and reason, and leads back to the order', async (action, fields, call, outcome) => {
    const number = await test.placeOrder();
    const answer = await operator.post(`${orderPath(number)}/${action}`, { ...ASKED, ...fields });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, `${orderPath(number)}?done=${action}`]);
    expect(test.orders.calls.at(-1)?.name).toBe(call);
    expect(await test.actionsOf(number)).toMatchObject([
      { action, reason: ASKED.reason, actor: textWith(/^Li Lei \(/), outcome },
    ]);
  });

  it('extend reads its time as Beijing time', async () => {
    const number = await test.placeOrder();
    await operator.post(`${orderPath(number)}/extend`, { ...ASKED, until: '2026-03-03T18:30' });
    expect(test.orders.callsOf('extendDeadline')).toMatchObject([{ until: new Date('2026-03-03T10:30:00Z') }]);
  });

  it('release puts a moved deadline back', async () => {
    const number = await test.placeOrder();
    const record = await test.load(number);
    const held = projectionOf(record, { expiresAtMs: record.createdAt.getTime() + 7 * 86_400_000 });
    await projectOrder(test.connection.db, held, test.clock.now);
    expect(await (await operator.get(`${orderPath(number)}/release`)).text()).toContain('2026-03-01 20:00:00');
    const answer = await operator.post(`${orderPath(number)}/release`, ASKED);
    expect(answer.headers.get('location')).toBe(`${orderPath(number)}?done=release`);
    expect(test.orders.callsOf('extendDeadline')).toMatchObject([{ until: new Date('2026-03-01T12:00:00Z') }]);
  });

  it('close says whether it is confirmed', async () => {
    const number = await test.placeOrder();
    const pending = await operator.post(`${orderPath(number)}/close`, ASKED);
    expect(pending.headers.get('location')).toBe(`${orderPath(number)}?done=close-pending`);
    test.orders.answers.close = async () => {
      await projectOrder(test.connection.db, closed(await test.load(number), 'cancelled'), test.clock.now);
      return 'closed';
    };
    const confirmed = await operator.post(`${orderPath(number)}/close`, ASKED);
    expect(confirmed.headers.get('location')).toBe(`${orderPath(number)}?done=close`);
    expect(await test.actionsOf(number)).toMatchObject([{ action: 'close', reason: ASKED.reason, outcome: 'closed' }]);
  });

  it.each(['accept', 'return', 'close'] as const)('a decision to %s is carried out', async (action) => {
    const number = await placeReviewed();
    const answer = await operator.post(`${orderPath(number)}/resolve-${action}`, typed(number));
    expect(answer.headers.get('location')).toBe(`${orderPath(number)}?done=resolve-${action}`);
    expect(test.orders.callsOf('resolve')).toMatchObject([{ orderNo: number, action }]);
    expect(await test.actionsOf(number)).toMatchObject([
      { action: 'resolve', parameters: { action }, reason: ASKED.reason, outcome: 'resolved' },
    ]);
  });

  it('that moves money says how much and wants the number typed', async () => {
    const number = await placeReviewed();
    const form = await (await operator.get(`${orderPath(number)}/resolve-return?lang=en`)).text();
    expect(form).toContain('¥12.00 go back to the payer');
    expect(form).toContain(`Type the order number ${number} to confirm`);
    const answer = await operator.post(`${orderPath(number)}/resolve-return`, { ...ASKED, typed: 'A-9999' });
    expect(answer.status).toBe(400);
    expect(wrongFields(await answer.text())).toEqual(['number_differs']);
    expect(test.orders.callsOf('resolve')).toEqual([]);
  });

  it('that is not possible any more says so instead of asking', async () => {
    const number = await test.placePaidOrder();
    const html = await (await operator.get(`${orderPath(number)}/close?lang=en`)).text();
    expect(html).toContain('This is not possible now');
    expect(html).not.toContain('id="submit"');
  });
});

describe('what is not done', () => {
  it.each<[string, Record<string, string>, string]>([
    ['no reason', { confirm: 'yes', reason: '  ' }, 'reason_required'],
    ['a reason that is too long', { confirm: 'yes', reason: 'x'.repeat(501) }, 'reason_invalid'],
    ['a reason that cannot be shown', { confirm: 'yes', reason: 'a\u0007b' }, 'reason_invalid'],
    ['no confirmation', { reason: 'x' }, 'confirm_required'],
  ])('for %s: the form comes back', async (_, fields, error) => {
    const number = await test.placeOrder();
    const answer = await operator.post(`${orderPath(number)}/recheck`, fields);
    expect(answer.status).toBe(400);
    expect(wrongFields(await answer.text())).toEqual([error]);
    expect(test.orders.callsOf('recheck')).toEqual([]);
    expect(await test.actionsOf(number)).toEqual([]);
  });

  it.each(['', '2026-03-08T18:01', '2026-02-30T10:00'])('extend to %j: the bounds are told', async (until) => {
    const number = await test.placeOrder();
    const answer = await operator.post(`${orderPath(number)}/extend`, { ...ASKED, until }, { 'Accept-Language': 'en' });
    const html = await answer.text();
    expect([answer.status, wrongFields(html)]).toEqual([400, ['until_invalid']]);
    expect(html).toContain('From 2026-03-01 18:01 to 2026-03-08 18:00');
  });

  it('an extension into the past is refused by the order, and what was typed stays', async () => {
    const number = await test.placeOrder();
    const fields = { ...ASKED, until: '2026-03-01T18:00' };
    const answer = await operator.post(`${orderPath(number)}/extend`, fields);
    const html = await answer.clone().text();
    expect(await refusedAs(answer)).toEqual([400, 'invalid_request']);
    expect(html).toContain('value="2026-03-01T18:00"');
    expect(html).toContain('the payer shows a receipt</textarea>');
    expect(html).toMatch(/id="confirm"[^>]*checked/);
  });

  it.each<[ResolveOutcome | 'pending', number, string]>([
    ['unconfirmed', 409, 'resolve_unconfirmed'],
    ['not_applicable', 409, 'resolve_not_applicable'],
    ['money_held', 409, 'money_held'],
    ['not_ours', 409, 'money_not_ours'],
    ['pending', 503, 'outcome_pending'],
  ])('a decision that is %s is told by its code', async (outcome, status, code) => {
    const number = await placeReviewed();
    test.orders.answers.resolve = () => Promise.resolve(outcome);
    expect(await refusedAs(await operator.post(`${orderPath(number)}/resolve-close`, typed(number)))).toEqual([
      status,
      code,
    ]);
  });

  it("a decision about somebody else's money says so, and what can be done, in both languages", async () => {
    const number = await placeReviewed();
    test.orders.answers.resolve = () => Promise.resolve('not_ours');
    const textIn = async (language: string) =>
      (await operator.post(`${orderPath(number)}/resolve-accept?lang=${language}`, typed(number))).text();
    expect(await textIn('zh')).toContain('这个单号下的款项是别人的');
    expect(await textIn('zh')).toContain('只能关闭订单');
    expect(await textIn('en')).toMatch(/The money under this number is somebody else.*Close the order\./s);
  });

  it.each<[string, 'order_paid' | 'order_closed' | 'order_not_payable']>([
    ['close', 'order_paid'],
    ['hold', 'order_not_payable'],
  ])('%s of a paid order: %s', async (action, code) => {
    const number = await test.placePaidOrder();
    expect(await refusedAs(await operator.post(`${orderPath(number)}/${action}`, ASKED))).toEqual([409, code]);
  });

  it('hold of a closed order, and close of one in review', async () => {
    const number = await test.placeOrder();
    await projectOrder(test.connection.db, closed(await test.load(number)), test.clock.now);
    expect(await refusedAs(await operator.post(`${orderPath(number)}/hold`, ASKED))).toEqual([409, 'order_closed']);
    const reviewed = await placeReviewed();
    expect(await refusedAs(await operator.post(`${orderPath(reviewed)}/close`, ASKED))).toEqual([
      409,
      'order_not_payable',
    ]);
  });

  it('while Temporal is away says so in the page’s language, and the same again joins it', async () => {
    const number = await test.placeOrder();
    test.orders.answers.recheck = () => Promise.reject(new TemporalUnavailable());
    const answer = await operator.post(`${orderPath(number)}/recheck`, ASKED, { 'Accept-Language': 'zh' });
    const html = await answer.clone().text();
    expect(await refusedAs(answer)).toEqual([503, 'outcome_pending']);
    expect(answer.headers.get('retry-after')).toMatch(/^[0-9]+$/);
    expect(html).toContain('再次提交会接上');
    test.orders.answers = {};
    expect((await operator.post(`${orderPath(number)}/recheck`, ASKED)).status).toBe(303);
    expect(await test.actionsOf(number)).toHaveLength(1);
  });

  it('without the session’s token, from elsewhere, or for another’s merchant', async () => {
    const number = await test.placeOrder();
    const path = `${orderPath(number)}/recheck`;
    const forged = await operator.post(path, { ...ASKED, csrf: 'x' });
    const bare = await sendForm(operator.app, path, ASKED, { Cookie: operator.cookie });
    const elsewhere = await operator.post(path, ASKED, { Origin: 'https://evil.example' });
    const nobody = await sendForm(operator.app, path, ASKED);
    const foreign = await operator.post(`/ops/orders/${OTHER_MCHID}/${number}/recheck`, ASKED);
    expect([forged, bare, elsewhere, nobody, foreign].map(({ status }) => status)).toEqual([403, 403, 403, 401, 403]);
    expect(test.orders.callsOf('recheck')).toEqual([]);
    expect(await test.actionsOf(number)).toEqual([]);
  });

  it('for an action, an order or a refund that does not exist', async () => {
    const number = await test.placeOrder();
    for (const path of [
      `${orderPath(number)}/explode`,
      `${orderPath('A-999999')}/recheck`,
      `${refundPath('R-0')}/reissue`,
    ])
      expect((await operator.get(path)).status).toBe(404);
  });

  it('is never what an address or a field says: everything typed is text', async () => {
    const number = await test.placeOrder();
    const reason = '"><script>alert(1)</script>';
    const html = await (await operator.post(`${orderPath(number)}/recheck`, { reason })).text();
    expect(html).not.toContain('<script>alert');
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  });
});

describe('a refund by an operator', () => {
  const fields = (number: string, change: Record<string, string> = {}) => ({
    ...typed(number),
    amount: '5.00',
    refundNo: `${number}-R1`,
    payerReason: 'sold out',
    ...change,
  });

  it('proposes what is left and a number, and is made once however often it is sent', async () => {
    const number = await test.placePaidOrder();
    const form = await (await operator.get(`${orderPath(number)}/refund`)).text();
    expect(form).toMatch(/name="amount"[^>]*value="12.00"/);
    expect(form).toContain(`value="${number}-R1"`);
    const first = await operator.post(`${orderPath(number)}/refund`, fields(number));
    expect(first.headers.get('location')).toBe(`${orderPath(number)}?done=refund`);
    const second = await operator.post(`${orderPath(number)}/refund`, fields(number));
    expect(second.headers.get('location')).toBe(`${orderPath(number)}?done=refund-known`);
    expect((await test.load(number)).refunds).toMatchObject([
      { outRefundNo: `${number}-R1`, amountFen: 500, reason: 'sold out' },
    ]);
    expect((await test.actionsOf(number))[0]).toMatchObject({ action: 'refund', reason: ASKED.reason });
    const next = await (await operator.get(`${orderPath(number)}/refund`)).text();
    expect(next).toMatch(/name="amount"[^>]*value="7.00"/);
    expect(next).toContain(`value="${number}-R2"`);
  });

  it.each<[string, Record<string, string>, string]>([
    ['no amount', { amount: '0' }, 'amount_invalid'],
    ['a float', { amount: '1.005' }, 'amount_invalid'],
    ['a number that is none', { refundNo: 'a b' }, 'refund_no_invalid'],
    ['a long reason for the payer', { payerReason: 'x'.repeat(81) }, 'payer_reason_invalid'],
  ])('is not made with %s', async (_, change, error) => {
    const number = await test.placePaidOrder();
    const answer = await operator.post(`${orderPath(number)}/refund`, fields(number, change));
    expect([answer.status, wrongFields(await answer.text())]).toEqual([400, [error]]);
    expect((await test.load(number)).refunds).toEqual([]);
  });

  it('is refused for too much, for a number in use, and where nothing was paid', async () => {
    const number = await test.placePaidOrder();
    const send = async (to: string, change: Record<string, string> = {}) =>
      refusedAs(await operator.post(`${orderPath(to)}/refund`, fields(to, change)));
    expect(await send(number, { amount: '12.01' })).toEqual([422, 'refund_exceeds_paid']);
    await operator.post(`${orderPath(number)}/refund`, fields(number));
    expect(await send(number, { amount: '6.00' })).toEqual([409, 'refund_conflict']);
    expect(await send(await test.placeOrder())).toEqual([409, 'order_not_paid']);
    expect(await send(await placeReviewed())).toEqual([409, 'order_in_review']);
    test.clock.now = new Date(test.clock.now.getTime() + 366 * 86_400_000);
    const again = await signedIn(test, (await test.operatorKey()).key);
    const late = await again.post(`${orderPath(number)}/refund`, fields(number, { refundNo: 'late' }));
    expect(await refusedAs(late)).toEqual([422, 'refund_too_old']);
  });
});

describe('a refund that somebody else made', () => {
  const externalNo = (number: string) => `mp|${number}@1`;
  const fields = (number: string, change: Record<string, string> = {}) => ({
    ...ASKED,
    refundNo: externalNo(number),
    ...change,
  });

  /** What WeChat Pay says about any refund number. */
  function wechatSays(answer: (outRefundNo: string) => Promise<QueriedRefund>): void {
    test.gateways.set(MCHID, { ...fakeGateway(MCHID), queryRefund: ({ outRefundNo }) => answer(outRefundNo) });
  }

  const refunded =
    (number: string) =>
    (outRefundNo: string): Promise<QueriedRefund> =>
      Promise.resolve({
        kind: 'found',
        refund: {
          ...{ refundId: '5030000001', outRefundNo, outTradeNo: number, transactionId: '4200000001' },
          ...{ status: 'succeeded', refundFen: must(parseFen(900)), totalFen: must(parseFen(1200)), successAtMs: 1 },
        },
        details: { channel: 'ORIGINAL', receivedAccount: '招商银行信用卡0403', acceptedAtMs: 1 },
      });

  it('is entered by its number on the order’s page, booked as WeChat Pay tells it, and known from then on', async () => {
    const number = await test.placePaidOrder();
    wechatSays(refunded(number));
    expect(await (await operator.get(orderPath(number))).text()).toContain(`${orderPath(number)}/external-refund"`);
    const form = await (await operator.get(`${orderPath(number)}/external-refund?lang=en`)).text();
    expect(form).toContain('WeChat Pay is asked first');
    expect(form).toContain('exactly as it is there');
    expect(await test.actionsOf(number)).toEqual([]);
    const first = await operator.post(`${orderPath(number)}/external-refund`, fields(number));
    expect(first.headers.get('location')).toBe(`${orderPath(number)}?done=external-refund`);
    const second = await operator.post(`${orderPath(number)}/external-refund`, fields(number));
    expect(second.headers.get('location')).toBe(`${orderPath(number)}?done=external-refund-known`);
    expect((await test.load(number)).refunds).toMatchObject([
      { outRefundNo: externalNo(number), cause: 'external', amountFen: 900, state: 'succeeded', channel: 'ORIGINAL' },
    ]);
    const done = await (await operator.get(`${orderPath(number)}?done=external-refund&lang=zh`)).text();
    expect(done).toContain('在别处做的退款已录入');
    const kept = { action: 'externalRefund', parameters: { outRefundNo: externalNo(number) }, outcome: 'recorded' };
    expect((await test.actionsOf(number))[0]).toMatchObject({ ...kept, reason: ASKED.reason });
    expect(await callsOf(number)).toMatchObject([{ outcome: 'found' }, { outcome: 'found' }]);
  });

  const callsOf = (number: string) => test.connection.sql`
    select outcome from gateway_calls where order_no = ${number} and api = 'refundQuery' order by id`;

  it.each([
    ['no number', { refundNo: ' ' }],
    ['a number WeChat Pay cannot have', { refundNo: 'a b' }],
    ['a number that is too long', { refundNo: 'x'.repeat(65) }],
  ])('is not asked about with %s', async (_, change) => {
    const number = await test.placePaidOrder();
    const answer = await operator.post(`${orderPath(number)}/external-refund`, fields(number, change));
    expect([answer.status, wrongFields(await answer.text())]).toEqual([400, ['external_no_invalid']]);
    expect(await test.actionsOf(number)).toEqual([]);
  });

  it('that WeChat Pay does not know, or knows elsewhere, is told by its code', async () => {
    const number = await test.placePaidOrder();
    const send = async () => refusedAs(await operator.post(`${orderPath(number)}/external-refund`, fields(number)));
    wechatSays(() => Promise.resolve({ kind: 'notExist' }));
    expect(await send()).toEqual([404, 'refund_not_at_wechat']);
    wechatSays(refunded('A-of-another'));
    expect(await send()).toEqual([409, 'refund_of_another_order']);
    expect((await test.load(number)).refunds).toEqual([]);
  });

  it('without an answer stays asked for, as one request, and the call is kept', async () => {
    const number = await test.placePaidOrder();
    wechatSays(() => Promise.reject(new GatewayError('unknown', { gatewayCode: 'SYSTEM_ERROR' })));
    for (let n = 0; n < 2; n += 1) {
      const answer = await operator.post(`${orderPath(number)}/external-refund`, fields(number));
      expect(answer.headers.get('retry-after')).toMatch(/^[0-9]+$/);
      expect(await refusedAs(answer)).toEqual([503, 'outcome_pending']);
    }
    expect(await test.actionsOf(number)).toMatchObject([{ action: 'externalRefund', outcome: null }]);
    expect(await callsOf(number)).toMatchObject([{ outcome: 'SYSTEM_ERROR' }, { outcome: 'SYSTEM_ERROR' }]);
  });
});

describe('a refund that does not end by itself', () => {
  async function ownRefund(state: 'abnormal' | 'rejected'): Promise<{ number: string; refundNo: string }> {
    const number = await test.placePaidOrder();
    const refundNo = await returnPayment(test, number);
    await moveRefund(test, refundNo, { state });
    return { number, refundNo };
  }

  it.each(['abnormalRefund', 'paidOffline'] as const)('is decided: %s', async (action) => {
    const { number, refundNo } = await ownRefund('abnormal');
    const form = await (await operator.get(`${refundPath(refundNo)}/${action}?lang=en`)).text();
    expect(form).toContain('¥12.00');
    const answer = await operator.post(`${refundPath(refundNo)}/${action}`, typed(number));
    expect(answer.headers.get('location')).toBe(`${orderPath(number)}?done=${action}`);
    expect(test.refunds.callsOf('resolve')).toMatchObject([{ outRefundNo: refundNo, action }]);
    expect(await test.actionsOf(number)).toMatchObject([{ action, out_refund_no: refundNo, reason: ASKED.reason }]);
  });

  it('is issued again under its next number', async () => {
    const { number, refundNo } = await ownRefund('rejected');
    test.refunds.answers.resolve = async ({ mchid, outRefundNo }) => {
      await reserveReissue(test.connection.db, { mchid, outRefundNo, now: test.clock.now });
      return 'resolved';
    };
    const form = await (await operator.get(`${refundPath(refundNo)}/reissue?lang=en`)).text();
    expect(form).toContain(`${refundNo}*2`);
    const answer = await operator.post(`${refundPath(refundNo)}/reissue`, typed(number));
    expect(answer.headers.get('location')).toBe(`${orderPath(number)}?done=reissue`);
    expect(await storedRefund(test, `${refundNo}*2`)).toMatchObject({ state: 'requested', predecessor: refundNo });
  });

  it("of the shop's own number is not issued again", async () => {
    const { number, refundNo } = await ownRefund('rejected');
    test.refunds.answers.resolve = () => Promise.resolve('not_allowed');
    const answer = await operator.post(`${refundPath(refundNo)}/reissue`, typed(number));
    expect(await refusedAs(answer)).toEqual([409, 'reissue_not_allowed']);
  });

  it.each<[RefundResolveOutcome | 'pending', number, string]>([
    ['unconfirmed', 409, 'resolve_unconfirmed'],
    ['not_applicable', 409, 'resolve_not_applicable'],
    ['refused', 422, 'abnormal_refund_refused'],
    ['pending', 503, 'outcome_pending'],
  ])('%s is told by its code', async (outcome, status, code) => {
    const { number, refundNo } = await ownRefund('abnormal');
    test.refunds.answers.resolve = () => Promise.resolve(outcome);
    const answer = await operator.post(`${refundPath(refundNo)}/abnormalRefund`, typed(number));
    expect(await refusedAs(answer)).toEqual([status, code]);
  });
});

describe('an event', () => {
  it('is sent again, and one that was withdrawn is not', async () => {
    const number = await test.placePaidOrder();
    const [event] = await test.connection.sql<
      { id: string }[]
    >`select id from merchant_events where order_no = ${number}`;
    const path = `/ops/events/${MCHID}/${event?.id ?? ''}/resend`;
    expect(await (await operator.get(path)).text()).toContain('order.paid');
    const answer = await operator.post(path, ASKED);
    expect(answer.headers.get('location')).toBe(`${orderPath(number)}?done=resend`);
    expect(test.events.callsOf('resend')).toEqual([event?.id]);
    await test.connection
      .sql`update merchant_events set status = 'withdrawn', next_at = null where order_no = ${number}`;
    expect(await refusedAs(await operator.post(path, ASKED))).toEqual([409, 'event_withdrawn']);
  });

  it('of a shop without an endpoint has no form to send', async () => {
    const number = await test.placePaidOrder();
    const [event] = await test.connection.sql<
      { id: string }[]
    >`select id from merchant_events where order_no = ${number}`;
    test.withoutEndpoint(MCHID);
    const path = `/ops/events/${MCHID}/${event?.id ?? ''}/resend`;
    expect(await (await operator.get(path)).text()).not.toContain('name="reason"');
    const refused = await operator.post(path, ASKED);
    expect(await refused.clone().text()).toContain('店铺没有配置通知地址');
    expect(await refusedAs(refused)).toEqual([409, 'event_unaddressed']);
    expect(test.events.callsOf('resend')).toEqual([]);
  });

  it('that does not exist has no form', async () => {
    for (const id of ['x', '00000000-0000-4000-8000-000000000000'])
      expect((await operator.get(`/ops/events/${MCHID}/${id}/resend`)).status).toBe(404);
  });
});
