import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { control, tryControl, verified, type Json, type Overrides, type Reply } from './support/client.js';
import { charge, newCode, reverse } from './support/code-scan.js';
import { newNumber, query } from './support/trade.js';
import { useSandbox } from './support/use-sandbox.js';
import { isSignedV2 } from './v2/support/client.js';
import { micropay, reverseOrder } from './v2/support/code-scan.js';

const { sandbox, merchant } = useSandbox();

beforeAll(() => control(sandbox, 'PUT', '/limits', {}));
afterEach(() => control(sandbox, 'PUT', '/faults', []));

const place = (...faults: Json[]) => control(sandbox, 'PUT', '/faults', faults);
const stateOf = async (outTradeNo: string) =>
  (await query(sandbox, merchant, outTradeNo)).json['trade_state'] ?? 'none';
const giveUp = (): Overrides => ({ signal: AbortSignal.timeout(100) });

async function charged(payer = 'silent'): Promise<string> {
  const outTradeNo = newNumber();
  await charge(sandbox, merchant, outTradeNo, await newCode(sandbox, { payer }));
  return outTradeNo;
}

describe('a fault on charge', () => {
  it.each([
    ['http500', {}, [500, 'SYSTEM_ERROR', 'none']],
    ['error', { status: 500, code: 'SYSTEM_ERROR', effect: true }, [500, 'SYSTEM_ERROR', 'SUCCESS']],
    ['error', { status: 500, code: 'BANK_ERROR', effect: false }, [500, 'BANK_ERROR', 'none']],
    ['error', { status: 403, code: 'NOT_ENOUGH', effect: false }, [403, 'NOT_ENOUGH', 'none']],
    ['slow', { ms: 20 }, [200, undefined, 'SUCCESS']],
  ])('%s %j', async (kind, settings, expected) => {
    const outTradeNo = newNumber();
    await place({ on: 'charge', outTradeNo, kind, ...settings });
    const { status, json } = await charge(sandbox, merchant, outTradeNo, await newCode(sandbox));
    expect([status, json['code'], await stateOf(outTradeNo)]).toEqual(expected);
  });

  it.each([
    ['timeoutBefore', 'none'],
    ['timeoutAfter', 'SUCCESS'],
  ])('%s is never answered, and the trade is %s', async (kind, state) => {
    const outTradeNo = newNumber();
    await place({ on: 'charge', kind });
    await expect(charge(sandbox, merchant, outTradeNo, await newCode(sandbox), {}, giveUp())).rejects.toThrow();
    expect(await stateOf(outTradeNo)).toBe(state);
  });

  it.each(['badSignature', 'signTest'])('%s is paid, and signed wrongly', async (kind) => {
    await place({ on: 'charge', kind });
    const { status, headers, text } = await charge(sandbox, merchant, newNumber(), await newCode(sandbox));
    expect(status).toBe(200);
    expect(verified(headers, text, merchant.platformCertificatePem)).toBe(false);
  });

  it('over API v2 may be a SYSTEMERROR that nobody signed, and that was paid', async () => {
    const outTradeNo = newNumber();
    await place({ on: 'charge', kind: 'error', status: 200, code: 'SYSTEMERROR', effect: true, signed: false });
    const { fields } = await micropay(sandbox, merchant, outTradeNo, await newCode(sandbox));
    expect(fields).toMatchObject({ return_code: 'SUCCESS', result_code: 'FAIL', err_code: 'SYSTEMERROR' });
    expect(fields).not.toHaveProperty('sign');
    expect(await stateOf(outTradeNo)).toBe('SUCCESS');
  });
});

describe('a stale query', () => {
  it('knows nothing of a charge, not of its payment, and not of its reverse', async () => {
    await place({ on: 'query', kind: 'stale', times: 0 });
    expect(await stateOf(await charged('pays'))).toBe('none');
    const outTradeNo = await charged();
    expect(await stateOf(outTradeNo)).toBe('none');
    await control(sandbox, 'POST', '/pay', { outTradeNo });
    expect(await stateOf(outTradeNo)).toBe('USERPAYING');
    await reverse(sandbox, merchant, outTradeNo);
    const { json } = await query(sandbox, merchant, outTradeNo);
    expect(json).toMatchObject({ trade_state: 'SUCCESS', amount: { payer_total: 1200 } });
  });
});

