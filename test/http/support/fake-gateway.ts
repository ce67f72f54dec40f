import type { Mchid } from '../../../src/base/ids.js';
import type { RefundStatus } from '../../../src/orders/rules/gateway-answer.js';
import type { Evidence } from '../../../src/orders/rules/evidence.js';
import {
  NotifyRejected,
  type Gateway,
  type NotifyReader,
  type NotifyRejection,
  type ParsedNotify,
} from '../../../src/channels/port.js';

/** A notify as this fake "signs" it: plain JSON, with `rejected` in place of a bad signature. */
export type FakeNotify = {
  readonly key: string;
  readonly outTradeNo: string;
  readonly evidence?: Partial<Omit<Evidence, 'outTradeNo' | 'source'>>;
  /** A notify of this refund, in place of one of the payment. */
  readonly refund?: { readonly outRefundNo: string; readonly status: RefundStatus };
  readonly rejected?: NotifyRejection;
  /** Of a kind that only a build understands for which this is false. */
  readonly unsupported?: boolean;
  readonly unread?: boolean;
  readonly canary?: string;
};

export function fakeGateway(mchid: Mchid): Gateway & NotifyReader {
  const never = (): never => {
    throw new Error('the ingress asks WeChat Pay about nothing but a refund made elsewhere');
  };
  let signatures = 0;
  return {
    prepayBody: never,
    prepay: never,
    charge: never,
    reverse: never,
    query: never,
    close: never,
    refund: never,
    queryRefund: () => Promise.resolve({ kind: 'notExist' }),
    abnormalRefund: never,
    seal: (texts) => Promise.resolve({ serial: 'PUB_KEY_ID_FAKE', texts: texts.map(() => 'sealed') }),
    applyForBill: never,
    downloadBill: never,
    invoke({ product, appid, prepayId }) {
      if (product === 'native' || product === 'h5') return null;
      signatures += 1;
      return { appId: appid, package: `prepay_id=${prepayId}`, paySign: `signature-${signatures}` };
    },
    parseNotify({ body }) {
      const notify = JSON.parse(Buffer.from(body).toString('utf8')) as FakeNotify;
      if (notify.rejected !== undefined) return Promise.reject(new NotifyRejected(notify.rejected));
      return Promise.resolve(parsed(mchid, notify));
    },
    rereadNotify: ({ body }) => parsed(mchid, JSON.parse(Buffer.from(body).toString('utf8')) as FakeNotify),
  };
}

function parsed(
  mchid: Mchid,
  { key, outTradeNo, evidence, refund, unsupported, unread = false }: FakeNotify,
): ParsedNotify {
  const eventType = refund === undefined ? 'TRANSACTION.SUCCESS' : 'REFUND.SUCCESS';
  const head = { key, mchid, serialNo: 'PUB_KEY_ID_1', eventType, outTradeNo };
  if (unsupported === true) {
    return {
      ...head,
      eventType: 'COMPLAINT.CREATE',
      kind: 'other',
      outTradeNo: null,
      evidence: { originalType: null },
      isUnread: unread,
    };
  }
  if (refund !== undefined) {
    const { outRefundNo, status } = refund;
    return { ...head, kind: 'refund', outRefundNo, evidence: { refundId: `re-${outRefundNo}`, status } };
  }
  const facts = {
    transactionId: `tx-${key}`,
    mchid,
    appid: 'wxnative',
    tradeType: 'NATIVE',
    totalFen: 1200,
    currency: 'CNY',
  };
  return { ...head, kind: 'payment', evidence: { ...facts, ...evidence } };
}
