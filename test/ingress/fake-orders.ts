import type { Db } from '../../src/db/connection.js';
import { recordPrepayOpened } from '../../src/db/attempt.js';
import type { OutTradeNo } from '../../src/domain/ids.js';
import type { Mchid } from '../../src/domain/ids.js';
import { outTradeNoOf } from '../../src/domain/ids.js';
import type { OrderWorkflows } from '../../src/temporal/port.js';

export type OrderCall = { readonly name: keyof OrderWorkflows; readonly request: unknown };

/** The workflows' port, answered by the test: WeChat Pay opens everything unless a test says otherwise. */
export type FakeOrders = OrderWorkflows & {
  readonly calls: OrderCall[];
  /** Answers in place of the usual ones, until the next test. */
  answers: Partial<OrderWorkflows>;
  callsOf(name: keyof OrderWorkflows): unknown[];
};

export function fakeOrders(db: Db, now: () => Date): FakeOrders {
  const calls: OrderCall[] = [];
  const opened = async (ref: { mchid: Mchid; outTradeNo: OutTradeNo }, code = 'code'): Promise<void> => {
    await openWithCode(db, ref, now(), code);
  };
  const usual: OrderWorkflows = {
    async create({ mchid, orderNo }) {
      await opened({ mchid, outTradeNo: outTradeNoOf(orderNo, 1) });
      return 'answered';
    },
    async openAttempt({ mchid, outTradeNo }) {
      await opened({ mchid, outTradeNo }, `code-${calls.length}`);
      return 'opened';
    },
    close: () => Promise.resolve('pending'),
    sync: () => Promise.resolve('answered'),
    extendDeadline: () => Promise.resolve('extended'),
    recheck: () => Promise.resolve(),
    deliverEvidence: () => Promise.resolve('signalled'),
    resume: () => Promise.resolve(),
  };
  const fake: FakeOrders = {
    calls,
    answers: {},
    callsOf: (name) => calls.filter((call) => call.name === name).map((call) => call.request),
    create: (order) => (note('create', order), (fake.answers.create ?? usual.create)(order)),
    openAttempt: (request) => (note('openAttempt', request), (fake.answers.openAttempt ?? usual.openAttempt)(request)),
    close: (request) => (note('close', request), (fake.answers.close ?? usual.close)(request)),
    sync: (request) => (note('sync', request), (fake.answers.sync ?? usual.sync)(request)),
    extendDeadline: (request) => (
      note('extendDeadline', request),
      (fake.answers.extendDeadline ?? usual.extendDeadline)(request)
    ),
    recheck: (request) => (note('recheck', request), (fake.answers.recheck ?? usual.recheck)(request)),
    deliverEvidence: (request) => (
      note('deliverEvidence', request),
      (fake.answers.deliverEvidence ?? usual.deliverEvidence)(request)
    ),
    resume: (request) => (note('resume', request), (fake.answers.resume ?? usual.resume)(request)),
  };
  function note(name: keyof OrderWorkflows, request: unknown): void {
    calls.push({ name, request });
  }
  return fake;
}

/** What the prepay activity records when WeChat Pay hands out codes. */
export async function openWithCode(
  db: Db,
  { mchid, outTradeNo }: { mchid: Mchid; outTradeNo: OutTradeNo },
  now: Date,
  code: string,
): Promise<void> {
  await recordPrepayOpened(db, {
    mchid,
    outTradeNo,
    codes: { codeUrl: `weixin://wxpay/bizpayurl?pr=${code}`, prepayId: `wx-${code}`, h5Url: null },
    codeExpiresAt: new Date(now.getTime() + 7_200_000),
    now,
  });
}
