import { beforeEach, describe, expect, it } from 'vitest';
import { recordDelivery } from '../../src/shop-events/store/delivery.js';
import type { OrderSnapshot } from '../../src/timeline/rules/entry.js';
import { changesOf, timelineItems } from '../../src/orders/page/timeline-items.js';
import { detailText, kindText, outcomeText } from '../../src/orders/page/timeline-text.js';
import { moveRefund, returnPayment } from '../refunds/api/refund-steps.js';
import { MCHID, NOW, OTHER_MCHID, useTestApp } from '../http/support/test-app.js';
import { signedIn, type Operator } from './support/operator.js';

const test = useTestApp();
const TEMPORAL = { url: 'http://temporal.example', namespace: 'paysaga' };

let operator: Operator;
beforeEach(async () => {
  operator = await signedIn(test, (await test.operatorKey()).key, { temporalUi: TEMPORAL });
});

const pathOf = (number: string) => `/ops/orders/${MCHID}/${number}`;
const read = async (number: string, query = '?lang=en') => (await operator.get(pathOf(number) + query)).text();
const actionsOn = (html: string) => [...html.matchAll(/id="do-([a-z-]+)"/g)].map(([, action]) => action);
const workflow = (id: string) => `${TEMPORAL.url}/namespaces/paysaga/workflows/${encodeURIComponent(id)}`;

