import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';
import type { Sandbox } from '../../src/sandbox/start.js';
import { startTestSandbox } from '../support/sandbox.js';
import { call, control, merchantOf, tryControl, verified, type Credentials, type Json } from './support/client.js';
import { charge, newCode, reverse } from './support/code-scan.js';
import { startReceiver } from './support/receiver.js';
import { applyRefund, newRefundNo, paidTrade, queryRefund, refundBody } from './support/refund.js';
import { daysAgo, fetchBill, moveTo } from './support/bill.js';
import { newNumber, prepay, query } from './support/trade.js';
import { fieldsOf, isSignedV2 } from './v2/support/client.js';
import { refundOrder } from './v2/support/refund.js';
import { paidOrder } from './v2/support/trade.js';
import { until } from '../support/until.js';

const processes: ChildProcess[] = [];

afterEach(async () => {
  for (const child of processes.splice(0)) await end(child, 'SIGKILL');
});

const newFolder = () => mkdtempSync(join(tmpdir(), 'sandbox-restart-'));

async function startProcess(...args: string[]): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/entries/sandbox.ts', '--port', '0', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  processes.push(child);
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  expect(line).toMatch(/^sandbox listening on http:\/\/127\.0\.0\.1:\d+$/);
  return { child, url: line.replace('sandbox listening on ', '') };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exited = once(child, 'exit');
  child.kill(signal);
  return ((await exited) as [number | null])[0];
}

const at = (url: string): Sandbox => ({ url, secapiUrl: '', close: () => Promise.resolve() });

