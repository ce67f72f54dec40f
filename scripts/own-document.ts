import { createSecretKey } from 'node:crypto';
import pino from 'pino';
import { createMerchants } from '../src/channels/merchant.js';
import { served } from '../src/entries/served.js';
import { openServices } from '../src/entries/services.js';
import { createApp } from '../src/http/app.js';

/** The API's document as an ingress of this source answers it. Nothing is connected to: services are, at their first use. */
export async function ownDocument(): Promise<string> {
  const log = pino({ level: 'silent' });
  const publicUrl = () => 'https://pay.example.com';
  const services = openServices({
    ...{ databaseUrl: 'postgres://nobody@127.0.0.1:1/nothing', merchants: createMerchants(new Map()) },
    temporal: { connection: { address: '127.0.0.1:1' }, namespace: 'none' },
    ...{ publicUrl, language: 'en', workers: 1, applicationName: 'document', log },
  });
  try {
    const nobody = () => () => undefined;
    const changes = { subscribe: nobody, subscribeEvents: nobody, close: () => Promise.resolve() };
    const tellTest = () => Promise.resolve(undefined);
    const own = { publicUrl, checkoutKey: createSecretKey(Buffer.alloc(32)), changes, tellTest, log };
    const app = createApp({ ...services, ...own, ready: () => Promise.resolve({}) }, served);
    const answer = await app.request('/openapi.json');
    if (answer.status !== 200) throw new Error(`/openapi.json: ${answer.status}`);
    return await answer.text();
  } finally {
    await services.close();
  }
}
