import { z } from 'zod';
import type { DevFile } from '../stack/dev-stack.js';

const attempt = z.object({ outTradeNo: z.string(), state: z.string(), paidFen: z.number() });
const order = z.object({
  orderNo: z.string(),
  version: z.number(),
  state: z.string(),
  closedReason: z.string().nullable(),
  stuckReason: z.string().nullable(),
  amountFen: z.number(),
  paidFen: z.number(),
  attempts: z.array(attempt),
});
export type DemoOrder = z.infer<typeof order>;

const trade = z.object({ out_trade_no: z.string(), trade_state: z.string(), total: z.number() });
export type SandboxTrade = z.infer<typeof trade>;

export type Fault = Readonly<Record<string, string | number | boolean>>;

/** The shop's backend and the payer of the demo: nothing but HTTP, as anybody else would use it. */
export type Shop = {
  createOrder(body: {
    orderNo: string;
    amountFen: number;
    description: string;
    expiresInSeconds?: number;
  }): Promise<DemoOrder>;
  order(orderNo: string): Promise<DemoOrder>;
  orderWhen(orderNo: string, wished: (order: DemoOrder) => boolean): Promise<DemoOrder>;
  sync(orderNo: string): Promise<void>;
  pay(outTradeNo: string): Promise<void>;
  addFaults(faults: readonly Fault[]): Promise<void>;
  trades(): Promise<SandboxTrade[]>;
};

const LOOK_EVERY_MS = 500;

export function openShop(dev: Pick<DevFile, 'apiUrl' | 'apiKey' | 'sandboxUrl'>): Shop {
  const api = (method: string, path: string, body?: unknown) =>
    request(`${dev.apiUrl}/v1${path}`, method, body, { authorization: `Bearer ${dev.apiKey}` });
  const sandbox = (method: string, path: string, body?: unknown) =>
    request(`${dev.sandboxUrl}/sandbox${path}`, method, body);
  const shop: Shop = {
    createOrder: async (body) => order.parse(await api('POST', '/orders', { product: 'native', ...body })),
    order: async (orderNo) => order.parse(await api('GET', `/orders/${orderNo}`)),
    async orderWhen(orderNo, wished) {
      for (;;) {
        const found = await shop.order(orderNo);
        if (wished(found)) return found;
        await pause(LOOK_EVERY_MS);
      }
    },
    async sync(orderNo) {
      await api('POST', `/orders/${orderNo}/sync`);
    },
    async pay(outTradeNo) {
      await sandbox('POST', '/pay', { outTradeNo });
    },
    async addFaults(faults) {
      await sandbox('POST', '/faults', faults);
    },
    trades: async () => z.array(trade).parse(await sandbox('GET', '/trades')),
  };
  return shop;
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function request(
  url: string,
  method: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<unknown> {
  const json = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await fetch(url, { method, headers: { 'content-type': 'application/json', ...headers }, ...json });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}
