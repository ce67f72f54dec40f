import type { Db } from '../../../src/db/connection.js';
import { recordPrepayOpened } from '../../../src/orders/store/prepay.js';
import { nthOutTradeNo } from '../../../src/orders/store/attempt.js';
import type { AttemptRef, OrderRef } from '../../../src/orders/store/order.js';
import type { OrderWorkflows } from '../../../src/orders/client.js';
import { fakePort, type FakePort } from './fake-port.js';

export type FakeOrders = FakePort<OrderWorkflows>;

/** WeChat Pay opens everything unless a test says otherwise. */
export function fakeOrders(db: Db, now: () => Date): FakeOrders {
  let codes = 0;
  const opened = async (ref: OrderRef & AttemptRef, code = 'code'): Promise<void> => {
    await openWithCode(db, ref, now(), code);
  };
  return fakePort<OrderWorkflows>({
    async create({ mchid, orderNo }) {
      await opened({ mchid, orderNo, outTradeNo: nthOutTradeNo(orderNo, 1) });
      return 'answered';
    },
    async openAttempt({ mchid, orderNo, outTradeNo }) {
      codes += 1;
      await opened({ mchid, orderNo, outTradeNo }, `code-${codes}`);
      return 'opened';
    },
    close: () => Promise.resolve('pending'),
    sync: () => Promise.resolve('answered'),
    extendDeadline: () => Promise.resolve('extended'),
    reportFulfilment: () => Promise.resolve('recorded'),
    resolve: () => Promise.resolve('resolved'),
    shopHeard: () => Promise.resolve(),
    recheck: () => Promise.resolve(),
    deliverEvidence: () => Promise.resolve('signalled'),
    resume: () => Promise.resolve(),
    progress: () => Promise.resolve('running'),
    rescue: () => Promise.resolve('rescued'),
  });
}

/** What the prepay activity records when WeChat Pay hands out codes. */
export async function openWithCode(
  db: Db,
  { mchid, orderNo, outTradeNo }: OrderRef & AttemptRef,
  now: Date,
  code: string,
): Promise<void> {
  await recordPrepayOpened(db, {
    mchid,
    orderNo,
    outTradeNo,
    codes: { codeUrl: `weixin://wxpay/bizpayurl?pr=${code}`, prepayId: `wx-${code}`, h5Url: null },
    codeExpiresAt: new Date(now.getTime() + 7_200_000),
    now,
  });
}
