import { z } from 'zod';
import type { DevFile } from '../../cli/kit/dev-file.js';
import { pause, until } from './until.js';

const attempt = z.object({ outTradeNo: z.string(), state: z.string(), paidFen: z.number() });
const refundOfOrder = z.object({ refundNo: z.string(), state: z.string() });
const order = z.object({
  orderNo: z.string(),
  state: z.string(),
  closedReason: z.string().nullable(),
  reviewReason: z.string().nullable(),
  stuckReason: z.string().nullable(),
  fulfilment: z.string(),
  paidFen: z.number(),
  refundedFen: z.number(),
  refundingFen: z.number(),
  returnedFen: z.number(),
  attempts: z.array(attempt),
  refunds: z.array(refundOfOrder),
});
export type DemoOrder = z.infer<typeof order>;

const event = z.object({ id: z.string(), type: z.string(), deliveredAt: z.string().nullable() });
const orderDetail = order.extend({ events: z.array(event) });
export type DemoOrderDetail = z.infer<typeof orderDetail>;

const orderPage = z.object({ items: z.array(order), nextCursor: z.null('more orders than one page') });

const refund = z.object({
  refundNo: z.string(),
  outTradeNo: z.string(),
  amountFen: z.number(),
  state: z.string(),
  offline: z.boolean(),
});
export type DemoRefund = z.infer<typeof refund>;

const sandboxTrade = z.object({ out_trade_no: z.string(), trade_state: z.string(), total: z.number() });
export type SandboxTrade = z.infer<typeof sandboxTrade>;

const sandboxRefund = z.object({
  out_refund_no: z.string(),
  out_trade_no: z.string(),
  refund: z.number(),
  status: z.string(),
});
export type SandboxRefund = z.infer<typeof sandboxRefund>;

const sandboxNotify = z.object({ out_trade_no: z.string(), status: z.number().nullable() });
export type SandboxNotify = z.infer<typeof sandboxNotify>;

export type Fault = Readonly<Record<string, string | number | boolean>>;

export type NewOrder = {
  readonly orderNo: string;
  readonly amountFen: number;
  readonly description: string;
  readonly expiresInSeconds?: number;
  readonly policy?: object;
};

/** The shop's backend, the payer and, for what only a person may decide, an operator; all over plain HTTP. */
export type Shop = {
  createOrder(body: NewOrder): Promise<void>;
  /** Lets the payer pay inside WeChat; the open attempt is closed first. */
  openInWeChat(orderNo: string): Promise<void>;
  orders(): Promise<DemoOrder[]>;
  order(orderNo: string): Promise<DemoOrderDetail>;
  orderWhen(orderNo: string, what: string, wished: (order: DemoOrderDetail) => boolean): Promise<DemoOrderDetail>;
  sync(orderNo: string): Promise<void>;
  close(orderNo: string): Promise<void>;
  rejectFulfilment(orderNo: string): Promise<void>;
  requestRefund(orderNo: string, refundNo: string, amountFen: number): Promise<void>;
  refund(refundNo: string): Promise<DemoRefund>;
  resolve(orderNo: string, action: 'accept' | 'return'): Promise<void>;
  /** `inFlight`: the money comes even if WeChat Pay takes none any more. */
  pay(outTradeNo: string, options?: { inFlight: boolean }): Promise<void>;
  addFaults(faults: readonly Fault[]): Promise<void>;
  trades(): Promise<SandboxTrade[]>;
  refunds(): Promise<SandboxRefund[]>;
  notifies(): Promise<SandboxNotify[]>;
};

type Hosts = Pick<DevFile, 'apiUrl' | 'apiKey' | 'operatorKey' | 'sandboxUrl'>;

