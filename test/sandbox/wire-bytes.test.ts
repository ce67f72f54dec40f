import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { authorization, call, control, merchantOf, open, verified, type Json } from './support/client.js';
import { close, newNumber, prepay, query } from './support/trade.js';
import { useSandbox } from './support/use-sandbox.js';

const { sandbox, merchant } = useSandbox();

describe('the bytes of an answer', () => {
  it("keep the exact case of WeChat Pay's header names", async () => {
    const target = '/v3/certificates';
    const socket = connect(Number(new URL(sandbox.url).port), '127.0.0.1');
    const lines = [
      `GET ${target} HTTP/1.1`,
      'Host: sandbox',
      'User-Agent: raw',
      'Connection: close',
      `Authorization: ${authorization(merchant, 'GET', target, '')}`,
    ];
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await once(socket, 'close');
    const names = (text.split('\r\n\r\n')[0] ?? '')
      .split('\r\n')
      .slice(1)
      .map((line) => line.split(':')[0]);
    expect(names).toEqual(
      expect.arrayContaining([
        'Wechatpay-Timestamp',
        'Wechatpay-Nonce',
        'Wechatpay-Signature',
        'Wechatpay-Serial',
        'Wechatpay-Signature-Type',
        'Request-ID',
        'Content-Type',
      ]),
    );
  });
});

describe('the signature of an answer', () => {
  it('is over its exact body, the empty one of a 204 too', async () => {
    const outTradeNo = newNumber();
    const made = await prepay(sandbox, merchant, outTradeNo);
    const closed = await close(sandbox, merchant, outTradeNo);
    for (const { headers, text } of [made, closed]) {
      expect(verified(headers, text, merchant.platformCertificatePem)).toBe(true);
      expect(verified(headers, `${text} `, merchant.platformCertificatePem)).toBe(false);
    }
    expect(made.headers['wechatpay-signature-type']).toBe('WECHATPAY2-SHA256-RSA2048');
    expect(made.headers['request-id']).toMatch(/-0$/);
  });

  it('is by the key that the request names, and by the platform certificate when it names none', async () => {
    const certificate = [merchant.platformSerialNo, merchant.platformCertificatePem] as const;
    for (const [named, [serial, pem]] of [
      [merchant.publicKeyId, [merchant.publicKeyId, merchant.publicKeyPem]],
      [merchant.platformSerialNo, certificate],
      ['', certificate],
      [undefined, certificate],
    ] as const) {
      const reply = await query(sandbox, merchant, 'unknown1', { headers: { 'Wechatpay-Serial': named } });
      expect(reply.status).toBe(404);
      expect(reply.headers['wechatpay-serial']).toBe(serial);
      expect(verified(reply.headers, reply.text, pem)).toBe(true);
    }
  });

  it('cannot be had under an unknown key: 500 SYSTEM_ERROR, and nothing happens', async () => {
    const outTradeNo = newNumber();
    const headers = { 'Wechatpay-Serial': 'PUB_KEY_ID_0000000000000000000000000000' };
    const reply = await prepay(sandbox, merchant, outTradeNo, 'native', {}, { headers });
    expect(reply).toMatchObject({ status: 500, json: { code: 'SYSTEM_ERROR' } });
    expect((await query(sandbox, merchant, outTradeNo)).status).toBe(404);
  });

  it('has a real timestamp however far the business clock has moved', async () => {
    await control(sandbox, 'POST', '/clock', { advanceSeconds: 86_400 });
    const secondsNow = () => Math.floor(Date.now() / 1000);
    const before = secondsNow();
    const reply = await query(sandbox, merchant, 'unknown1');
    expect(reply.status).toBe(404);
    expect(Number(reply.headers['wechatpay-timestamp'])).toBeGreaterThanOrEqual(before);
    expect(Number(reply.headers['wechatpay-timestamp'])).toBeLessThanOrEqual(secondsNow());
  });
});

describe('the platform certificates', () => {
  const list = async () => (await call(sandbox, merchant, 'GET', '/v3/certificates')).json['data'] as Json[];

  it('are listed encrypted under the API v3 key', async () => {
    const [row] = await list();
    expect(row).toMatchObject({
      serial_no: merchant.platformSerialNo,
      encrypt_certificate: { algorithm: 'AEAD_AES_256_GCM', associated_data: 'certificate' },
    });
    expect(row?.['effective_time']).toMatch(/\+08:00$/);
    expect(open(row?.['encrypt_certificate'] as Json, merchant.apiV3Key)['pem']).toBe(merchant.platformCertificatePem);
  });

  it('after a rotation include the new one, which signs from then on, and the old one', async () => {
    const { platformSerialNo } = await control(sandbox, 'POST', '/certificates/rotate', {});
    const rotated = await merchantOf(sandbox);
    expect(rotated.platformSerialNo).toBe(platformSerialNo);
    expect((await list()).map((row) => row['serial_no'])).toEqual([merchant.platformSerialNo, platformSerialNo]);
    const reply = await query(sandbox, merchant, 'unknown1');
    expect(reply.headers['wechatpay-serial']).toBe(platformSerialNo);
    expect(verified(reply.headers, reply.text, rotated.platformCertificatePem)).toBe(true);
  });

  it('come by the algorithm asked for', async () => {
    const ask = (type: string) => call(sandbox, merchant, 'GET', `/v3/certificates?algorithm_type=${type}`);
    expect((await ask('ALL')).text).toContain('serial_no');
    expect((await ask('SM2')).json).toEqual({ data: [] });
    expect((await ask('MD5')).json['code']).toBe('PARAM_ERROR');
  });
});
