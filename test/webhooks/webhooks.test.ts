import { once } from 'node:events';
import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { createShopWebhooks } from '../../src/webhooks/webhooks.js';
import { MCHID, mchidOf, newDelivery, newSecret, PATIENT, startShop, startTcp, webhookTo } from './support/shop.js';

const HOUR_MS = 3_600_000;

test('a delivery is the exact text, signed so that the shop can verify it', async () => {
  const shop = await startShop((response) => response.writeHead(204).end());
  const secret = newSecret();
  const delivery = newDelivery();
  const webhook = webhookTo(`http://127.0.0.1:${shop.port}/hooks/pay?shop=1`, { secrets: [newSecret(), secret] });
  expect(await webhook.send(delivery, PATIENT)).toEqual({ kind: 'delivered', status: 204 });
  const [seen] = shop.seen;
  expect(shop.seen).toHaveLength(1);
  expect(seen).toMatchObject({ method: 'POST', target: '/hooks/pay?shop=1', body: delivery.body });
  expect(seen?.headers).toMatchObject({
    host: `127.0.0.1:${shop.port}`,
    'content-type': 'application/json',
    'webhook-id': delivery.id,
  });
  expect(new Webhook(secret).verify(seen?.body ?? '', seen?.headers ?? {})).toEqual(JSON.parse(delivery.body));
});

test('a repeated delivery has the same id and body, and the time and signature of its own try', async () => {
  const shop = await startShop((response) => response.writeHead(500).end());
  const webhook = webhookTo(`http://127.0.0.1:${shop.port}/`);
  const first = newDelivery({ timestamp: new Date(Date.now() - HOUR_MS) });
  await webhook.send(first, PATIENT);
  await webhook.send({ ...first, timestamp: new Date() }, PATIENT);
  const [before, after] = shop.seen;
  expect(after?.body).toBe(before?.body);
  expect(after?.headers['webhook-id']).toBe(before?.headers['webhook-id']);
  expect(Number(after?.headers['webhook-timestamp'])).toBeGreaterThan(Number(before?.headers['webhook-timestamp']));
  expect(after?.headers['webhook-signature']).not.toBe(before?.headers['webhook-signature']);
});

test.each([200, 201, 202, 204, 299])('%i: delivered', async (status) => {
  const shop = await startShop((response) => response.writeHead(status).end());
  const answer = await webhookTo(`http://127.0.0.1:${shop.port}/`).send(newDelivery(), PATIENT);
  expect(answer).toEqual({ kind: 'delivered', status });
});

test('410: the shop wants no more', async () => {
  const shop = await startShop((response) => response.writeHead(410, { 'retry-after': '60' }).end());
  const answer = await webhookTo(`http://127.0.0.1:${shop.port}/`).send(newDelivery(), PATIENT);
  expect(answer).toEqual({ kind: 'gone', status: 410 });
});

test.each([304, 400, 401, 404, 408, 409, 429, 500, 503])('%i: refused', async (status) => {
  const shop = await startShop((response) => response.writeHead(status).end());
  const answer = await webhookTo(`http://127.0.0.1:${shop.port}/`).send(newDelivery(), PATIENT);
  expect(answer).toEqual({ kind: 'refused', status, retryAfterMs: null });
});

test.each([429, 503])('%i says when to come back, in seconds or as a date', async (status) => {
  const timestamp = new Date(Math.floor(Date.now() / 1_000) * 1_000);
  const date = new Date(timestamp.getTime() + HOUR_MS).toUTCString();
  const waits = ['120', date];
  const shop = await startShop((response) => response.writeHead(status, { 'retry-after': waits.shift() }).end());
  const webhook = webhookTo(`http://127.0.0.1:${shop.port}/`);
  const delivery = newDelivery({ timestamp });
  expect(await webhook.send(delivery, PATIENT)).toEqual({ kind: 'refused', status, retryAfterMs: 120_000 });
  expect(await webhook.send(delivery, PATIENT)).toEqual({ kind: 'refused', status, retryAfterMs: HOUR_MS });
});

