import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Processes } from '../processes.js';
import { setTimeout as sleep } from 'node:timers/promises';
import { inTurns } from './send.js';

const AT_ONCE = 8;

export const TOTAL_FEN = 1_200;

/** Orders that were placed over the API and wait for their payment; each has a workflow that runs. */
export async function placeOrders({ dev }: Pick<Processes, 'dev'>, count: number): Promise<string[]> {
  const run = randomBytes(4).toString('hex');
  const orderNos = Array.from({ length: count }, (_, at) => `n-${run}-${at}`);
  await inTurns(orderNos, AT_ONCE, (orderNo) => place(dev, orderNo));
  return orderNos;
}

const placed = z.object({ state: z.enum(['creating', 'awaitingPayment']) });

/** 202 says that it is being created: the same call again tells how far it is. */
async function place({ apiUrl, apiKey }: Processes['dev'], orderNo: string): Promise<void> {
  for (;;) {
    const response = await fetch(`${apiUrl}/v1/orders`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ orderNo, amountFen: TOTAL_FEN, description: '龙井 two cups', product: 'native' }),
    });
    const { state } = placed.parse(await response.json());
    if (state === 'awaitingPayment') return;
    await sleep(500);
  }
}
