import { expect, test } from 'vitest';
import { newDelivery, PATIENT, startSecureShop, startShop, startTcp, webhookTo } from './support/shop.js';
import { selfSigned } from './support/certificate.js';

const certificate = selfSigned('shop.example');
const trusting = { resolve: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]), ca: [certificate.cert] };
const TLS = { kind: 'failed', reason: 'tls' };

test('a shop with a certificate for its name is told', async () => {
  const shop = await startSecureShop(certificate, (response) => response.writeHead(200).end());
  const webhook = webhookTo(`https://shop.example:${shop.port}/`, {}, trusting);
  expect(await webhook.send(newDelivery(), PATIENT)).toEqual({ kind: 'delivered', status: 200 });
});

test('a shop whose certificate nobody vouches for is not told, even where the environment would let it pass', async () => {
  const shop = await startSecureShop(certificate, (response) => response.writeHead(200).end());
  const { resolve } = trusting;
  const webhook = webhookTo(`https://shop.example:${shop.port}/`, {}, { resolve });
  expect(await webhook.send(newDelivery(), PATIENT)).toEqual(TLS);
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
  try {
    expect(await webhook.send(newDelivery(), PATIENT)).toEqual(TLS);
  } finally {
    delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
  }
  expect(shop.seen).toEqual([]);
});

test("a shop with another host's certificate is not told", async () => {
  const shop = await startSecureShop(certificate, (response) => response.writeHead(200).end());
  for (const host of ['other.example', '127.0.0.1']) {
    const webhook = webhookTo(`https://${host}:${shop.port}/`, {}, trusting);
    expect(await webhook.send(newDelivery(), PATIENT)).toEqual(TLS);
  }
  expect(shop.seen).toEqual([]);
});

test('a shop that speaks no TLS where it should, or hangs up on it', async () => {
  const clear = await startShop((response) => response.writeHead(200).end());
  const mute = await startTcp((socket) => socket.once('data', () => socket.destroy()));
  for (const { port } of [clear, mute]) {
    const webhook = webhookTo(`https://shop.example:${port}/`, {}, trusting);
    expect(await webhook.send(newDelivery(), PATIENT)).toEqual(TLS);
  }
  expect(clear.seen).toEqual([]);
});

test('a handshake without end is a timeout', async () => {
  const shop = await startTcp(() => undefined);
  const webhook = webhookTo(`https://shop.example:${shop.port}/`, {}, trusting);
  expect(await webhook.send(newDelivery(), { timeoutMs: 100 })).toEqual({ kind: 'failed', reason: 'timeout' });
});