describe("an order's page", () => {
  it('says what the order waits for, what comes next, who can act, and what can be pasted', async () => {
    const number = await test.placeOrder();
    const html = await read(number);
    expect(html).toContain('data-waiting-for="payment"');
    expect(html).toContain('Waiting for the payer to pay ¥12.00');
    expect(html).toContain('query WeChat Pay, unless its notify comes first');
    expect(html).toContain('the payer');
    expect(html).toContain(`paysaga show ${number}`);
    expect(html).toContain(`href="${workflow(`order/${MCHID}/${number}`)}"`);
    expect(actionsOn(html)).toEqual(['recheck', 'close', 'hold', 'extend']);
  });

  it('calls nothing payable of an order that is being closed', async () => {
    const number = await test.placeOrder();
    expect(await read(number)).toMatch(/>Payable</);
    await test.connection.sql`update orders set ending = 'cancelled', version = version + 1 where order_no = ${number}`;
    const html = await read(number);
    expect(html).not.toMatch(/>Payable</);
    expect(html).toContain('Awaiting payment · Being closed');
    expect(await read(number, '?lang=zh')).toContain('等待付款 · 正在关闭');
  });

  it("shows the shop's data as text, bounded, and the checkout link while it opens anything", async () => {
    const many = Object.fromEntries(Array.from({ length: 70 }, (_, n) => [`another-${n}`, n]));
    const metadata = { note: '<b>less ice</b>', long: 'y'.repeat(400), deep: { a: [1, null] }, ...many };
    const number = await test.placeOrder({ attach: 'shop=17&table=4', metadata });
    const html = await read(number);
    expect(html).toContain('shop=17&amp;table=4');
    expect(html).toContain('&lt;b&gt;less ice&lt;/b&gt;');
    expect(html).toContain('{&quot;a&quot;:[1,null]}');
    expect(html).toContain(`${'y'.repeat(300)}…`);
    expect(html).not.toContain('y'.repeat(301));
    expect(html).toContain('23 more');
    const answer = await test.send('GET', `/v1/orders/${number}`);
    const { checkoutUrl } = (await answer.json()) as { checkoutUrl: string };
    expect(html).toContain(`id="checkout-link" href="${checkoutUrl}"`);
    expect(test.logLines.join()).not.toContain(new URL(checkoutUrl).search);
    test.clock.now = new Date(NOW.getTime() + 27 * 3_600_000);
    expect(await read(number)).not.toContain('checkout-link');
  });

  it('says by which bank a payer paid, and not who they are', async () => {
    const number = await test.placePaidOrder();
    const payment = {
      ...{ payer: { openid: 'oUpF8uMuAJO_canary', bankType: 'CMB_DEBIT' }, tradeType: 'JSAPI', payerCurrency: 'CNY' },
      ...{ payerAmount: 1200, coupons: [] },
    };
    const { sql } = test.connection;
    await sql`update attempts set payment = ${JSON.stringify(payment)}::text::jsonb where order_no = ${number}`;
    const html = await read(number);
    expect(html).toContain('CMB_DEBIT · JSAPI');
    expect(html).not.toContain('canary');
  });

  it('is Chinese for who reads Chinese', async () => {
    const html = await read(await test.placeOrder(), '?lang=zh');
    expect(html).toContain('<html lang="zh-CN"');
    expect(html).toContain('等待付款人支付 ¥12.00');
    expect(html).toContain('查询微信支付（除非通知先到）');
    expect(html).toContain('复查');
  });

  it('shows money, refunds with what can be done, events with their deliveries, and leads to each workflow', async () => {
    const number = await test.placePaidOrder();
    const refundNo = await returnPayment(test, number);
    await moveRefund(test, refundNo, { state: 'abnormal' });
    const [event] = await test.connection.sql<{ id: string }[]>`
      select id from merchant_events where order_no = ${number} and type = 'order.paid'`;
    const eventId = event?.id ?? '';
    const then = { kind: 'exhausted' } as const;
    const tried = { eventId, at: NOW, status: 503, outcome: 'refused', durationMs: 12, then };
    await recordDelivery(test.connection.db, tried);
    const html = await read(number);
    expect(html).toContain('A refund cannot go back the way it came');
    expect(html).toContain(`/ops/refunds/${MCHID}/${encodeURIComponent(refundNo)}/abnormalRefund`);
    expect(html).toContain(`/ops/refunds/${MCHID}/${encodeURIComponent(refundNo)}/paidOffline`);
    expect(html).toContain(`/ops/events/${MCHID}/${eventId}/resend`);
    expect(html).toMatch(/<b>503<\/b>/);
    for (const id of [`refund/${MCHID}/${refundNo}`, `event/${eventId}`])
      expect(html).toContain(`href="${workflow(id)}"`);
    test.withoutEndpoint(MCHID);
    expect(await read(number, '?lang=en')).not.toContain('/resend"');
  });

  it('shows who did what, why, and only what it changed', async () => {
    const number = await test.placePaidOrder();
    await operator.post(`${pathOf(number)}/refund`, {
      ...{ reason: 'half of it was <broken>', confirm: 'yes', typed: number },
      ...{ amount: '5', refundNo: `${number}-R1`, payerReason: '' },
    });
    const html = await read(number, '?lang=en&done=refund');
    expect(html).toContain('data-flash="refund"');
    const entry = (kind: string) => html.split(`data-kind="${kind}"`)[1]?.split('</li><li class="entry')[0] ?? '';
    const action = entry('action.refund');
    expect(action).toContain('half of it was &lt;broken&gt;');
    expect(action).toContain('by Li Lei (');
    expect(entry('answer.refund')).toContain('Being refunded: <del>¥0.00</del> → <ins>¥5.00</ins>');
    expect(entry('answer.refund')).not.toContain('Deadline');
  });

  it('takes nothing of its address, and lets no description out of its text', async () => {
    const number = await test.placeOrder({ description: '<img src=x onerror=alert(1)>' });
    const answer = await operator.get(`${pathOf(number)}?lang=en&done=%3Cscript%3E`);
    const html = await answer.text();
    expect(html).not.toContain('<img');
    expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(html).not.toContain('id="flash"');
    expect(html).not.toMatch(/<script(?![^>]* src=)/);
    expect(html).not.toMatch(/ (style|onclick|onload)=/);
    expect(answer.headers.get('content-security-policy')).not.toContain('unsafe');
  });

  it('never says who paid, with what code, or with which key', async () => {
    const number = await test.placeOrder({ product: 'jsapi', payer: { openid: 'openid-canary' } });
    const html = await read(number);
    expect(html).not.toMatch(/openid-canary|weixin:\/\/|psk_live_|prepay_id/);
  });

  it('is not there without a session, for another merchant, or for a number that no order has', async () => {
    const number = await test.placeOrder();
    const nobody = await operator.app.request(pathOf(number));
    expect([nobody.status, nobody.headers.get('location')]).toEqual([
      303,
      `/ops/login?next=${encodeURIComponent(pathOf(number))}`,
    ]);
    expect((await operator.get(`/ops/orders/${OTHER_MCHID}/${number}`)).status).toBe(403);
    for (const missing of ['A-999999', 'x', '%2e%2e']) expect((await operator.get(pathOf(missing))).status).toBe(404);
  });
});