export function openShop(dev: Hosts): Shop {
  const calls =
    (key: string, again: readonly number[]) =>
    (method: string, path: string, body?: unknown, isDone = () => Promise.resolve(false)) =>
      patiently(`${dev.apiUrl}/v1${path}`, method, body, {
        headers: { authorization: `Bearer ${key}` },
        again,
        isDone,
      });
  const api = calls(dev.apiKey, NOT_NOW);
  const operator = calls(dev.operatorKey, [...NOT_NOW, 409]);
  const sandbox = async (method: string, path: string, body?: unknown): Promise<unknown> =>
    answerOf(await send(`${dev.sandboxUrl}/sandbox${path}`, method, body));
  const shop: Shop = {
    async createOrder(body) {
      await api('POST', '/orders', { product: 'native', ...body });
    },
    async openInWeChat(orderNo) {
      await api('POST', `/orders/${orderNo}/attempts`, { product: 'jsapi', payer: { openid: 'demo-payer' } });
    },
    orders: async () => orderPage.parse(await api('GET', '/orders?limit=200')).items,
    order: async (orderNo) => orderDetail.parse(await api('GET', `/orders/${orderNo}`)),
    orderWhen: (orderNo, what, wished) =>
      until(`${orderNo} to be ${what}`, async () => {
        const found = await shop.order(orderNo);
        return wished(found) ? found : undefined;
      }),
    async sync(orderNo) {
      await api('POST', `/orders/${orderNo}/sync`);
    },
    async close(orderNo) {
      await api('POST', `/orders/${orderNo}/close`);
    },
    async rejectFulfilment(orderNo) {
      await api('POST', `/orders/${orderNo}/fulfilment`, { outcome: 'rejected', reason: 'out of stock' });
    },
    async requestRefund(orderNo, refundNo, amountFen) {
      await api('POST', `/orders/${orderNo}/refunds`, { refundNo, amountFen });
    },
    refund: async (refundNo) => refund.parse(await api('GET', `/refunds/${encodeURIComponent(refundNo)}`)),
    // While the order's worker is dead its row may be behind the order, and the decision is refused: a person repeats it until
    // it is made, perhaps by a call whose answer was lost.
    async resolve(orderNo, action) {
      const isDone = async () => (await shop.order(orderNo)).state !== 'review';
      await operator('POST', `/orders/${orderNo}/resolve`, { action, reason: 'the demo decides' }, isDone);
    },
    async pay(outTradeNo, { inFlight } = { inFlight: false }) {
      await sandbox('POST', '/pay', { outTradeNo, force: inFlight });
    },
    async addFaults(faults) {
      await sandbox('POST', '/faults', faults);
    },
    trades: async () => z.array(sandboxTrade).parse(await sandbox('GET', '/trades')),
    refunds: async () => z.array(sandboxRefund).parse(await sandbox('GET', '/refunds')),
    notifies: async () => z.array(sandboxNotify).parse(await sandbox('GET', '/notifies')),
  };
  return shop;
}

const AGAIN_MS = 1_000;
const NOT_NOW = [429, 503];

/** Repeats a call that PaySaga cannot answer now, since its worker is dead: every call may be repeated. */
function patiently(
  url: string,
  method: string,
  body: unknown,
  {
    headers,
    again,
    isDone,
  }: { headers: Record<string, string>; again: readonly number[]; isDone: () => Promise<boolean> },
): Promise<unknown> {
  return until(`an answer to ${method} ${url}`, async () => {
    const response = await send(url, method, body, headers);
    if (!again.includes(response.status)) return answerOf(response);
    await response.body?.cancel();
    await pause(AGAIN_MS);
    return (await isDone()) ? null : undefined;
  });
}

async function send(
  url: string,
  method: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  const json = body === undefined ? {} : { body: JSON.stringify(body) };
  return fetch(url, { method, headers: { 'content-type': 'application/json', ...headers }, ...json });
}

async function answerOf(response: Response): Promise<unknown> {
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.url}: ${response.status} ${text}`);
  return text === '' ? null : JSON.parse(text);
}
