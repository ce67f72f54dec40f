import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { call, control, header, verified, type Credentials } from './support/client.js';
import {
  applyFor,
  daysAgo,
  download,
  fetchBill,
  moveTo,
  paid,
  sha1,
  type Applied,
  type BillKind,
} from './support/bill.js';
import { newNumber } from './support/trade.js';
import { useSandbox } from './support/use-sandbox.js';

const { sandbox, merchant } = useSandbox();

const kinds = ['tradebill', 'fundflowbill'] as const;

/** A day with one payment, at noon of the day after. */
async function dayWithPayment(own = merchant): Promise<string> {
  const date = await moveTo(sandbox, 1);
  await paid(sandbox, own, newNumber(), 1200);
  await moveTo(sandbox, 1);
  return date;
}

async function applied(kind: BillKind, date: string, more = ''): Promise<Applied> {
  const reply = await applyFor(sandbox, merchant, kind, date, more);
  expect(reply.status).toBe(200);
  return reply.json as unknown as Applied;
}

describe.each(kinds)('an application for a %s', (kind) => {
  it('is answered with a hash and a URL of this sandbox, signed', async () => {
    const reply = await applyFor(sandbox, merchant, kind, await dayWithPayment());
    expect(reply.json).toEqual({
      hash_type: 'SHA1',
      hash_value: expect.stringMatching(/^[0-9a-f]{40}$/) as string,
      download_url: expect.stringMatching(/\/v3\/billdownload\/file\?token=[\w-]{64}$/) as string,
    });
    expect(String(reply.json['download_url']).startsWith(sandbox.url)).toBe(true);
    expect(verified(reply.headers, reply.text, merchant.platformCertificatePem)).toBe(true);
  });

  it('for yesterday is STATEMENT_CREATING until 10:00', async () => {
    const date = await moveTo(sandbox, 1);
    await paid(sandbox, merchant, newNumber(), 1200);
    await moveTo(sandbox, 1, '09:58:00');
    const early = await applyFor(sandbox, merchant, kind, date);
    expect(early).toMatchObject({ status: 400, json: { code: 'STATEMENT_CREATING' } });
    expect(verified(early.headers, early.text, merchant.platformCertificatePem)).toBe(true);
    await moveTo(sandbox, 0, '10:00:00');
    expect((await applyFor(sandbox, merchant, kind, date)).status).toBe(200);
  });

  it('for a day on which nothing happened is NO_STATEMENT_EXIST, and not known to be so before 10:00', async () => {
    const date = await moveTo(sandbox, 1);
    await moveTo(sandbox, 1, '09:58:00');
    expect((await applyFor(sandbox, merchant, kind, date)).json['code']).toBe('STATEMENT_CREATING');
    await moveTo(sandbox, 0, '10:00:00');
    expect(await applyFor(sandbox, merchant, kind, date)).toMatchObject({
      status: 400,
      json: { code: 'NO_STATEMENT_EXIST' },
    });
  });

  it.each([0, -1, -400, 100])('for a day %i days ago is refused', async (days) => {
    await dayWithPayment();
    const reply = await applyFor(sandbox, merchant, kind, await daysAgo(sandbox, days));
    expect(reply).toMatchObject({ status: 400, json: { code: 'INVALID_REQUEST' } });
  });

  it('reaches back almost three months', async () => {
    const date = await dayWithPayment();
    await moveTo(sandbox, 85);
    expect((await applyFor(sandbox, merchant, kind, date)).status).toBe(200);
    await moveTo(sandbox, 10);
    expect((await applyFor(sandbox, merchant, kind, date)).json['code']).toBe('INVALID_REQUEST');
  });

  it.each([
    ...['', '2026-2-3', '20260203', '2026-02-30', '2026-13-01', '2026-02-03T00:00:00', ' 2026-02-03', 'yesterday'],
    ...['2026-02-03%0A', '-2026-02-03'],
  ])('for the date "%s" is a PARAM_ERROR', async (date) => {
    const reply = await applyFor(sandbox, merchant, kind, encodeURI(decodeURI(date)));
    expect(reply).toMatchObject({ status: 400, json: { code: 'PARAM_ERROR', detail: { field: 'bill_date' } } });
  });

  it('refuses the values that it does not know', async () => {
    const date = await dayWithPayment();
    const own = kind === 'tradebill' ? 'bill_type' : 'account_type';
    for (const [name, value] of [
      ['tar_type', 'ZIP'],
      [own, 'SOME'],
    ] as const) {
      const reply = await applyFor(sandbox, merchant, kind, date, `&${name}=${value}`);
      expect(reply.json).toMatchObject({ code: 'PARAM_ERROR', detail: { field: name, value } });
    }
  });

  it('leads to the same bytes each time, zipped or not', async () => {
    const date = await dayWithPayment();
    const plain = await fetchBill(sandbox, merchant, kind, date);
    const again = await fetchBill(sandbox, merchant, kind, date);
    const zipped = await fetchBill(sandbox, merchant, kind, date, '&tar_type=GZIP');
    expect(again.bytes).toEqual(plain.bytes);
    expect(zipped.bytes).toEqual(plain.bytes);
    expect([plain, again, zipped].map(({ hashFits }) => hashFits)).toEqual([true, true, true]);
  });
});

