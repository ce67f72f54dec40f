import { X509Certificate } from 'node:crypto';
import { Agent, request } from 'node:https';
import { text } from 'node:stream/consumers';
import { connect, TLSSocket } from 'node:tls';
import { beforeAll, describe, expect, it } from 'vitest';
import { generateKeys } from '../../../src/sandbox/identity/issue.js';
import { startSandbox } from '../../../src/sandbox/start.js';
import { control, exchange, type Credentials, type Json } from '../support/client.js';
import { newNumber } from '../support/trade.js';
import { newRefundNo } from '../support/refund.js';
import { useSandbox } from '../support/use-sandbox.js';
import { callV2, isSignedV2, signV2, xmlOf, type OverridesV2, type ReplyV2 } from './support/client.js';
import { orderFields, orderQuery, paidOrder, unifiedOrder } from './support/trade.js';

const { sandbox, merchant } = useSandbox();
let other: Credentials;
beforeAll(async () => {
  other = await control<Credentials>(sandbox, 'POST', '/merchants', { protocol: 'v2' });
});

const failed = (message: string) =>
  `<xml><return_code><![CDATA[FAIL]]></return_code>\n<return_msg><![CDATA[${message}]]></return_msg>\n</xml>`;

describe('a call', () => {
  const ask = (overrides: OverridesV2, more: Record<string, string | undefined> = {}) =>
    callV2(sandbox, merchant, '/pay/unifiedorder', { ...orderFields(newNumber()), ...more }, overrides);
  const said = ({ status, headers, text }: ReplyV2) => [status, headers['content-type'], text];

  it.each([
    ['another key', { key: 'k'.repeat(32) }, {}],
    ['no sign', { sign: '' }, {}],
    ['a sign of the other type', {}, { sign_type: 'HMAC-SHA512' }],
  ] as const)('signed with %s is a sign error, said as WeChat Pay says it', async (_, overrides, more) => {
    expect(said(await ask(overrides, more))).toEqual([200, 'text/plain', failed('签名错误')]);
  });

  it.each([
    ['MD5', 'HMAC-SHA256'],
    ['HMAC-SHA256', 'MD5'],
  ] as const)('signed by %s that names %s is a sign error', async (type, sign_type) => {
    const fields = {
      ...orderFields(newNumber()),
      ...{ appid: merchant.appid, mch_id: merchant.mchid, nonce_str: 'n', sign_type },
    };
    const sign = signV2(fields, merchant.apiV2Key, type);
    expect(said(await ask({ sign }, fields))).toEqual([200, 'text/plain', failed('签名错误')]);
  });

  it.each([
    ['nothing', '', 'post数据为空'],
    ['no XML', 'appid=wx', 'XML格式错误'],
    ['JSON', '{"appid":"wx"}', 'XML格式错误'],
    ['an element twice', '<xml><mch_id>1</mch_id><mch_id>2</mch_id></xml>', 'XML格式错误'],
    [
      'a DOCTYPE',
      '<!DOCTYPE xml [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><mch_id>&a;</mch_id></xml>',
      'XML格式错误',
    ],
    ['too much', `<xml><mch_id>${'1'.repeat(65_536)}</mch_id></xml>`, 'XML格式错误'],
    ['no UTF-8', Buffer.from('<xml><body>\xb2\xe8</body></xml>', 'latin1'), '编码格式错误，请使用UTF-8'],
    ['no merchant', '<xml><appid>wx1</appid></xml>', '缺少参数mch_id'],
    ['an unknown merchant', '<xml><mch_id>1500000000</mch_id></xml>', 'MCHID不存在'],
  ])('that says %s is told so by nobody in particular', async (_, body, message) => {
    expect(said(await ask({ body }))).toEqual([200, 'text/plain', failed(message)]);
  });

  it('is a POST, by whatever path', async () => {
    for (const path of ['/pay/unifiedorder', '/pay/orderquery', '/pay/closeorder', '/pay/refundquery']) {
      const reply = await exchange(sandbox.url, 'GET', path, '', {});
      expect([reply.status, reply.text]).toEqual([200, failed('请使用post方法')]);
    }
    expect((await exchange(sandbox.url, 'POST', '/pay/report', '<xml></xml>', {})).status).toBe(404);
  });

  it('is counted, and limited, with the API v3 calls of its kind', async () => {
    const outTradeNo = newNumber();
    await unifiedOrder(sandbox, other, outTradeNo);
    await control(sandbox, 'PUT', `/limits?mchid=${other.mchid}`, { query: 1 });
    const codes = async () =>
      (await Promise.all([1, 2, 3].map(() => orderQuery(sandbox, other, outTradeNo)))).map(({ fields }) => fields);
    await expect.poll(async () => (await codes()).map((fields) => fields['err_code'])).toContain('FREQUENCY_LIMITED');
    for (const fields of await codes()) expect(isSignedV2(fields, other.apiV2Key)).toBe(true);
    const calls = (await control(sandbox, 'GET', `/calls?mchid=${other.mchid}`))[other.mchid] as Json;
    expect(calls['prepay']).toEqual({ count: 1, refusedByLimit: 0 });
    expect((calls['query'] as { refusedByLimit: number }).refusedByLimit).toBeGreaterThan(0);
    await control(sandbox, 'PUT', `/limits?mchid=${other.mchid}`, {});
  });
});

