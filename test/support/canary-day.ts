import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type postgres from 'postgres';
import { newApiKey } from '../../src/cli/keys.js';
import { keyLines, textOf, type Canaries } from './canaries.js';
import { until } from './caller.js';
import { newOrderNo, type TestStack } from './dev-stack.js';

export type CanaryDay = {
  readonly canaries: Canaries;
  /** Headers and text of every answer that was an error. */
  readonly errorAnswers: readonly string[];
  readonly orderNos: readonly string[];
};

/** A word nobody else writes. */
const canary = (name: string): string => `canary-${name}-${randomBytes(8).toString('hex')}`;

export const openid = `oCanary${randomBytes(10).toString('hex')}`.slice(0, 28);
const attach = canary('attach');
const description = canary('description');
const metadata = canary('metadata');
const reason = canary('reason');
const clientIp = '198.51.100.217';
const badBody = canary('bad-body');
const forgedBody = canary('forged-body');
const forgedSignature = canary('forged-signature');
const shopAnswer = canary('shop-answer');
const wrongToken = canary('token');
const wrongKey = newApiKey('operator', 'live').key;

let stack: TestStack;
let sql: postgres.Sql;
let shopStatus = 204;
const canaries = new Map<string, string>();
const errorAnswers: string[] = [];
const orderNos: string[] = [];

export async function scrape(url: string): Promise<string> {
  const answer = await fetch(`${url}/metrics`);
  if (answer.status !== 200) throw new Error(`/metrics: ${answer.status}`);
  return answer.text();
}

/** NaN where there is no such series. */
export function valueOf(text: string, series: string): number {
  const line = text.split('\n').find((it) => it.startsWith(`${series} `));
  return line === undefined ? NaN : Number(line.slice(series.length + 1));
}

/** The shop answers with text of its own, and not always well. */
export async function startShop(): Promise<Server> {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(shopStatus);
    response.end(shopStatus === 204 ? undefined : shopAnswer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

/** Keeps what was answered with an error. */
async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const answer = await fetch(`${stack.dev.apiUrl}${path}`, { redirect: 'manual', ...init });
  if (answer.status >= 400) errorAnswers.push(`${textOf([...answer.headers])}\n${await answer.clone().text()}`);
  return answer;
}

function post(path: string, body: unknown, key = stack.dev.apiKey): Promise<Response> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  return ask(path, { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) });
}

async function place(fields: object = {}): Promise<string> {
  const orderNo = newOrderNo();
  orderNos.push(orderNo);
  const terms = { orderNo, amountFen: 1_200, description, attach, metadata: { note: metadata }, clientIp };
  await post('/v1/orders', { product: 'native', ...terms, ...fields });
  return orderNo;
}

const fault = (faults: object) => stack.control('POST', '/faults', [faults]);

/** Everything that happens to orders, with words in it that must not be found afterwards. */
export async function liveADay(of: TestStack, on: postgres.Sql): Promise<CanaryDay> {
  stack = of;
  sql = on;
  await payAndRefund();
  await notifiesThatAreNotBelieved();
  await otherEnds();
  await badRequests();
  await atTheDoor();
  await collectSecrets();
  return { canaries, errorAnswers, orderNos };
}

async function payAndRefund(): Promise<void> {
  const orderNo = await place({ product: 'jsapi', payer: { openid } });
  await stack.control('POST', '/pay', { outTradeNo: orderNo, openid });
  await stack.orderWhen(orderNo, ({ state }) => state === 'paid');
  const refundNo = `R-${orderNo}`;
  await post(`/v1/orders/${orderNo}/refunds`, { refundNo, amountFen: 100, reason });
  await stack.orderWhen(orderNo, ({ refundedFen }) => refundedFen === 100);
  shopStatus = 500;
  await post(`/v1/orders/${orderNo}/refunds`, { refundNo, amountFen: 200, reason });
}

async function notifiesThatAreNotBelieved(): Promise<void> {
  const bad = await place();
  await fault({ on: 'notify', kind: 'badSignature', outTradeNo: bad });
  await stack.control('POST', '/pay', { outTradeNo: bad });
  await until(async () => {
    const seen = await scrape(stack.dev.apiUrl);
    return { seen: 'bad_signature', met: valueOf(seen, 'paysaga_notifies_total{outcome="bad_signature"}') > 0 };
  });
  const unreadable = await place();
  await fault({ on: 'notify', kind: 'wrongKey', outTradeNo: unreadable });
  await stack.control('POST', '/pay', { outTradeNo: unreadable });
  await until(async () => {
    const seen = await scrape(stack.dev.apiUrl);
    return { seen: 'undecryptable', met: valueOf(seen, 'paysaga_notifies_total{outcome="undecryptable"}') > 0 };
  });
  const headers = {
    'wechatpay-signature': forgedSignature,
    'wechatpay-serial': forgedSignature,
    'wechatpay-timestamp': String(Math.floor(Date.now() / 1_000)),
    'wechatpay-nonce': forgedSignature,
  };
  await ask(`/notify/wechatpay/v3/${stack.dev.mchid}`, { method: 'POST', headers, body: forgedBody });
}