describe('a fault on reverse', () => {
  it('recall asks to be called again, and nothing happens', async () => {
    const outTradeNo = await charged();
    await place({ on: 'reverse', kind: 'recall', times: 2 });
    const { status, json, headers, text } = await reverse(sandbox, merchant, outTradeNo);
    expect([status, json['code']]).toEqual([500, 'SYSTEM_ERROR']);
    expect(verified(headers, text, merchant.platformCertificatePem)).toBe(true);
    const { fields } = await reverseOrder(sandbox, merchant, { out_trade_no: outTradeNo });
    expect(fields).toMatchObject({ result_code: 'FAIL', err_code: 'SYSTEMERROR', recall: 'Y' });
    expect(isSignedV2(fields, merchant.apiV2Key)).toBe(true);
    expect(await stateOf(outTradeNo)).toBe('USERPAYING');
    expect((await reverse(sandbox, merchant, outTradeNo)).status).toBe(200);
  });

  it('payBefore: the payer pays just before, and has the money back', async () => {
    const outTradeNo = await charged();
    await place({ on: 'reverse', kind: 'payBefore' });
    expect((await reverse(sandbox, merchant, outTradeNo)).status).toBe(200);
    expect(await stateOf(outTradeNo)).toBe('REVOKED');
    const rows = await control<Json[]>(sandbox, 'GET', '/trades');
    const row = rows.find(({ out_trade_no }) => out_trade_no === outTradeNo);
    expect(row?.['transaction_id']).toMatch(/^42000/);
  });

  it('payAfter: the payer pays just after, and the trade is paid', async () => {
    const outTradeNo = await charged();
    await place({ on: 'reverse', kind: 'payAfter' });
    const { fields } = await reverseOrder(sandbox, merchant, { out_trade_no: outTradeNo });
    expect(fields['result_code']).toBe('SUCCESS');
    await expect.poll(() => stateOf(outTradeNo)).toBe('SUCCESS');
    expect((await reverse(sandbox, merchant, outTradeNo)).status).toBe(200);
    expect(await stateOf(outTradeNo)).toBe('REVOKED');
  });

  it.each([
    ['timeoutBefore', 'USERPAYING'],
    ['timeoutAfter', 'REVOKED'],
  ])('%s is never answered, and the trade is %s', async (kind, state) => {
    const outTradeNo = await charged();
    await place({ on: 'reverse', kind });
    await expect(reverse(sandbox, merchant, outTradeNo, undefined, giveUp())).rejects.toThrow();
    expect(await stateOf(outTradeNo)).toBe(state);
  });
});

it('kinds that fit neither are refused', async () => {
  const misfits = [
    { on: 'charge', kind: 'payBefore' },
    { on: 'charge', kind: 'recall' },
    { on: 'charge', kind: 'stale' },
    { on: 'reverse', kind: 'drop' },
    { on: 'close', kind: 'recall' },
  ];
  for (const fault of misfits) expect((await tryControl(sandbox, 'PUT', '/faults', [fault])).status).toBe(400);
});

it('both are counted and limited', async () => {
  await control(sandbox, 'PUT', '/limits', { charge: 1, reverse: 1 });
  const three = async (ask: () => Promise<Reply>) => {
    const replies = await Promise.all([ask(), ask(), ask()]);
    return replies.map(({ json }) => json['code']);
  };
  const code = await newCode(sandbox);
  await expect.poll(() => three(() => charge(sandbox, merchant, newNumber(), code))).toContain('FREQUENCY_LIMITED');
  await expect.poll(() => three(() => reverse(sandbox, merchant, newNumber()))).toContain('FREQUENCY_LIMITED');
  await control(sandbox, 'PUT', '/limits', {});
  const calls = await control<Record<string, Record<string, Json>>>(sandbox, 'GET', '/calls');
  for (const api of ['charge', 'reverse']) {
    const { count, refusedByLimit } = calls[merchant.mchid]?.[api] ?? {};
    expect(Number(count)).toBeGreaterThanOrEqual(3);
    expect(Number(refusedByLimit)).toBeGreaterThanOrEqual(1);
  }
});