const PAGE = { status: 503, code: null, message: '', detail: null };

describe('a timeline', () => {
  const entry = (minute: number, change: object = {}) => ({
    at: new Date(NOW.getTime() + minute * 60_000),
    wechatAt: null,
    ...({ source: 'gateway', kind: 'call.query', subject: 'A-1001', outcome: 'notPaid' } as const),
    ...{ amountFen: null, by: null, reason: null, before: null, after: null },
    ...{ detail: null, gateway: null, durationMs: 7, count: null },
    ...change,
  });

  it('is newest first, and a run of the same is one line', () => {
    const items = timelineItems([entry(0), entry(1), entry(2), entry(3, { outcome: 'paid' }), entry(4)], 'en');
    expect(items.map(({ outcome, count }) => [outcome, count])).toEqual([
      ['notPaid', 1],
      ['paid', 1],
      ['notPaid', 3],
    ]);
    expect(items[2]).toMatchObject({ sinceAt: NOW, at: new Date(NOW.getTime() + 120_000) });
  });

  it('never folds what people did, nor what differs in anything', () => {
    const person = { source: 'person', kind: 'action.recheck', by: 'Li Lei', reason: 'x' };
    expect(timelineItems([entry(0, person), entry(1, person)], 'en')).toHaveLength(2);
    for (const change of [
      { subject: 'B' },
      { kind: 'call.close' },
      { amountFen: 1 },
      { detail: 'x' },
      { count: 2 },
      { gateway: PAGE },
    ])
      expect(timelineItems([entry(0), entry(1, change)], 'en')).toHaveLength(2);
  });

  it('tells what WeChat Pay answered whole, in place of its pieces', () => {
    const gateway = { status: 400, code: 'PARAM_ERROR', message: 'no', detail: { field: '/amount', issue: 'odd' } };
    const refused = { outcome: 'refused', reason: 'no', detail: 'PARAM_ERROR: /amount: odd', gateway };
    const [page, whole] = timelineItems([entry(0, refused), entry(1, { gateway: PAGE })], 'zh');
    expect(whole).toMatchObject({ answered: 'HTTP 400 PARAM_ERROR: no (/amount: odd)', reason: null, detail: null });
    expect(page).toMatchObject({ answered: 'HTTP 503' });
  });

  it('speaks both languages and leaves what nobody named as it is', () => {
    expect(kindText('call.prepay', 'zh')).toBe('请求：下单');
    expect(kindText('event.order.paid', 'en')).toBe('To tell the shop: Order paid');
    expect(kindText('action.hold', 'zh')).toBe('延到最晚');
    expect(kindText('answer.reissue', 'en')).toBe('Answer: Issue the refund again');
    expect(kindText('action.fulfilment', 'en')).toBe('Fulfilment');
    expect(kindText('something.new', 'en')).toBe('something.new');
    expect(outcomeText('FREQUENCY_LIMITED', 'zh')).toBe('FREQUENCY_LIMITED');
    expect(outcomeText('expired', 'en', 'order.closed')).toBe('not paid in time');
    expect(detailText('action.extend', '2026-03-03T10:30:00.000Z', 'en')).toBe('→ 2026-03-03 18:30:00');
    expect(detailText('action.resolve', 'return', 'zh')).toBe('退回款项');
  });

  it('says before and after only where they differ', () => {
    const before: OrderSnapshot = {
      ...{ version: 1, state: 'review', closedReason: null, reviewReason: 'late_payment', stuckReason: 'review' },
      ...{ fulfilment: 'none', expiresAt: '2026-03-01T12:00:00.000Z', paidFen: 0, refundingFen: 0, refundedFen: 0 },
      ...{ returnedFen: 0, refund: null, event: null },
    };
    expect(changesOf(before, before, 'en')).toEqual([]);
    const after: OrderSnapshot = {
      ...{ ...before, version: 2, state: 'paid', reviewReason: null, stuckReason: null, paidFen: 1200 },
    };
    expect(changesOf(before, after, 'en')).toEqual([
      { label: 'State', before: 'In review', after: 'Paid' },
      { label: 'Why in review', before: 'paid after closing', after: '—' },
      { label: 'Stuck on', before: 'Needs a decision', after: '—' },
      { label: 'Paid', before: '¥0.00', after: '¥12.00' },
    ]);
  });
});
