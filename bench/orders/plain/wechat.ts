import {
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import { z } from 'zod';

const merchantSchema = z.object({
  mchid: z.string(),
  appid: z.string(),
  serialNo: z.string(),
  privateKeyPem: z.string(),
  apiV3Key: z.string(),
  publicKeyId: z.string(),
  publicKeyPem: z.string(),
});

const tradeSchema = z.object({
  out_trade_no: z.string(),
  transaction_id: z.string(),
  trade_state: z.string(),
  success_time: z.string(),
  amount: z.object({ total: z.number(), currency: z.string() }),
});
export type Trade = z.infer<typeof tradeSchema>;

const notifySchema = z.object({
  id: z.string(),
  resource: z.object({ ciphertext: z.string(), nonce: z.string(), associated_data: z.string() }),
});

export type Headers = Readonly<Record<string, string | string[] | undefined>>;

export type Wechat = Awaited<ReturnType<typeof openWechat>>;

const TAG_BYTES = 16;

/** The calls of a happy order, as little as can prove and be proven: `fetch`, `node:crypto`, JSON. */
export async function openWechat(sandboxUrl: string) {
  const response = await fetch(`${sandboxUrl}/sandbox/merchant`);
  const { mchid, appid, serialNo, ...merchant } = merchantSchema.parse(await response.json());
  const ownKey = createPrivateKey(merchant.privateKeyPem);
  const theirKey = createPublicKey(merchant.publicKeyPem);

  const prove = (headers: Headers, body: string): void => {
    const message = `${String(headers['wechatpay-timestamp'])}\n${String(headers['wechatpay-nonce'])}\n${body}\n`;
    const signature = Buffer.from(String(headers['wechatpay-signature']), 'base64');
    if (!verify('sha256', Buffer.from(message), theirKey, signature)) throw new Error('not signed by WeChat Pay');
  };

  const call = async (method: string, path: string, body: string): Promise<unknown> => {
    const [at, nonce] = [Math.floor(Date.now() / 1_000), randomBytes(16).toString('hex')];
    const signature = sign('sha256', Buffer.from(`${method}\n${path}\n${at}\n${nonce}\n${body}\n`), ownKey);
    const said = `mchid="${mchid}",nonce_str="${nonce}",signature="${signature.toString('base64')}"`;
    const authorization = `WECHATPAY2-SHA256-RSA2048 ${said},timestamp="${at}",serial_no="${serialNo}"`;
    const headers = { authorization, accept: 'application/json', 'wechatpay-serial': merchant.publicKeyId };
    const sent = body === '' ? { headers } : { headers: { ...headers, 'content-type': 'application/json' }, body };
    const answer = await fetch(`${sandboxUrl}${path}`, { method, ...sent });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
    prove(Object.fromEntries(answer.headers), text);
    return JSON.parse(text);
  };

  return {
    mchid,
    appid,
    prepayBody: (outTradeNo: string, amountFen: number, expiresAt: Date, notifyUrl: string): string =>
      JSON.stringify({
        ...{ appid, mchid, description: 'Longjing tea, 50 g', out_trade_no: outTradeNo },
        ...{ time_expire: `${expiresAt.toISOString().slice(0, 19)}+00:00`, notify_url: notifyUrl },
        amount: { total: amountFen, currency: 'CNY' },
      }),
    async prepay(body: string): Promise<string> {
      return z.object({ code_url: z.string() }).parse(await call('POST', '/v3/pay/transactions/native', body)).code_url;
    },
    async query(outTradeNo: string): Promise<Trade> {
      return tradeSchema.parse(await call('GET', `/v3/pay/transactions/out-trade-no/${outTradeNo}?mchid=${mchid}`, ''));
    },
    /** Throws for a notify that is not WeChat Pay's. */
    open(headers: Headers, body: string): { readonly id: string; readonly trade: Trade } {
      prove(headers, body);
      const { id, resource } = notifySchema.parse(JSON.parse(body));
      const sealed = Buffer.from(resource.ciphertext, 'base64');
      const decipher = createDecipheriv('aes-256-gcm', merchant.apiV3Key, resource.nonce);
      decipher.setAuthTag(sealed.subarray(-TAG_BYTES)).setAAD(Buffer.from(resource.associated_data));
      const plain = Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()]);
      return { id, trade: tradeSchema.parse(JSON.parse(plain.toString())) };
    },
  };
}

const SECRET = randomBytes(24);

/** One Standard Webhooks delivery of an event body. */
export async function tell(url: string, id: string, body: string): Promise<number> {
  const at = Math.floor(Date.now() / 1_000);
  const signature = createHmac('sha256', SECRET).update(`${id}.${at}.${body}`).digest('base64');
  const headers = { 'webhook-id': id, 'webhook-timestamp': String(at), 'webhook-signature': `v1,${signature}` };
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`the shop answered ${response.status}`);
  return response.status;
}

export const eventOf = (orderNo: string, trade: Trade): string =>
  JSON.stringify({
    type: 'order.paid',
    timestamp: new Date().toISOString(),
    data: { order: { orderNo, state: 'paid', paidFen: trade.amount.total, paidAt: trade.success_time } },
  });