describe('a killed sandbox', () => {
  it('comes back with its merchants, keys, trades, clock, settings and the notifies still to be sent', async () => {
    const dir = newFolder();
    const receiver = await startReceiver();
    receiver.answer = 500;
    const first = await startProcess('--dir', dir);
    const merchant = await merchantOf(at(first.url));
    const other = await control<Credentials>(at(first.url), 'POST', '/merchants', {});
    const [paid, unpaid, closed] = [newNumber(), newNumber(), newNumber()];
    for (const number of [paid, unpaid, closed]) {
      await prepay(at(first.url), merchant, number, 'native', { notify_url: receiver.url });
    }
    await prepay(at(first.url), other, paid, 'app');
    await control(at(first.url), 'POST', '/clock', { advanceSeconds: 3600 });
    await control(at(first.url), 'POST', '/certificates/rotate', {});
    await control(at(first.url), 'PUT', '/signing', { notify: 'publicKey' });
    const { transactionId } = await control(at(first.url), 'POST', '/pay', { outTradeNo: paid });
    await end(first.child, 'SIGKILL');
    const before = receiver.received.length;
    receiver.answer = 204;

    const second = await startProcess('--dir', dir);
    const again = await merchantOf(at(second.url));
    expect({ ...again, platformSerialNo: '', platformCertificatePem: '' }).toEqual({
      ...merchant,
      platformSerialNo: '',
      platformCertificatePem: '',
    });
    expect(again.platformSerialNo).not.toBe(merchant.platformSerialNo);
    expect(await merchantOf(at(second.url), other.mchid)).toEqual(other);
    expect((await query(at(second.url), merchant, paid)).json).toMatchObject({
      trade_state: 'SUCCESS',
      transaction_id: transactionId,
    });
    expect((await query(at(second.url), merchant, unpaid)).json['trade_state']).toBe('NOTPAY');
    expect((await query(at(second.url), other, paid)).json['trade_state']).toBe('NOTPAY');
    const { now } = await control(at(second.url), 'GET', '/clock');
    expect(Date.parse(String(now)) - Date.now()).toBeGreaterThan(3_500_000);

    const arrived = (await receiver.atLeast(before + 1)).at(-1);
    expect(verified(arrived?.headers ?? {}, arrived?.text ?? '', merchant.publicKeyPem)).toBe(true);
    const log = await until('the delivery taken', async () => {
      const rows = await control<Json[]>(at(second.url), 'GET', '/notifies');
      return rows.some((row) => row['status'] === 204) && rows;
    });
    expect(log.at(-1)).toMatchObject({ out_trade_no: paid, status: 204 });
    await receiver.close();
  });

  it('comes back with the codes of payers, and with the prompts for their passwords', async () => {
    const dir = newFolder();
    const first = await startProcess('--dir', dir);
    const merchant = await merchantOf(at(first.url));
    const [typed, refused, reversed, late] = [newNumber(), newNumber(), newNumber(), newNumber()];
    const soon = newNumber();
    const chargedTo = async (outTradeNo: string, wanted: Json) =>
      charge(at(first.url), merchant, outTradeNo, await newCode(at(first.url), wanted));
    await chargedTo(typed, { payer: 'password', afterMs: 1_800_000, couponFen: 200, openid: 'oTyper' });
    await chargedTo(refused, { payer: 'refuses', afterMs: 3_600_000 });
    await chargedTo(reversed, { payer: 'pays' });
    await reverse(at(first.url), merchant, reversed);
    const code = await newCode(at(first.url), { openid: 'oScanned' });
    const used = await newCode(at(first.url));
    await charge(at(first.url), merchant, newNumber(), used);
    await control(at(first.url), 'PUT', '/settings', { reverseAfterMs: 15_000 });
    const trades = await control<Json[]>(at(first.url), 'GET', '/trades');
    await chargedTo(soon, { payer: 'password', afterMs: 1000 });
    await end(first.child, 'SIGKILL');

    const second = await startProcess('--dir', dir);
    await until('the password', async () => {
      const { json } = await query(at(second.url), merchant, soon);
      return json['trade_state'] === 'SUCCESS';
    });
    const others = await control<Json[]>(at(second.url), 'GET', '/trades');
    expect(others.filter((row) => row['out_trade_no'] !== soon)).toEqual(trades);
    expect((await charge(at(second.url), merchant, newNumber(), used)).json['code']).toBe('AUTH_CODE_INVALID');
    expect((await charge(at(second.url), merchant, late, code)).json['payer']).toEqual({ openid: 'oScanned' });
    expect((await reverse(at(second.url), merchant, late)).json['code']).toBe('INVALID_REQUEST');
    await control(at(second.url), 'POST', '/clock', { advanceSeconds: 1800 });
    expect((await query(at(second.url), merchant, typed)).json).toMatchObject({
      trade_state: 'SUCCESS',
      payer: { openid: 'oTyper' },
      amount: { payer_total: 1000 },
    });
    expect((await query(at(second.url), merchant, refused)).json['trade_state']).toBe('USERPAYING');
    await control(at(second.url), 'POST', '/clock', { advanceSeconds: 1800 });
    expect((await query(at(second.url), merchant, refused)).json['trade_state']).toBe('PAYERROR');
    const byId = trades.find((row) => row['out_trade_no'] === reversed)?.['transaction_id'];
    const target = `/v3/pay/transactions/id/${String(byId)}?mchid=${merchant.mchid}`;
    expect((await call(at(second.url), merchant, 'GET', target)).json['trade_state']).toBe('REVOKED');
  });

  it('comes back with its refunds, what they hold, and those that are still to succeed', async () => {
    const dir = newFolder();
    const receiver = await startReceiver();
    const first = await startProcess('--dir', dir);
    const merchant = await merchantOf(at(first.url));
    await control(at(first.url), 'PUT', '/settings', { refundDelayMs: 3_600_000 });
    await control(at(first.url), 'PUT', '/balance', { balanceFen: 3000 });
    const [waiting, closed] = [newRefundNo(), newRefundNo()];
    const more = { notify_url: receiver.url };
    for (const outRefundNo of [waiting, closed]) {
      const { outTradeNo } = await paidTrade(at(first.url), merchant);
      await applyRefund(at(first.url), merchant, refundBody(outTradeNo, outRefundNo, 1000, more));
    }
    await control(at(first.url), 'POST', `/refunds/${encodeURIComponent(closed)}/settle`, { status: 'CLOSED' });
    await receiver.atLeast(1);
    const before = await control<Json[]>(at(first.url), 'GET', '/refunds');
    const trades = await control<Json[]>(at(first.url), 'GET', '/trades');
    await end(first.child, 'SIGKILL');

    const second = await startProcess('--dir', dir);
    expect(await control(at(second.url), 'GET', '/refunds')).toEqual(before);
    expect(await control(at(second.url), 'GET', '/trades')).toEqual(trades);
    expect(trades.map((row) => row['trade_state'])).toEqual(['REFUND', 'SUCCESS']);
    expect(await control(at(second.url), 'GET', '/balance')).toEqual({ balanceFen: 2000 });
    const [, { out_trade_no }] = before as [Json, Json];
    const again = await applyRefund(at(second.url), merchant, refundBody(String(out_trade_no), closed, 1000, more));
    expect(again.json).toMatchObject({ status: 'CLOSED', refund_id: before[1]?.['refund_id'] });
    await control(at(second.url), 'POST', '/clock', { advanceSeconds: 3600 });
    expect((await queryRefund(at(second.url), merchant, waiting)).json['status']).toBe('SUCCESS');
    await until('the delivery of the refund taken', async () =>
      (await control<Json[]>(at(second.url), 'GET', '/notifies')).some(
        (row) => row['out_refund_no'] === waiting && row['status'] === 204,
      ),
    );
    await receiver.close();
  });

  it('comes back with what somebody else made, what a payment left out, and every appid', async () => {
    const dir = newFolder();
    const first = await startProcess('--dir', dir);
    const appids = ['wxone', 'wxtwo'];
    const merchant = await control<Credentials>(at(first.url), 'POST', '/merchants', { appids });
    const search = `?mchid=${merchant.mchid}`;
    const [foreign, ours] = [newNumber(), newNumber()];
    await control(at(first.url), 'POST', `/trades${search}`, { outTradeNo: foreign, totalFen: 5, state: 'REFUND' });
    await prepay(at(first.url), merchant, ours, 'native', { appid: 'wxtwo' });
    const pay = { outTradeNo: ours, payerCurrency: 'USD', payerTotalFen: 170, omit: ['success_time'] };
    await control(at(first.url), 'POST', `/pay${search}`, pay);
    await control(at(first.url), 'POST', `/refunds${search}`, { outTradeNo: ours, refundFen: 900 });
    const seen = async (url: string) => [
      (await query(at(url), merchant, foreign)).json,
      (await query(at(url), merchant, ours)).json,
      (await control<Json[]>(at(url), 'GET', `/refunds${search}`)).map((row) => [row['out_refund_no'], row['refund']]),
      await merchantOf(at(url), merchant.mchid),
    ];
    const before = await seen(first.url);
    await end(first.child, 'SIGKILL');

    const second = await startProcess('--dir', dir);
    expect(await seen(second.url)).toEqual(before);
    expect((await prepay(at(second.url), merchant, foreign, 'native', { appid: 'wxone' })).json['code']).toBe(
      'ORDER_PAID',
    );
  });

  it('comes back with what API v2 needs: its port, the protocols, the notifies and refunds that go out over it', async () => {
    const dir = newFolder();
    const receiver = await startReceiver();
    receiver.answerBody = '<xml><return_code>FAIL</return_code></xml>';
    receiver.answer = 200;
    const first = await startProcess('--dir', dir, '--time-scale', '60');
    const merchant = await control<Credentials>(at(first.url), 'POST', '/merchants', { protocol: 'v2' });
    const search = `?mchid=${merchant.mchid}`;
    await control(at(first.url), 'PUT', `/settings${search}`, { refundDelayMs: 3_600_000 });
    const hmac = { sign_type: 'HMAC-SHA256', notify_url: receiver.url };
    const { outTradeNo } = await paidOrder(at(first.url), merchant, {}, hmac);
    const outRefundNo = newRefundNo();
    await refundOrder(at(first.url), merchant, outTradeNo, outRefundNo, { notify_url: receiver.url });
    await receiver.atLeast(1);
    await end(first.child, 'SIGKILL');
    const before = receiver.received.length;
    receiver.answerBody = '<xml><return_code>SUCCESS</return_code></xml>';

    const second = await startProcess('--dir', dir, '--time-scale', '60');
    expect(await merchantOf(at(second.url), merchant.mchid)).toEqual(merchant);
    const told = (await receiver.atLeast(before + 1))[before];
    const fields = fieldsOf(told?.text ?? '');
    expect([fields['out_trade_no'], fields['sign']?.length]).toEqual([outTradeNo, 64]);
    expect(isSignedV2(fields, merchant.apiV2Key)).toBe(true);
    await control(at(second.url), 'POST', '/clock', { advanceSeconds: 3600 });
    const refunded = (await receiver.atLeast(before + 2))[before + 1];
    expect(fieldsOf(refunded?.text ?? '')).toHaveProperty('req_info');
    const again = await refundOrder(at(second.url), merchant, outTradeNo, outRefundNo, { notify_url: receiver.url });
    expect(again.fields).toMatchObject({ result_code: 'SUCCESS', out_refund_no: outRefundNo });
    await receiver.close();
  });

  it('stops cleanly on SIGTERM and SIGINT, held connections or not', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const { child, url } = await startProcess();
      const merchant = await merchantOf(at(url));
      await control(at(url), 'PUT', '/faults', [{ on: 'query', kind: 'timeoutBefore' }]);
      const held = expect(query(at(url), merchant, 'unknown1')).rejects.toThrow();
      await until(
        'the fault used up',
        async () => (await control<Json[]>(at(url), 'GET', '/faults'))[0]?.['left'] === 0,
      );
      expect(await end(child, signal)).toBe(0);
      await held;
    }
  });
});

