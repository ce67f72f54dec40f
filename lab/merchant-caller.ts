import { z } from 'zod';
import type { DevFile } from '../src/cli/kit/dev-file.js';
import { openShop, type Send, type Shop } from '../src/entries/demo/shop.js';

export type MerchantCaller = ReturnType<typeof openMerchant>;

const PAGE = 200;

/** One merchant's everything: the shop, an operator who sees all of it, and the sandbox's control plane. */
export function openMerchant(dev: DevFile, mchid: string, send: Send) {
  const merchant = dev.merchants.find((it) => it.mchid === mchid);
  if (merchant === undefined) throw new Error(`there is no merchant ${mchid}`);
  const shop: Shop = openShop({ ...dev, mchid, apiKey: merchant.apiKey }, send);
  const api = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const authorization = `Bearer ${dev.operatorKey}`;
    return answered(send, `${dev.apiUrl}/v1${path}${path.includes('?') ? '&' : '?'}mchid=${mchid}`, method, body, {
      authorization,
    });
  };
  return {
    mchid,
    protocol: merchant.protocol,
    shop,
    api,
    sandbox: (method: string, path: string, body?: unknown): Promise<unknown> =>
      answered(send, `${dev.sandboxUrl}/sandbox${path}?mchid=${mchid}`, method, body),
    /** Every row of a list, page by page. */
    async all<T>(path: string, row: z.ZodType<T>): Promise<T[]> {
      const page = z.object({ items: z.array(row), nextCursor: z.string().nullable() });
      const rows: T[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const query: string = `${path.includes('?') ? '&' : '?'}limit=${PAGE}${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
        const { items, nextCursor } = page.parse(await api('GET', `${path}${query}`));
        rows.push(...items);
        cursor = nextCursor;
      }
      return rows;
    },
  };
}

/** Throws for whatever is refused. */
async function answered(
  send: Send,
  url: string,
  method: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<unknown> {
  const json = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await send(url, { method, headers: { 'content-type': 'application/json', ...headers }, ...json });
  const text = await response.text();
  if (!response.ok) throw new Refused(`${method} ${url}: ${response.status} ${text}`);
  return text === '' ? null : JSON.parse(text);
}

export class Refused extends Error {
  override readonly name = 'Refused';
  readonly code = 'refused';
}