describe('the download', () => {
  it('is the plain file, or with GZIP a zipped one whose hash is that of the file inside, and unsigned', async () => {
    const date = await dayWithPayment();
    for (const more of ['', '&tar_type=GZIP']) {
      const { hash_value, download_url } = await applied('tradebill', date, more);
      const { status, headers, bytes } = await download(download_url, merchant);
      expect(status).toBe(200);
      expect(headers['content-encoding']).toBeUndefined();
      expect(Object.keys(headers).filter((name) => name.startsWith('wechatpay-'))).toEqual([]);
      expect(sha1(more === '' ? bytes : gunzipSync(bytes))).toBe(hash_value);
    }
  });

  it('can be repeated for 5 minutes and not longer', async () => {
    const { download_url } = await applied('tradebill', await dayWithPayment());
    await control(sandbox, 'POST', '/clock', { advanceSeconds: 200 });
    for (const time of [1, 2]) expect([time, (await download(download_url, merchant)).status]).toEqual([time, 200]);
    await control(sandbox, 'POST', '/clock', { advanceSeconds: 100 });
    const late = await download(download_url, merchant);
    expect(late.status).toBe(400);
    expect(JSON.parse(late.bytes.toString())).toMatchObject({ code: 'INVALID_REQUEST' });
    expect(header(late.headers, 'wechatpay-signature')).toBe('');
  });

  it('is the file that was applied for, whatever is written into the past after that', async () => {
    const date = await dayWithPayment();
    const { hash_value, download_url } = await applied('tradebill', date);
    const successTime = `${date}T12:00:00+08:00`;
    await control(sandbox, 'POST', '/trades', { outTradeNo: newNumber(), totalFen: 1, state: 'SUCCESS', successTime });
    expect(sha1((await download(download_url, merchant)).bytes)).toBe(hash_value);
    expect((await applied('tradebill', date)).hash_value).not.toBe(hash_value);
  });

  it('is refused without a token, with an unknown one, and to another merchant', async () => {
    const other = await control<Credentials>(sandbox, 'POST', '/merchants', {});
    const { download_url } = await applied('tradebill', await dayWithPayment());
    const path = download_url.replace(/\?.*/, '');
    expect((await download(path, merchant)).status).toBe(400);
    expect((await download(`${path}?token=unknown`, merchant)).status).toBe(400);
    expect((await download(download_url, other)).status).toBe(400);
    expect((await download(download_url, merchant)).status).toBe(200);
  });

  it('needs an Authorization over the path and query as they are sent', async () => {
    const { download_url } = await applied('tradebill', await dayWithPayment());
    const wrong = await download(download_url, merchant, { signedTarget: '/v3/billdownload/file' });
    expect([wrong.status, (JSON.parse(wrong.bytes.toString()) as { code: string }).code]).toEqual([401, 'SIGN_ERROR']);
    expect((await download(`${download_url}&more=%2A`, merchant)).status).toBe(200);
  });
});

describe('bills among the other calls', () => {
  it('are counted and limited as bill and billFile', async () => {
    const own = await control<Credentials>(sandbox, 'POST', '/merchants', {});
    const search = `?mchid=${own.mchid}`;
    const date = await dayWithPayment(own);
    await fetchBill(sandbox, own, 'tradebill', date);
    await fetchBill(sandbox, own, 'fundflowbill', date);
    expect((await control(sandbox, 'GET', `/calls${search}`))[own.mchid]).toMatchObject({
      bill: { count: 2, refusedByLimit: 0 },
      billFile: { count: 2, refusedByLimit: 0 },
    });
    await control(sandbox, 'PUT', `/limits${search}`, { bill: 1, billFile: 1 });
    const codes = async () => (await applyFor(sandbox, own, 'tradebill', date)).json['code'];
    await expect.poll(codes).toBe('FREQUENCY_LIMITED');
  });

  it('know no other method', async () => {
    for (const path of ['/v3/bill/tradebill', '/v3/bill/fundflowbill', '/v3/billdownload/file']) {
      expect((await call(sandbox, merchant, 'POST', path, {})).status).toBe(405);
    }
  });
});
