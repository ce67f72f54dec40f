import { afterEach, describe, expect, it } from 'vitest';
import { parseOutRefundNo, type OrderNo } from '../../src/base/ids.js';
import { completedTasks, eventsOf } from '../support/history.js';
import { refunding, returnNo } from '../support/refunds.js';
import { resetRun } from '../support/reset.js';
import { sweep } from '../support/resume-later.js';
import { useSaga } from '../support/saga.js';
import { useShopEndpoint } from '../support/shop-endpoint.js';
import { until } from '../support/until.js';

const shop = useShopEndpoint();
const saga = useSaga({ endpoint: shop });
const refunds = refunding(saga);
afterEach(() => saga.gateway.repair());

const HOURS = 3_600_000;
const FULFILS = { fulfilment: { required: true, deadlineSeconds: 3_600 } };

type Used = { readonly orderNo: OrderNo; readonly refundNo: string };

/** Somebody else refunds a trade under this number; nobody is told. */
async function useNumber(refundNo: string, outTradeNo: string, refundFen: number, isDone = true): Promise<void> {
  await saga.gateway.refundDelay(24 * HOURS);
  await saga.gateway.outsideRefund({ outTradeNo, outRefundNo: refundNo, refundFen, notify: null });
  await saga.gateway.refundDelay(1_000);
  if (isDone) await saga.gateway.settle(refundNo, 'SUCCESS');
}

const enter = (orderNo: OrderNo, outRefundNo: string) =>
  saga.call(
    'POST',
    `/v1/orders/${orderNo}/external-refunds?mchid=${saga.mchid}`,
    { outRefundNo, reason: 'compared at the merchant platform' },
    saga.operatorKey,
  );

async function recheck(refundNo: string): Promise<void> {
  const outRefundNo = parseOutRefundNo(refundNo);
  if (!outRefundNo.ok) throw new Error('a legal number');
  await saga.services.refunds.recheck({ mchid: saga.mchid, outRefundNo: outRefundNo.value });
}

/** One that is told a second time comes under the same id. */
const eventsHeard = (orderNo: string) => [...new Map(shop.of(orderNo).map((event) => [event.id, event])).values()];

async function heard(orderNo: string, types: readonly string[]): Promise<void> {
  await until(`the events ${types.join()}`, () => eventsHeard(orderNo).length >= types.length);
  expect(eventsHeard(orderNo).map(({ type }) => type)).toEqual(types);
}

const held = (orderNo: OrderNo) => saga.orderWhen(orderNo, ({ stuckReason }) => stuckReason === 'refund_failed');

/** The shop asks for 500 fen under a number with which somebody else gave 300 of the same payment back. */
async function usedByTheShop(isDone = true): Promise<Used> {
  const orderNo = await refunds.paid();
  const refundNo = refunds.newNo();
  await useNumber(refundNo, orderNo, 300, isDone);
  expect((await refunds.post(orderNo, { refundNo, amountFen: 500 })).status).toBe(201);
  await held(orderNo);
  return { orderNo, refundNo };
}

/** PaySaga's own return of 1200 fen, under whose number somebody else gave 900 of the same payment back. */
async function usedByPaySaga(): Promise<Used> {
  const { orderNo } = await saga.createOrder({ policy: FULFILS });
  await saga.gateway.pay(orderNo);
  await saga.orderWhen(orderNo, ({ state }) => state === 'paid');
  await useNumber(returnNo(orderNo), orderNo, 900);
  await saga.call('POST', `/v1/orders/${orderNo}/fulfilment`, { outcome: 'rejected' });
  await held(orderNo);
  return { orderNo, refundNo: returnNo(orderNo) };
}

async function hoursPass(refundNo: string): Promise<void> {
  await saga.services.connection.sql`
    update refunds set swept_at = now() - interval '3 hours' where out_refund_no = ${refundNo}`;
  await sweep(saga, 3 * HOURS);
}