describe('a world that begins earlier', () => {
  const day = 86_400_000;
  const ageOf = async (url: string) =>
    Date.now() - Date.parse(String((await control(at(url), 'GET', '/clock'))['now']));

  it.each(['86400', '-86400'])(
    'began %s seconds ago, and a restart keeps that, whatever it is told',
    async (offset) => {
      const dir = newFolder();
      const first = await startProcess('--dir', dir, '--clock-offset', offset);
      expect(Math.abs((await ageOf(first.url)) - day)).toBeLessThan(60_000);
      const merchant = await merchantOf(at(first.url));
      await paidTrade(at(first.url), merchant);
      const [before] = await control<Json[]>(at(first.url), 'GET', '/trades');
      await control(at(first.url), 'POST', '/clock', { advanceSeconds: 3600 });
      await end(first.child, 'SIGKILL');

      for (const args of [[], ['--clock-offset', '5']]) {
        const { child, url } = await startProcess('--dir', dir, ...args);
        expect(Math.abs((await ageOf(url)) - day + 3_600_000)).toBeLessThan(60_000);
        expect(await control<Json[]>(at(url), 'GET', '/trades')).toEqual([before]);
        await end(child, 'SIGTERM');
      }
      expect(Math.abs(Date.now() - day - Date.parse(String(before?.['success_time'])))).toBeLessThan(60_000);
    },
  );

  it('does not begin when told something else', async () => {
    const args = ['--import', 'tsx', 'src/entries/sandbox.ts', '--port', '0', '--clock-offset', 'yesterday'];
    const child = spawn(process.execPath, args, { stdio: 'ignore' });
    processes.push(child);
    expect(await once(child, 'exit')).toEqual([1, null]);
  });

  it('has the same bills after a restart', async () => {
    const dir = newFolder();
    const first = await startTestSandbox({ dir, clockOffset: 2 * 86_400 });
    const merchant = await merchantOf(first);
    const date = await daysAgo(first, 0);
    const { outTradeNo } = await paidTrade(first, merchant);
    await applyRefund(first, merchant, refundBody(outTradeNo, newRefundNo(), 500));
    await moveTo(first, 1);
    const before = await fetchBill(first, merchant, 'tradebill', date);
    const fund = await fetchBill(first, merchant, 'fundflowbill', date);
    await first.close();
    const second = await startTestSandbox({ dir });
    expect((await fetchBill(second, merchant, 'tradebill', date)).bytes).toEqual(before.bytes);
    expect((await fetchBill(second, merchant, 'fundflowbill', date)).bytes).toEqual(fund.bytes);
    await second.close();
  });
});

