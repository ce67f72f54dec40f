import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { DevFile } from '../../cli/kit/dev-file.js';
import { until } from './until.js';

const attempt = z.object({ outTradeNo: z.string(), state: z.string(), paidFen: z.number() });
const refundOfOrder = z.object({ refundNo: z.string(), state: z.string(), cause: z.string() });
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
const orderDetail = order.extend({
  events: z.array(event),
  evidence: z.array(z.object({ source: z.string() })),
  explain: z.object({ lastAnswer: z.object({ api: z.string() }).nullable() }),
});
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

const day = z.object({
  state: z.string(),
  finishedAt: z.string().nullable(),
  classes: z.array(z.object({ class: z.string(), subject: z.string(), count: z.number() })),
});
export type DemoDay = z.infer<typeof day>;

const discrepancy = z.object({
  class: z.string(),
  status: z.string(),
  orderNo: z.string().nullable(),
  outTradeNo: z.string().nullable(),
});
export type Discrepancy = z.infer<typeof discrepancy>;

const discrepancyPage = z.object({
  items: z.array(discrepancy),
  nextCursor: z.null('more discrepancies than one page'),
});

const sandboxTrade = z.object({ out_trade_no: z.string(), trade_state: z.string(), total: z.number() });
export type SandboxTrade = z.infer<typeof sandboxTrade>;

const sandboxRefund = z.object({
  out_refund_no: z.string(),
  out_trade_no: z.string(),
  refund: z.number(),
  status: z.string(),
});
export type SandboxRefund = z.infer<typeof sandboxRefund>;

const sandboxFault = z.object({ id: z.string(), on: z.string(), outTradeNo: z.string().optional() });

const sandboxNotify = z.object({ out_trade_no: z.string(), status: z.number().nullable() });

export type Fault = Readonly<Record<string, string | number | boolean>>;

export type NewOrder = {
  readonly orderNo: string;
  readonly amountFen: number;
  readonly description: string;
  readonly expiresInSeconds?: number;
  readonly policy?: object;
  readonly product?: 'codeScan';
  readonly payer?: { readonly authCode: string };
  readonly device?: { readonly id: string; readonly ip: string };
  readonly store?: { readonly outId: string };
};

/** What the payer does once the code on the phone is charged. */
export type PayerShowing = { readonly payer: 'pays' | 'password' | 'silent' };

const shownCode = z.object({ authCode: z.string() });

export type Shop = ReturnType<typeof openShop>;

type ShopOf = Pick<DevFile, 'apiUrl' | 'apiKey' | 'operatorKey' | 'mchid' | 'sandboxUrl'>;

/** Sends one request; default `fetch`. */
export type Send = (url: string, init: RequestInit) => Promise<Response>;

/**
 * One merchant's shop: its backend, the payer and, for what only a person may decide, an operator; all over plain HTTP.
 * Of `dev`'s first merchant, unless its `mchid` and `apiKey` are another's.
 */