describe("the shop's number that somebody else used for another sum of the same payment", () => {
  it('is held, and its card says how a person ends that', async () => {
    const { orderNo, refundNo } = await usedByTheShop();
    const { explain, refundingFen } = await saga.order(orderNo);
    expect(refundingFen).toBe(500);
    expect(explain).toMatchObject({ waitingFor: 'refund_repaired', actor: 'operator' });
    expect(explain.commands[0]).toContain(`refund external ${orderNo} '${refundNo}'`);
    expect(explain.text.en).toContain('refund external');
  });

  it('becomes the refund that WeChat Pay knows once a person enters it; the shop can ask again under another', async () => {
    const { orderNo, refundNo } = await usedByTheShop();
    const { status, body } = await enter(orderNo, refundNo);
    const known = { refundNo, cause: 'external', amountFen: 300, state: 'succeeded' };
    expect([status, body]).toMatchObject([201, known]);
    expect(await saga.order(orderNo)).toMatchObject({ stuckReason: null, refundedFen: 300, refundingFen: 0 });
    await saga.refundWorkflow(refundNo).result();
    await heard(orderNo, ['order.paid', 'refund.rejected', 'refund.succeeded']);
    expect(shop.of(orderNo).map(({ refund }) => refund)).toMatchObject([
      undefined,
      { refundNo, cause: 'shop', amountFen: 500, state: 'rejected' },
      known,
    ]);
    const again = await refunds.post(orderNo, { refundNo, amountFen: 500 });
    expect([again.status, again.body.code]).toEqual([409, 'refund_conflict']);
    expect((await enter(orderNo, refundNo)).status).toBe(200);
    await refunds.aMinuteLater(orderNo);
    await refunds.ended(await refunds.ask(orderNo, 500), 'succeeded');
    expect(await saga.order(orderNo)).toMatchObject({ stuckReason: null, refundedFen: 800, refundingFen: 0 });
    expect((await refunds.atWeChat(orderNo)).map(({ refund }) => refund).toSorted()).toEqual([300, 500]);
  });

  it('is followed to its end while WeChat Pay still has it under way', async () => {
    const { orderNo, refundNo } = await usedByTheShop(false);
    const { status, body } = await enter(orderNo, refundNo);
    expect([status, body]).toMatchObject([201, { cause: 'external', amountFen: 300, state: 'processing' }]);
    expect(await saga.order(orderNo)).toMatchObject({ stuckReason: null, refundedFen: 0, refundingFen: 300 });
    await until('no reason in the list', async () => (await refunds.shown(refundNo)) === undefined);
    await saga.gateway.settle(refundNo, 'SUCCESS');
    await recheck(refundNo);
    await refunds.ended(refundNo, 'succeeded');
    expect(await saga.order(orderNo)).toMatchObject({ refundedFen: 300, refundingFen: 0 });
    await heard(orderNo, ['order.paid', 'refund.rejected', 'refund.succeeded']);
  });

  it('is asked about on, when WeChat Pay does not answer the person who enters it', async () => {
    const { orderNo, refundNo } = await usedByTheShop();
    await saga.gateway.fault({ on: 'refundQuery', kind: 'http500', times: 1 });
    const { status, body } = await enter(orderNo, refundNo);
    expect([status, body.code]).toEqual([503, 'outcome_pending']);
    await sweep(saga, 5 * 60_000);
    await refunds.ended(refundNo, 'succeeded');
    expect(await saga.order(orderNo)).toMatchObject({ stuckReason: null, refundedFen: 300, refundingFen: 0 });
    await heard(orderNo, ['order.paid', 'refund.rejected', 'refund.succeeded']);
  });

  it('was refused here before somebody used it: it is entered as any other', async () => {
    const orderNo = await refunds.paid();
    const refusal = { kind: 'error', status: 400, code: 'PARAM_ERROR', effect: false } as const;
    await saga.gateway.fault({ on: 'refund', ...refusal, outTradeNo: orderNo });
    const refundNo = await refunds.ask(orderNo, 500);
    await refunds.ended(refundNo, 'rejected');
    await useNumber(refundNo, orderNo, 500);
    const { status, body } = await enter(orderNo, refundNo);
    expect([status, body]).toMatchObject([201, { cause: 'external', amountFen: 500, state: 'succeeded' }]);
    expect(await saga.order(orderNo)).toMatchObject({ stuckReason: null, refundedFen: 500, refundingFen: 0 });
    await heard(orderNo, ['order.paid', 'refund.rejected', 'refund.succeeded']);
  });
});

describe("PaySaga's own number that somebody else used for another sum of the same payment", () => {
  it('becomes the refund that WeChat Pay knows, and the rest goes back under the next', async () => {
    const { orderNo, refundNo } = await usedByPaySaga();
    const { status, body } = await enter(orderNo, refundNo);
    expect([status, body]).toMatchObject([201, { cause: 'external', amountFen: 900, state: 'succeeded' }]);
    await refunds.aMinuteLater(orderNo);
    const order = await saga.orderWhen(orderNo, ({ refundedFen }) => refundedFen === 1200);
    expect(order).toMatchObject({ fulfilment: 'rejected', stuckReason: null, refundingFen: 0 });
    expect(order.refunds).toMatchObject([
      { refundNo, cause: 'external', amountFen: 900 },
      { refundNo: `${refundNo}*2`, cause: 'fulfilment_rejected', amountFen: 300, state: 'succeeded' },
    ]);
    expect((await refunds.atWeChat(orderNo)).map(({ refund }) => refund).toSorted()).toEqual([300, 900]);
    for (const no of [refundNo, `${refundNo}*2`]) await saga.refundWorkflow(no).result();
    await saga.workflow(orderNo).result();
    await heard(orderNo, [
      'order.paid',
      'order.compensating',
      'refund.rejected',
      'refund.succeeded',
      'refund.succeeded',
    ]);
  });
});

