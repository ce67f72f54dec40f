import type { WorkflowHandle } from '@temporalio/client';
import { eventWorkflowId } from '../../src/base/ids.js';
import { refunding, returnNo, type Refunding } from './refunds.js';
import type { Saga } from './saga.js';
import type { SandboxControl } from './sandbox-control.js';
import { ended, type Story } from './story.js';

/** Paths of money on its way back, and of news on their way to the shop. */
export const refundStories: Readonly<Record<string, Story>> = {
  'late-money-returned': async (saga) => {
    const orderNo = await refunding(saga).paidLate();
    await saga.orderWhen(orderNo, ({ returnedFen }) => returnedFen === 1200);
    return ended(saga, orderNo);
  },

  'second-payment-returned': async (saga) => {
    const { orderNo } = await saga.createOrder();
    const h5 = { product: 'h5', clientIp: '203.0.113.7' };
    await saga.call('POST', `/v1/orders/${orderNo}/attempts`, h5);
    await saga.gateway.pay(`${orderNo}*2`);
    await saga.orderWhen(orderNo, ({ state }) => state === 'paid');
    await saga.gateway.pay(orderNo, { force: true });
    await saga.orderWhen(orderNo, ({ returnedFen }) => returnedFen === 1200);
    return ended(saga, orderNo);
  },

  'fulfilment-rejected': async (saga) => {
    const fulfilment = { required: true, deadlineSeconds: 3_600 };
    const { orderNo } = await saga.createOrder({ policy: { fulfilment } });
    await saga.gateway.pay(orderNo);
    await saga.orderWhen(orderNo, ({ state }) => state === 'paid');
    await saga.call('POST', `/v1/orders/${orderNo}/fulfilment`, { outcome: 'rejected', reason: 'sold out' });
    await saga.orderWhen(orderNo, ({ refundedFen }) => refundedFen === 1200);
    return ended(saga, orderNo);
  },

  'event-retried': async (saga, shop) => {
    shop.answer((event) => (shop.events.filter(({ id }) => id === event.id).length === 1 ? 500 : 204));
    const { orderNo } = await saga.createOrder();
    await saga.gateway.pay(orderNo);
    await ended(saga, orderNo);
    const [event] = shop.of(orderNo);
    shop.answer(204);
    const handle = saga.services.temporal.client.workflow.getHandle(eventWorkflowId(event?.id ?? ''));
    await handle.result();
    return handle;
  },

  refund: async (saga) => {
    const { refunds, refundNo } = await underWay(saga);
    await saga.gateway.settle(refundNo, 'SUCCESS');
    return refunded(saga, refunds, refundNo);
  },

  'refund-polled': async (saga) => {
    const { refunds, orderNo, refundNo } = await underWay(saga);
    await saga.gateway.fault({ on: 'notify', kind: 'drop', outTradeNo: orderNo, times: 0 });
    await saga.gateway.settle(refundNo, 'SUCCESS');
    await refunds.ended(refundNo, 'succeeded');
    return saga.refundWorkflow(refundNo);
  },

  'refund-of-unknown-outcome': async (saga) => {
    const refunds = refunding(saga);
    const orderNo = await refunds.paid();
    await saga.gateway.fault({ on: 'refund', kind: 'http500', outTradeNo: orderNo });
    return refunded(saga, refunds, await refunds.ask(orderNo, 500));
  },

  'refund-short-of-balance': async (saga) => {
    const refunds = refunding(saga);
    const orderNo = await refunds.paid();
    await saga.gateway.balance(0);
    const refundNo = await refunds.ask(orderNo, 500);
    await saga.orderWhen(orderNo, ({ stuckReason }) => stuckReason === 'merchant_balance');
    await saga.gateway.balance(1_000_000);
    return refunded(saga, refunds, refundNo);
  },

  'refund-rejected': async (saga) => {
    const refunds = refunding(saga);
    const orderNo = await refunds.paid();
    const refusal = { kind: 'error', status: 400, code: 'PARAM_ERROR', effect: false } as const;
    await saga.gateway.fault({ on: 'refund', ...refusal, outTradeNo: orderNo });
    const refundNo = await refunds.ask(orderNo, 500);
    await refunds.ended(refundNo, 'rejected');
    return saga.refundWorkflow(refundNo);
  },

  'refund-abnormal': async (saga) => {
    const { refunds, refundNo } = await underWay(saga);
    await saga.gateway.settle(refundNo, 'ABNORMAL');
    await refunds.when(refundNo, ({ state }) => state === 'abnormal');
    await slowly(saga.gateway, () => refunds.decide(refundNo, 'abnormalRefund'));
    await saga.gateway.settle(refundNo, 'SUCCESS');
    return refunded(saga, refunds, refundNo);
  },

  'refund-reissued': async (saga) => {
    const refunds = refunding(saga);
    const orderNo = await slowly(saga.gateway, () => refunds.paidLate());
    const refundNo = returnNo(orderNo);
    await saga.gateway.settle(refundNo, 'CLOSED');
    await refunds.ended(refundNo, 'closed');
    await refunds.aMinuteLater(orderNo);
    await refunds.decide(refundNo, 'reissue');
    await refunds.ended(`${refundNo}*2`, 'succeeded');
    await saga.refundWorkflow(refundNo).result();
    return saga.refundWorkflow(refundNo);
  },

  'refund-number-used-elsewhere': async (saga) => {
    const refunds = refunding(saga);
    const orderNo = await refunds.paid();
    const refundNo = refunds.newNo();
    await slowly(saga.gateway, () =>
      saga.gateway.outsideRefund({ outTradeNo: orderNo, outRefundNo: refundNo, refundFen: 300, notify: null }),
    );
    await saga.gateway.settle(refundNo, 'SUCCESS');
    await refunds.post(orderNo, { refundNo, amountFen: 500 });
    await saga.orderWhen(orderNo, ({ stuckReason }) => stuckReason === 'refund_failed');
    const entered = { outRefundNo: refundNo, reason: 'a test' };
    const path = `/v1/orders/${orderNo}/external-refunds?mchid=${saga.mchid}`;
    await saga.call('POST', path, entered, saga.operatorKey);
    return refunded(saga, refunds, refundNo);
  },

  'refund-under-way': async (saga) => {
    const { refundNo } = await underWay(saga);
    return saga.refundWorkflow(refundNo);
  },
};

/** What is done meanwhile begins refunds that do not end by themselves. */
async function slowly<T>(gateway: SandboxControl, act: () => Promise<T>): Promise<T> {
  await gateway.refundDelay(24 * 3_600_000);
  const done = await act();
  await gateway.refundDelay(1_000);
  return done;
}

function underWay(saga: Saga): Promise<{ refunds: Refunding; orderNo: string; refundNo: string }> {
  return slowly(saga.gateway, async () => {
    const refunds = refunding(saga);
    const orderNo = await refunds.paid();
    const refundNo = await refunds.ask(orderNo, 500);
    await refunds.when(refundNo, ({ state }) => state === 'processing');
    return { refunds, orderNo, refundNo };
  });
}

async function refunded(saga: Saga, refunds: Refunding, refundNo: string): Promise<WorkflowHandle> {
  await refunds.ended(refundNo, 'succeeded');
  return saga.refundWorkflow(refundNo);
}
