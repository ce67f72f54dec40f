import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { DevFile } from '../../src/cli/kit/dev-file.js';
import { bearer, createOrder, pay } from '../shop.js';

/** Between two orders that are paid, so that each finds the system as the crowd leaves it. */
const PAUSE_MS = 200;

/** Milliseconds from each of `count` payments, one after another, until the shop can read that its order is paid. */
export async function confirmations(dev: DevFile, count: number): Promise<number[]> {
  const batch = randomBytes(4).toString('hex');
  const tookMs: number[] = [];
  for (let n = 0; n < count; n += 1) {
    const orderNo = `C-${batch}-${n}`;
    await createOrder(dev, orderNo);
    const paid = paidOnStream(dev, orderNo);
    await sleep(PAUSE_MS);
    const startedAt = performance.now();
    await pay(dev, orderNo);
    await paid;
    tookMs.push(performance.now() - startedAt);
  }
  return tookMs;
}

async function paidOnStream(dev: DevFile, orderNo: string): Promise<void> {
  const over = new AbortController();
  const response = await fetch(`${dev.apiUrl}/v1/orders/${orderNo}/stream`, {
    headers: bearer(dev),
    signal: AbortSignal.any([over.signal, AbortSignal.timeout(LATE_MS)]),
  });
  if (response.body === null) throw new Error(`the stream of ${orderNo} has no body`);
  let text = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.includes('"state":"paid"')) break;
  }
  over.abort();
}

const LATE_MS = 120_000;

const callsSchema = z.record(
  z.string(),
  z.record(z.string(), z.object({ count: z.number(), refusedByLimit: z.number() })),
);

/** Queries that WeChat Pay has seen of the merchant so far, and those of them that it turned away. */
export async function queriesSeen({ sandboxUrl, mchid }: DevFile) {
  const response = await fetch(`${sandboxUrl}/sandbox/calls`);
  const { query } = callsSchema.parse(await response.json())[mchid] ?? {};
  return query ?? { count: 0, refusedByLimit: 0 };
}