describe('a call that wants a client certificate', () => {
  const refund = async (overrides: OverridesV2) => {
    const { outTradeNo } = await paidOrder(sandbox, merchant);
    const fields = { out_trade_no: outTradeNo, out_refund_no: newRefundNo(), total_fee: '1200', refund_fee: '1' };
    return callV2(sandbox, merchant, '/secapi/pay/refund', fields, overrides);
  };

  it('is served with the certificate of its merchant', async () => {
    expect((await refund({})).fields).toMatchObject({ result_code: 'SUCCESS', refund_fee: '1' });
  });

  it('is refused without one by the web server, on the TLS port and on the plain one', async () => {
    for (const overrides of [{ certificateOf: null }, { url: sandbox.url }]) {
      const { status, headers, text } = await refund(overrides);
      expect([status, headers['content-type']]).toEqual([400, 'text/html']);
      expect(text).toContain('400 No required SSL certificate was sent');
    }
    expect(await control<Json[]>(sandbox, 'GET', '/refunds')).toHaveLength(1);
  });

  it("is refused with another merchant's", async () => {
    expect((await refund({ certificateOf: other })).text).toBe(failed('证书与商户号不匹配'));
  });

  it('is refused with one that nobody here issued', async () => {
    const elsewhere = await startSandbox({ newKeyPair: generateKeys });
    const foreign = await control<Credentials>(elsewhere, 'GET', '/merchant');
    await elsewhere.close();
    expect((await refund({ certificateOf: foreign })).text).toContain('No required SSL certificate was sent');
  });

  it('is recognised on a TLS session that goes on', async () => {
    const { secapiUrl, secapiCaPem: ca, certificatePem: cert, privateKeyPem: key } = merchant;
    const agent = new Agent({ keepAlive: false, maxCachedSessions: 10, ca, cert, key });
    const ask = () =>
      new Promise<{ isReused: boolean; text: string }>((resolve, reject) => {
        const outgoing = request(new URL('/secapi/pay/refund', secapiUrl), { method: 'POST', agent }, (incoming) => {
          const { socket } = incoming;
          const isReused = socket instanceof TLSSocket && socket.isSessionReused();
          text(incoming).then((answer) => resolve({ isReused, text: answer }), reject);
        });
        outgoing.on('error', reject).end(xmlOf({ mch_id: merchant.mchid }));
      });
    const answers = [await ask(), await ask(), await ask()];
    expect(answers.map((answer) => answer.text)).toEqual([failed('签名错误'), failed('签名错误'), failed('签名错误')]);
    expect(answers.map(({ isReused }) => isReused)).toContain(true);
    agent.destroy();
  });
});

describe('the TLS port', () => {
  it('has a certificate for the names by which it is reached, from the authority that the merchants know', async () => {
    const { port, hostname } = new URL(merchant.secapiUrl);
    expect(hostname).toBe('127.0.0.1');
    for (const servername of ['localhost', undefined]) {
      const host = servername ?? '127.0.0.1';
      const socket = connect({
        port: Number(port),
        host,
        ca: merchant.secapiCaPem,
        ...(servername ? { servername } : {}),
      });
      await new Promise<void>((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
      expect(socket.authorized).toBe(true);
      socket.destroy();
    }
    expect(new X509Certificate(merchant.secapiCaPem).ca).toBe(true);
  });

  it('serves the calls that want a certificate and nothing else', async () => {
    const get = (path: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        request(new URL(path, merchant.secapiUrl), { ca: merchant.secapiCaPem, agent: false }, (incoming) => {
          incoming.resume();
          resolve(incoming.statusCode);
        })
          .on('error', reject)
          .end();
      });
    const paths = ['/sandbox/merchant', '/v3/certificates', '/pay/orderquery', '/pay/downloadfundflow'];
    expect(await Promise.all(paths.map(get))).toEqual([404, 404, 404, 200]);
  });
});
