import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Result } from '../src/base/result.js';
import type { DevFile } from '../src/cli/kit/dev-file.js';

/** What every order of a benchmark costs. */
export const TOTAL_FEN = 1_200;

const createdSchema = z.object({ attempts: z.tuple([z.object({ codeUrl: z.string().nullable() })]) });

/** Resolves once it has a code. A machine that is too busy for one within 8 s answers without, and the shop asks again. */
export async function createOrder(place: Pick<DevFile, 'apiUrl' | 'apiKey'>, orderNo: string): Promise<void> {
  const body = { orderNo, amountFen: TOTAL_FEN, description: 'Longjing tea, 50 g', product: 'native' };
  const ask = async () => {
    const created = await post(`${place.apiUrl}/v1/orders`, body, bearer(place));
    return createdSchema.parse(created).attempts[0].codeUrl;
  };
  for (let tries = 1; (await ask()) === null; tries += 1) {
    if (tries === MAX_TRIES) throw new Error(`${orderNo} has no code`);
    await sleep(AGAIN_MS);
  }
}

const MAX_TRIES = 20;
const AGAIN_MS = 500;

export const bearer = ({ apiKey }: Pick<DevFile, 'apiKey'>) => ({ authorization: `Bearer ${apiKey}` });

/** As the payer does on a phone. */
export async function pay(
  { sandboxUrl, mchid }: Pick<DevFile, 'sandboxUrl' | 'mchid'>,
  outTradeNo: string,
): Promise<void> {
  await post(`${sandboxUrl}/sandbox/pay?mchid=${mchid}`, { outTradeNo });
}

export async function post(
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url}: ${response.status} ${text}`);
  return text === '' ? null : JSON.parse(text);
}

/** A value that this benchmark has made. */
export function known<T>(parsed: Result<T, string>): T {
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}