describe('a number that somebody else used for another payment', () => {
  it("is refused where it is the shop's, and its money is free", async () => {
    const [orderNo, other] = [await refunds.paid(), await refunds.paid()];
    const refundNo = refunds.newNo();
    await useNumber(refundNo, other, 300);
    expect((await refunds.post(orderNo, { refundNo, amountFen: 500 })).status).toBe(201);
    await refunds.ended(refundNo, 'rejected');
    expect(await saga.order(orderNo)).toMatchObject({ stuckReason: null, refundedFen: 0, refundingFen: 0 });
    await heard(orderNo, ['order.paid', 'refund.rejected']);
    const entered = await enter(orderNo, refundNo);
    expect([entered.status, entered.body.code]).toEqual([409, 'refund_of_another_order']);
    const there = await enter(other, refundNo);
    expect([there.status, there.body.code]).toEqual([409, 'refund_conflict']);
    expect(await saga.refund(refundNo)).toMatchObject({ channel: null, receivedAccount: null, acceptedAt: null });
    await refunds.aMinuteLater(orderNo);
    await refunds.ended(await refunds.ask(orderNo, 500), 'succeeded');
  });

  it("is issued again by a person under the next where it is PaySaga's own", async () => {
    const { orderNo } = await saga.createOrder();
    await saga.call('POST', `/v1/orders/${orderNo}/close`);
    const refundNo = returnNo(orderNo);
    await useNumber(refundNo, await refunds.paid(), 300);
    await saga.gateway.pay(orderNo, { force: true });
    await refunds.ended(refundNo, 'rejected');
    const { explain } = await held(orderNo);
    expect(explain.commands.join('\n')).toContain(`refund resolve '${refundNo}' reissue`);
    await refunds.aMinuteLater(orderNo);
    const { status, body } = await refunds.decide(refundNo, 'reissue');
    expect([status, body.refundNo]).toEqual([200, `${refundNo}*2`]);
    await saga.orderWhen(orderNo, ({ returnedFen }) => returnedFen === 1200);
    expect(await saga.order(orderNo)).toMatchObject({ state: 'closed', stuckReason: null });
  });
});

describe('terminated or reset meanwhile, a number that somebody else used', () => {
  const asBooked = async ({ orderNo, refundNo }: Used) => {
    await refunds.ended(refundNo, 'succeeded');
    expect(await saga.refund(refundNo)).toMatchObject({ cause: 'external', amountFen: 300 });
    expect(await saga.order(orderNo)).toMatchObject({ stuckReason: null, refundedFen: 300, refundingFen: 0 });
    await heard(orderNo, ['order.paid', 'refund.rejected', 'refund.succeeded']);
  };

  it('is held again from its row, and booked when it is entered', async () => {
    const used = await usedByTheShop();
    await saga.refundWorkflow(used.refundNo).terminate();
    await hoursPass(used.refundNo);
    await until('its card', async () => (await refunds.shown(used.refundNo)) === 'refund_failed');
    expect((await enter(used.orderNo, used.refundNo)).status).toBe(201);
    await asBooked(used);
  });

  it('is booked also where its workflow is gone when it is entered, and again when it had just heard', async () => {
    const used = await usedByTheShop(false);
    await saga.refundWorkflow(used.refundNo).terminate();
    expect((await enter(used.orderNo, used.refundNo)).body).toMatchObject({ cause: 'external', state: 'processing' });
    await saga.refundWorkflow(used.refundNo).terminate();
    await saga.gateway.settle(used.refundNo, 'SUCCESS');
    await recheck(used.refundNo);
    await asBooked(used);
  });

  it('stays booked after a reset to any of its workflow tasks', async () => {
    const used = await usedByTheShop();
    expect((await enter(used.orderNo, used.refundNo)).status).toBe(201);
    await asBooked(used);
    const handle = saga.refundWorkflow(used.refundNo);
    const { runId } = await handle.describe();
    const tasks = completedTasks(await eventsOf(handle));
    expect(tasks.length).toBeGreaterThan(1);
    for (const task of tasks) {
      await resetRun(saga, handle, task, runId);
      await asBooked(used);
    }
  });
});