async function otherEnds(): Promise<void> {
  const lost = await place();
  await fault({ on: 'notify', kind: 'drop', outTradeNo: lost, times: 0 });
  await fault({ on: 'query', kind: 'http500', outTradeNo: lost });
  await stack.control('POST', '/pay', { outTradeNo: lost });
  await until(async () => {
    await post(`/v1/orders/${lost}/sync`, undefined);
    const { body } = await stack.api('GET', `/v1/orders/${lost}`);
    return { seen: body, met: body.state === 'paid' };
  });
  const cancelled = await place();
  await post(`/v1/orders/${cancelled}/close`, undefined);
  await stack.orderWhen(cancelled, ({ state }) => state === 'closed');
  const wrong = await place();
  await fault({ on: 'pay', kind: 'wrongAmount', totalFen: 900, outTradeNo: wrong });
  await stack.control('POST', '/pay', { outTradeNo: wrong });
  await stack.orderWhen(wrong, ({ state }) => state === 'review');
  const refused = newOrderNo();
  await fault({ on: 'prepay', kind: 'error', status: 400, code: 'PARAM_ERROR', effect: false, outTradeNo: refused });
  await post('/v1/orders', { orderNo: refused, amountFen: 1, description, product: 'native' });
  await stack.orderWhen(refused, ({ state }) => state === 'closed');
}

async function badRequests(): Promise<void> {
  const order = { orderNo: newOrderNo(), amountFen: 1, description, product: 'native' };
  await post('/v1/orders', `{"orderNo": "${badBody}", `);
  await post('/v1/orders', { ...order, anotherField: badBody });
  await post('/v1/orders', { ...order, payer: { openid: `${openid}${badBody}`.repeat(9) } });
  await post('/v1/orders', { ...order, product: badBody });
  await post('/v1/orders', order, wrongKey);
  await post('/v1/orders', order, stack.dev.apiKey.slice(0, -1));
  await ask(`/v1/orders?cursor=${badBody}`, { headers: { authorization: `Bearer ${stack.dev.apiKey}` } });
  await ask(`/pay/${orderNos[0] ?? ''}?t=${wrongToken}`);
  await post(`/v1/orders/${orderNos[0] ?? ''}/resolve`, { action: 'accept', reason: badBody });
}

async function atTheDoor(): Promise<void> {
  const enter = (key: string) => ask('/ops/login', { method: 'POST', body: new URLSearchParams({ key }) });
  await enter(wrongKey);
  await enter(stack.dev.apiKey);
  const answer = await enter(stack.dev.operatorKey);
  if (answer.status !== 303) throw new Error(`an operator could not sign in: ${answer.status}`);
  const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
  canaries.set('session', cookie.slice(cookie.indexOf('=') + 1));
  await ask('/ops', { headers: { cookie } });
}

/** What was sent above, what the stack was given to keep, and what it made and must not tell. */
async function collectSecrets(): Promise<void> {
  const sent = { openid, attach, description, metadata, reason, clientIp, badBody, forgedBody, forgedSignature };
  for (const [name, value] of Object.entries({ ...sent, shopAnswer, wrongToken, wrongKey })) canaries.set(name, value);
  const { apiKey, operatorKey, merchants } = stack.dev;
  canaries.set('apiKey', apiKey).set('operatorKey', operatorKey);
  canaries.set('webhookSecret', (merchants[0]?.webhookSecret ?? '').replace('whsec_', ''));
  const merchant = await stack.control<{ privateKeyPem: string; apiV3Key: string }>('GET', '/merchant');
  canaries.set('apiV3Key', merchant.apiV3Key);
  for (const [index, line] of keyLines(merchant.privateKeyPem).entries()) canaries.set(`privateKey ${index}`, line);
  const notifies = await sql<{ body: Uint8Array; signature: string | null }[]>`
    select raw_body as body, headers ->> 'wechatpay-signature' as signature from notify_inbox`;
  for (const [index, { body, signature }] of notifies.entries()) {
    const { resource } = JSON.parse(Buffer.from(body).toString()) as { resource: { ciphertext: string } };
    canaries.set(`notify ${index}`, resource.ciphertext.slice(0, 60));
    if (signature !== null) canaries.set(`notify signature ${index}`, signature.slice(0, 60));
  }
  const codes = await sql<{ code: string }[]>`
    select code_url as code from attempts where code_url is not null
    union all select prepay_id from attempts where prepay_id is not null`;
  for (const [index, { code }] of codes.entries()) canaries.set(`code ${index}`, code);
  for (const orderNo of orderNos) {
    const { body } = await stack.api('GET', `/v1/orders/${orderNo}`);
    const token = new URL(body.checkoutUrl).searchParams.get('t');
    if (token !== null) canaries.set(`checkout ${orderNo}`, token);
  }
}