test.each([301, 302, 303, 307, 308])('%i: a redirect is refused and not followed', async (status) => {
  const elsewhere = await startShop((response) => response.writeHead(200).end());
  const location = `http://127.0.0.1:${elsewhere.port}/`;
  const shop = await startShop((response) => response.writeHead(status, { location }).end());
  const answer = await webhookTo(`http://127.0.0.1:${shop.port}/`).send(newDelivery(), PATIENT);
  expect(answer).toEqual({ kind: 'refused', status, retryAfterMs: null });
  expect(elsewhere.connections()).toBe(0);
});

test('an answer without end is cut off', async () => {
  const chunk = Buffer.alloc(64 * 1024);
  let cut: Promise<unknown> | undefined;
  const shop = await startShop((response) => {
    cut = once(response, 'close');
    const more = (): void => {
      while (!response.destroyed && response.write(chunk));
    };
    response.writeHead(200).on('drain', more);
    more();
  });
  const answer = await webhookTo(`http://127.0.0.1:${shop.port}/`).send(newDelivery(), PATIENT);
  expect(answer).toEqual({ kind: 'delivered', status: 200 });
  await cut;
});

test('the status counts, however slow the rest of the answer is; that ends with the try', async () => {
  let cut: Promise<unknown> | undefined;
  const shop = await startShop((response) => {
    cut = once(response, 'close');
    response.writeHead(200).write('so far');
  });
  const giveUp = new AbortController();
  const webhook = webhookTo(`http://127.0.0.1:${shop.port}/`);
  const answer = await webhook.send(newDelivery(), { ...PATIENT, signal: giveUp.signal });
  expect(answer).toEqual({ kind: 'delivered', status: 200 });
  giveUp.abort();
  await cut;
});

test('a shop that does not answer in time', async () => {
  const shop = await startShop(() => undefined);
  const answer = await webhookTo(`http://127.0.0.1:${shop.port}/`).send(newDelivery(), { timeoutMs: 50 });
  expect(answer).toEqual({ kind: 'failed', reason: 'timeout' });
});

test('a shop that goes on sending headers does not gain time by it', async () => {
  const shop = await startTcp((socket) => {
    socket.write('HTTP/1.1 200 OK\r\n');
    const drip = setInterval(() => socket.write('x-more: 1\r\n'), 5);
    socket.on('close', () => clearInterval(drip));
  });
  const answer = await webhookTo(`http://127.0.0.1:${shop.port}/`).send(newDelivery(), { timeoutMs: 100 });
  expect(answer).toEqual({ kind: 'failed', reason: 'timeout' });
});

test.each([
  ['hangs up', ''],
  ['does not speak HTTP', 'SSH-2.0-OpenSSH_9.6\r\n'],
  ['changes the protocol', 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n'],
  ['has headers without end', `HTTP/1.1 200 OK\r\nx-long: ${'x'.repeat(100_000)}\r\n\r\n`],
])('a shop that %s is not told', async (_problem, text) => {
  const shop = await startTcp((socket) => {
    socket.once('data', () => socket.end(text));
  });
  const answer = await webhookTo(`http://127.0.0.1:${shop.port}/`).send(newDelivery(), PATIENT);
  expect(answer).toEqual({ kind: 'failed', reason: 'unreachable' });
});

test('nobody listens there', async () => {
  const resolve = () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]);
  // Nobody can listen on port 0, so nobody comes to do so meanwhile.
  const answer = await webhookTo('http://shop.example:0/', {}, { resolve }).send(newDelivery(), PATIENT);
  expect(answer).toEqual({ kind: 'failed', reason: 'unreachable' });
});

test('a name that does not resolve', async () => {
  const resolve = () => Promise.reject(new Error('queryA ENOTFOUND shop.example'));
  const answer = await webhookTo('https://shop.example/', {}, { resolve }).send(newDelivery(), PATIENT);
  expect(answer).toEqual({ kind: 'failed', reason: 'unreachable' });
});