export function openShop(dev: ShopOf, send: Send = fetch) {
  const { mchid } = dev;
  const api = caller({ ...dev, send }, dev.apiKey, NOT_NOW);
  const operator = caller({ ...dev, send }, dev.operatorKey, [...NOT_NOW, 409]);
  const sandbox = async (method: string, path: string, body?: unknown): Promise<unknown> =>
    answerOf(await send(`${dev.sandboxUrl}/sandbox${path}?mchid=${mchid}`, requestOf(method, body)));
  const readOrder = async (orderNo: string) => orderDetail.parse(await api('GET', `/orders/${orderNo}`));
  return {
    mchid,
    createOrder: (body: NewOrder) => api('POST', '/orders', { product: 'native', ...body }),
    /** Lets the payer pay inside WeChat; the open attempt is closed first. */
    openInWeChat: (orderNo: string) =>
      api('POST', `/orders/${orderNo}/attempts`, { product: 'jsapi', payer: { openid: 'demo-payer' } }),
    orders: async () => orderPage.parse(await api('GET', '/orders?limit=200')).items,
    order: readOrder,
    orderWhen: (orderNo: string, what: string, wished: (order: DemoOrderDetail) => boolean) =>
      until(`${orderNo} to be ${what}`, async () => {
        const found = await readOrder(orderNo);
        return wished(found) ? found : undefined;
      }),
    sync: (orderNo: string) => api('POST', `/orders/${orderNo}/sync`),
    close: (orderNo: string) => api('POST', `/orders/${orderNo}/close`),
    rejectFulfilment: (orderNo: string) =>
      api('POST', `/orders/${orderNo}/fulfilment`, { outcome: 'rejected', reason: 'out of stock' }),
    requestRefund: (orderNo: string, refundNo: string, amountFen: number) =>
      api('POST', `/orders/${orderNo}/refunds`, { refundNo, amountFen }),
    refund: async (refundNo: string) => refund.parse(await api('GET', `/refunds/${encodeURIComponent(refundNo)}`)),
    /**
     * While the order's worker is dead its row may be behind the order, and the decision is refused: a person repeats it until
     * it is made, perhaps by a call whose answer was lost.
     */
    resolve(orderNo: string, action: 'accept' | 'return') {
      const isDone = async () => (await readOrder(orderNo)).state !== 'review';
      return operator('POST', `/orders/${orderNo}/resolve`, { action, reason: 'the demo decides' }, isDone);
    },
    /** Has a day held against WeChat Pay's bills now. */
    beginDay: (date: string) => operator('POST', '/reconciliations', { date }),
    day: async (date: string) => day.parse(await operator('GET', `/reconciliations/${date}`)),
    discrepancies: async (date: string) =>
      discrepancyPage.parse(await operator('GET', `/discrepancies?from=${date}&to=${date}&limit=200`)).items,
    /** `inFlight`: the money comes even if WeChat Pay takes none any more. */
    pay: (outTradeNo: string, { inFlight } = { inFlight: false }) =>
      sandbox('POST', '/pay', { outTradeNo, force: inFlight }),
    /** The payer's code; a password is typed by `pay`. */
    showCode: async (showing: PayerShowing) =>
      shownCode.parse(await sandbox('POST', '/codes', { ...showing, afterMs: 600_000 })).authCode,
    addFaults: (faults: readonly Fault[]) => sandbox('POST', '/faults', faults),
    async removeFaults(outTradeNo: string, on: string) {
      const faults = z.array(sandboxFault).parse(await sandbox('GET', '/faults'));
      const mine = faults.filter((fault) => fault.on === on && fault.outTradeNo === outTradeNo);
      for (const { id } of mine) await sandbox('DELETE', `/faults/${id}`);
    },
    /** A person gives money back there, and WeChat Pay tells nobody. */
    refundInPlatform: (outTradeNo: string, refundFen: number) =>
      sandbox('POST', '/refunds', { outTradeNo, refundFen, notify: null }),
    advanceClock: (advanceSeconds: number) => sandbox('POST', '/clock', { advanceSeconds }),
    trades: async () => z.array(sandboxTrade).parse(await sandbox('GET', '/trades')),
    refunds: async () => z.array(sandboxRefund).parse(await sandbox('GET', '/refunds')),
    notifies: async () => z.array(sandboxNotify).parse(await sandbox('GET', '/notifies')),
  };
}

const AGAIN_MS = 1_000;
const NOT_NOW = [429, 503];

type Called = Pick<ShopOf, 'apiUrl' | 'mchid'> & { readonly send: Send };

/** Calls the API under one key, again while PaySaga cannot answer since its worker is dead: every call may be repeated. */
function caller({ apiUrl, mchid, send }: Called, key: string, again: readonly number[]) {
  return (method: string, path: string, body?: unknown, isDone = () => Promise.resolve(false)): Promise<unknown> => {
    const url = `${apiUrl}/v1${path}${path.includes('?') ? '&' : '?'}mchid=${mchid}`;
    return until(`an answer to ${method} ${url}`, async () => {
      const response = await send(url, requestOf(method, body, { authorization: `Bearer ${key}` }));
      if (!again.includes(response.status)) return answerOf(response);
      await response.body?.cancel();
      await sleep(AGAIN_MS);
      return (await isDone()) ? null : undefined;
    });
  };
}

function requestOf(method: string, body: unknown, headers: Record<string, string> = {}): RequestInit {
  const json = body === undefined ? {} : { body: JSON.stringify(body) };
  return { method, headers: { 'content-type': 'application/json', ...headers }, ...json };
}

async function answerOf(response: Response): Promise<unknown> {
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.url}: ${response.status} ${text}`);
  return text === '' ? null : JSON.parse(text);
}
