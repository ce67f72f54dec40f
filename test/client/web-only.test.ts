import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import type * as Client from '../../src/client/client.js';
import { createSigner } from '../../src/webhooks/webhooks.js';
import { clientOf, json } from './support/answers.js';

/** What Deno, Bun, workers and Node have alike. */
const WEB = {
  ...{ fetch, Headers, Request, Response, URL, URLSearchParams, AbortController, AbortSignal },
  ...{ TextEncoder, TextDecoder, crypto, atob, setTimeout, clearTimeout },
};

/** The client as one script, in a world without Node. */
async function clientInTheWeb(): Promise<typeof Client> {
  const entryPoints = [fileURLToPath(new URL('../../src/client/client.ts', import.meta.url))];
  const options = { bundle: true, write: false, platform: 'neutral', format: 'iife', globalName: 'client' } as const;
  const { outputFiles, metafile } = await build({ entryPoints, ...options, target: 'es2022', metafile: true });
  expect(Object.keys(metafile.inputs).filter((path) => !path.startsWith('src/client/'))).toEqual([]);
  const context = createContext({ ...WEB });
  expect(runInContext('[typeof process, typeof Buffer, typeof require].join()', context)).toBe(
    'undefined,undefined,undefined',
  );
  return runInContext(`${outputFiles[0]?.text ?? ''}; client`, context) as typeof Client;
}

test('the client needs nothing but what the web has', async () => {
  const { PaySaga, verifyWebhook } = await clientInTheWeb();
  const { seen, baseUrl } = await clientOf([json(201, { orderNo: 'A-1001' })]);
  const client = new PaySaga({ baseUrl, apiKey: 'key' });
  const order = await client.createOrder({ orderNo: 'A-1001', amountFen: 1, description: '茶', product: 'native' });
  expect(order.orderNo).toBe('A-1001');
  expect(seen[0]?.body).toContain('茶');
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const body = '{"type":"order.paid"}';
  const at = new Date(0);
  const headers = createSigner([secret])({ id: 'e-1', timestamp: at, body });
  expect((await verifyWebhook(body, headers, secret, { now: () => 0 })).id).toBe('e-1');
  await expect(verifyWebhook(`${body} `, headers, secret, { now: () => 0 })).rejects.toThrow('could not be verified');
});
