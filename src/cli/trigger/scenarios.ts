import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { orderPath, parsed, type Api } from '../kit/api.js';
import { CliFailure, EXIT } from '../kit/command.js';
import type { ORDER_EVENT_TYPES } from '../../shop-events/rules/event.js';
import { USUAL_REFUND_DELAY_MS, type Sandbox } from './sandbox.js';

/** What drives one order to one event. */
export type Drive = {
  readonly api: Api;
  readonly sandbox: Sandbox;
  readonly orderNo: string;
  /** Tells a person what was just done. */
  readonly step: (text: string) => void;
  readonly sleep: (ms: number) => Promise<void>;
};

type Act = (drive: Drive) => Promise<void>;
type OrderEventType = (typeof ORDER_EVENT_TYPES)[number];

const AMOUNT_FEN = 100;

const story =
  (...acts: readonly Act[]): Act =>
  async (drive) => {
    for (const act of acts) await act(drive);
  };

const place =
  (fields: object = {}): Act =>
  async (drive) => {
    const { api, orderNo, step } = drive;
    const order = { orderNo, amountFen: AMOUNT_FEN, description: 'paysaga trigger', product: 'native', ...fields };
    await api.post('/v1/orders', order);
    step(`POST /v1/orders: ${orderNo}, ¥1.00`);
    // A busy machine answers before WeChat Pay has the order.
    await untilState(drive, ({ state }) => state !== 'creating');
  };

const pay: Act = async ({ sandbox, orderNo, step }) => {
  step(`POST /sandbox/pay: the payer pays, ${await sandbox.pay(orderNo)}`);
};

const payWrongly: Act = async (drive) => {
  await drive.sandbox.fault({ on: 'pay', kind: 'wrongAmount', outTradeNo: drive.orderNo });
  drive.step('POST /sandbox/faults: the payment will have another amount');
  await pay(drive);
};

const close: Act = async ({ api, orderNo, step }) => {
  await api.post(orderPath(orderNo, '/close'), {});
  step('POST …/close: nobody shall pay it any more');
};

const rejectFulfilment: Act = async ({ api, orderNo, step }) => {
  await api.post(orderPath(orderNo, '/fulfilment'), { outcome: 'rejected', reason: 'paysaga trigger' });
  step('POST …/fulfilment: the goods do not come');
};

const refund: Act = async ({ api, orderNo, step }) => {
  await api.post(orderPath(orderNo, '/refunds'), { refundNo: refundNoOf(orderNo), amountFen: AMOUNT_FEN });
  step(`POST …/refunds: ${refundNoOf(orderNo)}, ¥1.00`);
};

const refundRefused: Act = async (drive) => {
  const { orderNo: outTradeNo, sandbox, step } = drive;
  const refusal = { status: 403, code: 'USER_ACCOUNT_ABNORMAL', effect: false, times: 0 };
  await sandbox.fault({ on: 'refund', kind: 'error', outTradeNo, ...refusal });
  step("POST /sandbox/faults: WeChat Pay refuses, the payer's account is closed");
  await refund(drive);
};

/** The sandbox's refunds wait meanwhile, so that this one does not succeed first. */
const refundSettled =
  (status: 'ABNORMAL' | 'CLOSED'): Act =>
  async (drive) => {
    const { sandbox, orderNo, step } = drive;
    await sandbox.refundDelay(600_000);
    try {
      await refund(drive);
      await until(drive, 'WeChat Pay to take the refund', async () =>
        (await sandbox.refundNos()).includes(refundNoOf(orderNo)) ? true : undefined,
      );
      await sandbox.settle(refundNoOf(orderNo), status);
      step(`POST /sandbox/refunds/…/settle: ${status}`);
    } finally {
      await sandbox.refundDelay(USUAL_REFUND_DELAY_MS);
    }
  };

const refundNoOf = (orderNo: string): string => `${orderNo}-R`;

const order = z.object({ state: z.string() });

const untilState = (drive: Drive, isWished: (seen: z.infer<typeof order>) => boolean): Promise<true> =>
  until(drive, 'the order', async () =>
    isWished(parsed(order, await drive.api.get(orderPath(drive.orderNo)))) ? true : undefined,
  );

const untilPaid: Act = async (drive) => {
  await untilState(drive, ({ state }) => state === 'paid');
  drive.step('the order is paid');
};

const POLICY = { policy: { fulfilment: { required: true, deadlineSeconds: 3_600 } } };
const paid = story(place(), pay, untilPaid);

/** How a sandbox order gets to each event; those of days come of bills. */
export const SCENARIOS: Readonly<Record<OrderEventType, { readonly what: string; readonly run: Act }>> = {
  'order.paid': { what: 'paid', run: story(place(), pay) },
  'order.closed': { what: 'closed before anybody paid', run: story(place(), close) },
  'order.review': { what: 'paid with another amount', run: story(place(), payWrongly) },
  'order.compensating': {
    what: 'paid, and the goods do not come',
    run: story(place(POLICY), pay, untilPaid, rejectFulfilment),
  },
  'refund.succeeded': { what: 'paid and refunded', run: story(paid, refund) },
  'refund.rejected': { what: 'a refund that WeChat Pay refuses', run: story(paid, refundRefused) },
  'refund.closed': { what: 'a refund that WeChat Pay takes and closes', run: story(paid, refundSettled('CLOSED')) },
  'refund.abnormal': { what: "a refund that the payer's bank returns", run: story(paid, refundSettled('ABNORMAL')) },
};

/** A number no other order has. */
export const newOrderNo = (): string => `trigger-${randomBytes(6).toString('hex')}`;

const PAUSE_MS = 300;
const PATIENCE_MS = 120_000;

/** Throws when it does not happen within two minutes. */
export async function until<T>(
  { sleep }: Pick<Drive, 'sleep'>,
  what: string,
  look: () => Promise<T | undefined>,
): Promise<T> {
  for (let waitedMs = 0; waitedMs < PATIENCE_MS; waitedMs += PAUSE_MS) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(PAUSE_MS);
  }
  throw new CliFailure(EXIT.failed, `waited two minutes for ${what}: does the worker run?`);
}

export const realSleep = (ms: number): Promise<void> => setTimeout(ms);
