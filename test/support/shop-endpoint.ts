import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import type { OrderAnswer } from './order-answer.js';
import { startedFor } from './started-for.js';

export type ShopEvent = {
  readonly id: string;
  readonly type: string;
  readonly order: OrderAnswer;
  readonly refund: { readonly refundNo: string; readonly state: string; readonly amountFen: number } | undefined;
  readonly late: boolean;
  /** Whether the package's own verification accepted it. */
  readonly verified: boolean;
  readonly raw: string;
};

/** Of a day that was held against the bills. */
export type ShopDayEvent = Pick<ShopEvent, 'id' | 'type' | 'verified' | 'raw'> & { readonly mchid: string };

export type ShopEndpoint = {
  readonly url: string;
  /** Every delivery about an order, answered well or not. */
  readonly events: readonly ShopEvent[];
  /** Those about days. */
  readonly dayEvents: readonly ShopDayEvent[];
  /** Those that only try whether it is there. */
  readonly tests: readonly Omit<ShopDayEvent, 'mchid'>[];
  of(orderNo: string): ShopEvent[];
  /** Status for what comes next: of every delivery, or as the event of an order wants, and when. */
  answer(status: number | ((event: ShopEvent) => number | Promise<number>)): void;
  /** What deliveries are verified with. */
  expectSecret(secretOf: (mchid: string) => string): void;
  close(): Promise<void>;
};

/** A {@link startShopEndpoint} of a file's or a block's own. */
export const useShopEndpoint = (): ShopEndpoint => startedFor(startShopEndpoint, (shop) => shop.close());

/** Where a shop listens for merchant events. */
export async function startShopEndpoint(): Promise<ShopEndpoint> {
  const events: ShopEvent[] = [];
  const dayEvents: ShopDayEvent[] = [];
  const tests: Omit<ShopDayEvent, 'mchid'>[] = [];
  let statusOf: (event: ShopEvent) => number | Promise<number> = () => 204;
  let dayStatus = 204;
  let secretOf: ((mchid: string) => string) | undefined;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const raw = Buffer.concat(chunks).toString();
      const { type, data } = JSON.parse(raw) as { type: string; data: Told };
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      const mchid = mchidOf(data);
      const secret = secretOf?.(mchid);
      const verified = secret !== undefined && isGenuine(secret, raw, headers);
      const heard = { id: headers['webhook-id'] ?? '', type, verified, raw };
      if (type === 'test') {
        tests.push(heard);
        response.writeHead(dayStatus).end();
        return;
      }
      if (!('order' in data)) {
        dayEvents.push({ ...heard, mchid });
        response.writeHead(dayStatus).end();
        return;
      }
      const event = { ...heard, order: data.order, refund: data.refund, late: data.late ?? false };
      events.push(event);
      void Promise.resolve(statusOf(event)).then((status) => response.writeHead(status).end());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/paysaga`,
    events,
    dayEvents,
    tests,
    of: (orderNo) => events.filter(({ order }) => order.orderNo === orderNo),
    answer(status) {
      statusOf = typeof status === 'number' ? () => status : status;
      dayStatus = typeof status === 'number' ? status : 204;
    },
    expectSecret(lookUp) {
      secretOf = lookUp;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

type Told =
  | { readonly nothing?: never }
  | { readonly order: OrderAnswer; readonly refund?: ShopEvent['refund']; readonly late?: boolean }
  | { readonly reconciliation: { readonly mchid: string } }
  | { readonly discrepancy: { readonly mchid: string } };

/** A test event says of nobody whose it is. */
function mchidOf(data: Told): string {
  if ('order' in data) return data.order.mchid;
  if ('discrepancy' in data) return data.discrepancy.mchid;
  return 'reconciliation' in data ? data.reconciliation.mchid : '';
}

function isGenuine(secret: string, raw: string, headers: Record<string, string>): boolean {
  try {
    new Webhook(secret).verify(raw, headers);
    return true;
  } catch {
    return false;
  }
}