describe('the folder', () => {
  it("holds each merchant's files, the keys readable by their owner only", async () => {
    const dir = newFolder();
    const sandbox = await startTestSandbox({ dir });
    const merchant = await merchantOf(sandbox);
    const other = await control<Credentials>(sandbox, 'POST', '/merchants', {});
    await control(sandbox, 'POST', '/certificates/rotate', {});
    const rotated = await merchantOf(sandbox);
    await sandbox.close();
    const read = (name: string) => readFileSync(join(dir, name), 'utf8');
    expect(read('apiclient_key.pem')).toBe(merchant.privateKeyPem);
    expect(read('apiclient_cert.pem')).toBe(merchant.certificatePem);
    expect(read('pub_key.pem')).toBe(merchant.publicKeyPem);
    expect(read('platform_cert.pem')).toBe(rotated.platformCertificatePem);
    expect(read('secapi_ca.pem')).toBe(merchant.secapiCaPem);
    // The port belongs to the process.
    expect(JSON.parse(read('merchant.json'))).toEqual({ ...rotated, secapiUrl: undefined });
    expect(JSON.parse(read(`${other.mchid}/merchant.json`))).toEqual({ ...other, secapiUrl: undefined });
    for (const name of readdirSync(dir).filter((file) => file.includes('.'))) {
      expect([name, statSync(join(dir, name)).mode & 0o077]).toEqual([name, 0]);
    }
  });

  it('survives a last line that a kill cut off, but not a changed one in the middle', async () => {
    const dir = newFolder();
    const journal = join(dir, 'journal.jsonl');
    const first = await startTestSandbox({ dir });
    const merchant = await merchantOf(first);
    await first.close();
    appendFileSync(journal, '[["trades","1600000001/half",{"mch');
    const second = await startTestSandbox({ dir });
    expect(await merchantOf(second)).toEqual(merchant);
    const outTradeNo = newNumber();
    await prepay(second, merchant, outTradeNo);
    await second.close();
    const third = await startTestSandbox({ dir });
    expect((await query(third, merchant, outTradeNo)).status).toBe(200);
    await third.close();
    writeFileSync(journal, `[["trades\n${readFileSync(journal, 'utf8')}`);
    await expect(startTestSandbox({ dir })).rejects.toThrow(/unreadable line/);
  });

  it('holds the refunds that became due while the sandbox was off', async () => {
    const dir = newFolder();
    const first = await startTestSandbox({ dir });
    const merchant = await merchantOf(first);
    await control(first, 'PUT', '/settings', { refundDelayMs: 3_600_000 });
    const { outTradeNo } = await paidTrade(first, merchant);
    const outRefundNo = newRefundNo();
    await applyRefund(first, merchant, refundBody(outTradeNo, outRefundNo));
    await first.close();
    appendFileSync(join(dir, 'journal.jsonl'), '[["clock","clock",{"advancedMs":7200000}]]\n');
    const second = await startTestSandbox({ dir });
    const status = async () => (await queryRefund(second, merchant, outRefundNo)).json['status'];
    await expect.poll(status).toBe('SUCCESS');
    await second.close();
  });

  it('of a time before API v2 is read, and serves it', async () => {
    const dir = newFolder();
    const first = await startTestSandbox({ dir });
    const merchant = await merchantOf(first);
    const { outTradeNo } = await paidTrade(first, merchant);
    await first.close();
    const journal = join(dir, 'journal.jsonl');
    const older = readFileSync(journal, 'utf8')
      .split('\n')
      .filter((line) => !line.startsWith('[["secapi"'))
      .join('\n')
      .replace('"protocol":"v3",', '');
    expect(older).not.toMatch(/secapi|protocol|signType|"v2":/);
    writeFileSync(journal, older);
    const second = await startTestSandbox({ dir });
    const again = await merchantOf(second);
    expect(again).toEqual({ ...merchant, secapiUrl: again.secapiUrl });
    const refunded = await refundOrder(second, again, outTradeNo, newRefundNo());
    expect(refunded.fields['result_code']).toBe('SUCCESS');
    await second.close();
  });

  it('has another TLS port when its last one is taken, unless that one was asked for', async () => {
    const dir = newFolder();
    const first = await startTestSandbox({ dir });
    const { secapiUrl } = await merchantOf(first);
    await first.close();
    const taken = Number(new URL(secapiUrl).port);
    const other = await startTestSandbox({ port: taken });
    const second = await startTestSandbox({ dir });
    expect((await merchantOf(second)).secapiUrl).not.toBe(secapiUrl);
    await second.close();
    await expect(startTestSandbox({ dir, secapiPort: taken })).rejects.toThrow(/EADDRINUSE/);
    await other.close();
  });

  it('does not grow with its own history', async () => {
    const dir = newFolder();
    const first = await startTestSandbox({ dir });
    const merchant = await merchantOf(first);
    const outTradeNo = newNumber();
    for (let time = 0; time < 5; time += 1) await prepay(first, merchant, outTradeNo);
    for (let time = 0; time < 20; time += 1) await control(first, 'POST', '/clock', { advanceSeconds: 1 });
    await first.close();
    await (await startTestSandbox({ dir })).close();
    const lines = readFileSync(join(dir, 'journal.jsonl'), 'utf8').trim().split('\n');
    expect(lines).toHaveLength(5);
  });
});

describe('a start', () => {
  it('fails aloud when the port is taken', async () => {
    const sandbox = await startTestSandbox();
    await expect(startTestSandbox({ port: Number(new URL(sandbox.url).port) })).rejects.toThrow(/EADDRINUSE/);
    expect((await tryControl(sandbox, 'GET', '/merchant')).status).toBe(200);
    await sandbox.close();
  });
});