test('a resolver that never answers', async () => {
  const resolve = () => new Promise<never>(() => undefined);
  const answer = await webhookTo('https://shop.example/', {}, { resolve }).send(newDelivery(), { timeoutMs: 50 });
  expect(answer).toEqual({ kind: 'failed', reason: 'timeout' });
});

test('a caller that gives up is told its own reason', async () => {
  const giveUp = new AbortController();
  const reason = new Error('the worker stops');
  const shop = await startShop(() => giveUp.abort(reason));
  const webhook = webhookTo(`http://127.0.0.1:${shop.port}/`);
  await expect(webhook.send(newDelivery(), { ...PATIENT, signal: giveUp.signal })).rejects.toBe(reason);
});

test('for a caller that has given up before, not even the name is resolved', async () => {
  let asked = false;
  const resolve = () => {
    asked = true;
    return Promise.resolve([]);
  };
  const reason = new Error('the worker stops');
  const webhook = webhookTo('https://shop.example/', {}, { resolve });
  const sending = webhook.send(newDelivery(), { ...PATIENT, signal: AbortSignal.abort(reason) });
  await expect(sending).rejects.toBe(reason);
  expect(asked).toBe(false);
});

test('a proxy of the environment is not asked', async () => {
  const proxy = await startShop((response) => response.writeHead(200).end());
  const shop = await startShop((response) => response.writeHead(202).end());
  const names = ['http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY', 'NODE_USE_ENV_PROXY'];
  for (const name of names) process.env[name] = `http://127.0.0.1:${proxy.port}`;
  try {
    const answer = await webhookTo(`http://127.0.0.1:${shop.port}/`).send(newDelivery(), PATIENT);
    expect(answer).toEqual({ kind: 'delivered', status: 202 });
  } finally {
    for (const name of names) Reflect.deleteProperty(process.env, name);
  }
  expect(proxy.connections()).toBe(0);
});

test('a merchant has its own endpoint; one without an endpoint has no webhook', async () => {
  const shop = await startShop((response) => response.writeHead(200).end());
  const endpoint = (path: string) => ({
    url: `http://127.0.0.1:${shop.port}${path}`,
    secrets: [newSecret()],
    allowedPrivateRanges: ['127.0.0.0/8'],
  });
  const other = mchidOf('1900000002');
  const endpoints = new Map([
    [MCHID, endpoint('/first')],
    [other, endpoint('/second')],
  ]);
  const webhooks = createShopWebhooks((mchid) => endpoints.get(mchid));
  await webhooks.for(other)?.send(newDelivery(), PATIENT);
  await webhooks.for(MCHID)?.send(newDelivery(), PATIENT);
  expect(shop.seen.map(({ target }) => target)).toEqual(['/second', '/first']);
  expect(webhooks.for(mchidOf('1900000003'))).toBeUndefined();
});

test('a delivery goes where the endpoint is at that moment, signed with the secret it has then', async () => {
  const shop = await startShop((response) => response.writeHead(200).end());
  const [before, after] = [newSecret(), newSecret()];
  const endpoint = (path: string, secret: string) => ({
    url: `http://127.0.0.1:${shop.port}${path}`,
    secrets: [secret],
    allowedPrivateRanges: ['127.0.0.0/8'],
  });
  let configured = endpoint('/before', before);
  const webhooks = createShopWebhooks(() => configured);
  await webhooks.for(MCHID)?.send(newDelivery(), PATIENT);
  configured = endpoint('/after', after);
  await webhooks.for(MCHID)?.send(newDelivery(), PATIENT);
  expect(shop.seen.map(({ target }) => target)).toEqual(['/before', '/after']);
  const [first, second] = shop.seen;
  expect(() => new Webhook(before).verify(first?.body ?? '', first?.headers ?? {})).not.toThrow();
  expect(() => new Webhook(after).verify(second?.body ?? '', second?.headers ?? {})).not.toThrow();
  expect(() => new Webhook(before).verify(second?.body ?? '', second?.headers ?? {})).toThrow();
});
