import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { z } from 'zod';
import type { DevFile } from '../../src/cli/kit/dev-file.js';
import type { Running } from '../../src/embedded/stack.js';
import { createOrder, pay } from '../shop.js';
import type { Timed } from './contender.js';
import { createExpected, inFlight } from './in-flight.js';

const eventSchema = z.object({ type: z.string(), data: z.object({ order: z.object({ orderNo: z.string() }) }) });

export type Sink = Running & { readonly url: string; paid(orderNo: string): Promise<void> };

/** Where the shop is told of payments; its answer costs the benchmark, and nothing that is measured. */
export async function startSink(): Promise<Sink> {
  const told = createExpected();
  const server = createServer((request, response) => {
    void json(request)
      .then((body) => {
        const { type, data } = eventSchema.parse(body);
        if (type === 'order.paid') told.has(data.order.orderNo);
        return 204;
      })
      .catch(() => 400)
      .then((status) => response.writeHead(status).end());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the shop has no port');
  const stop = async (): Promise<void> => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  return { url: `http://127.0.0.1:${address.port}/`, paid: (orderNo) => told.wait(orderNo), stop, kill: stop };
}

export type Place = Pick<DevFile, 'apiUrl' | 'apiKey' | 'mchid' | 'sandboxUrl'>;

export type Happy = Timed & { readonly orderNos: readonly string[] };

/** Orders that are created over HTTP, paid by the payer at once, and told to the shop. */
export async function happyOrders(place: Place, sink: Sink, count: number): Promise<Happy> {
  const batch = randomBytes(4).toString('hex');
  const orderNos: string[] = [];
  const createMs: number[] = [];
  const paidMs: number[] = [];
  await inFlight(count, async (index) => {
    const orderNo = `B-${batch}-${index}`;
    const startedAt = performance.now();
    await createOrder(place, orderNo);
    const createdAt = performance.now();
    await pay(place, orderNo);
    await sink.paid(orderNo);
    orderNos.push(orderNo);
    createMs.push(createdAt - startedAt);
    paidMs.push(performance.now() - createdAt);
  });
  return { orderNos, createMs, paidMs };
}
