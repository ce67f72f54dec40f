import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';
import { z } from 'zod';

export type HeardEvent = {
  readonly id: string;
  readonly type: string;
  readonly orderNo: string;
  readonly version: number;
  /** Its deliveries, the refused ones too. */
  readonly tries: number;
};

export type ShopEndpoint = Awaited<ReturnType<typeof startShopEndpoint>>;

const aDay = z.object({ mchid: z.string(), date: z.string() });
type OneDay = Readonly<z.infer<typeof aDay>>;

const eventBody = z.object({
  type: z.string(),
  data: z.union([
    z.object({ order: z.object({ orderNo: z.string(), version: z.number() }) }),
    z.object({ reconciliation: aDay }),
    z.object({ discrepancy: aDay }),
  ]),
});

/** The demo shop's endpoint for merchant events, of all its merchants. Without a secret, which `trust` brings, it refuses every delivery. */
export async function startShopEndpoint() {
  const accepted = new Map<string, Omit<HeardEvent, 'tries'>>();
  const ofDays = new Map<string, OneDay & { readonly type: string }>();
  const tries = new Map<string, number>();
  const down = new Set<string>();
  const webhooks: Webhook[] = [];
  let forged = 0;

  const receive = (raw: string, headers: Record<string, string>): number => {
    if (!webhooks.some((webhook) => isGenuine(webhook, raw, headers))) {
      forged += 1;
      return 401;
    }
    const { type, data } = eventBody.parse(JSON.parse(raw));
    const id = headers['webhook-id'] ?? '';
    if (!('order' in data)) {
      ofDays.set(id, { type, ...('discrepancy' in data ? data.discrepancy : data.reconciliation) });
      return 204;
    }
    const { orderNo, version } = data.order;
    tries.set(id, (tries.get(id) ?? 0) + 1);
    if (down.delete(orderNo)) return 503;
    accepted.set(id, { id, type, orderNo, version });
    return 204;
  };

  const server = createServer((request, response) => {
    void text(request)
      .then((raw) => receive(raw, headersOf(request)))
      // A caller that went away, or a body that is no event.
      .catch(() => 400)
      .then((status) => response.writeHead(status).end());
  });
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return {
    url: `http://127.0.0.1:${await listen(server)}/paysaga`,
    get forged() {
      return forged;
    },
    trust(secret: string): void {
      webhooks.push(new Webhook(secret));
    },
    /** The next delivery about this order finds the shop down. */
    refuseOnce(orderNo: string): void {
      down.add(orderNo);
    },
    /** The accepted events of this order, or of all, by version: events of different workflows may overtake each other. */
    heard: (orderNo?: string): readonly HeardEvent[] =>
      [...accepted.values()]
        .filter((event) => orderNo === undefined || event.orderNo === orderNo)
        .map((event) => ({ ...event, tries: tries.get(event.id) ?? 0 }))
        .toSorted((a, b) => a.version - b.version),
    /** Types of the accepted events about this merchant's day and what of it does not agree. */
    heardOfDay: ({ mchid, date }: OneDay): readonly string[] =>
      [...ofDays.values()].filter((day) => day.mchid === mchid && day.date === date).map(({ type }) => type),
    stop,
    kill: stop,
  };
}

async function listen(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the shop has no port');
  return address.port;
}

const headersOf = ({ headers }: IncomingMessage): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));

function isGenuine(webhook: Webhook, raw: string, headers: Record<string, string>): boolean {
  try {
    webhook.verify(raw, headers);
    return true;
  } catch {
    return false;
  }
}
