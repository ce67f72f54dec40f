import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Gateway } from '../../../src/channels/port.js';
import type { KeyMode } from '../support/merchant.js';
import { withCredentials } from '../support/gateway.js';
import { sandboxUnderTest, type SandboxUnderTest } from '../support/sandbox.js';
import { attempt, outTradeNo } from '../support/values.js';

const durable = { patience: 'durable' } as const;
const brief = { patience: 'brief' } as const;

let sandbox: SandboxUnderTest;
beforeAll(async () => {
  sandbox = await sandboxUnderTest();
});
afterEach(async () => {
  await sandbox.control('DELETE', '/faults');
  await sandbox.control('PUT', '/signing', { notify: 'named' });
  await sandbox.control('PUT', '/limits', {});
});
afterAll(() => sandbox.close());

async function opened(gateway: Gateway, number: string): Promise<string> {
  const body = gateway.prepayBody(attempt({ outTradeNo: outTradeNo(number), appid: sandbox.credentials.appid }));
  const answer = await gateway.prepay({ product: 'native', body }, durable);
  expect(answer).toMatchObject({ kind: 'opened' });
  return body;
}

test.each<KeyMode>(['publicKey', 'certificates'])(
  'an order is opened, seen unpaid, paid and seen paid (%s)',
  async (mode) => {
    const gateway = sandbox.gateway(mode);
    const number = `happy-${mode}`;
    await opened(gateway, number);
    const asked = { outTradeNo: outTradeNo(number) };
    expect(await gateway.query(asked, brief)).toEqual({ kind: 'notPaid' });

    const notify = await gateway.parseNotify(await sandbox.payAndReceive(number));
    const trade = {
      mchid: sandbox.credentials.mchid,
      appid: sandbox.credentials.appid,
      tradeType: 'NATIVE',
      totalFen: 1_205,
    };
    expect(notify).toMatchObject({ kind: 'payment', outTradeNo: number, evidence: { ...trade, currency: 'CNY' } });
    const answer = await gateway.query(asked, brief);
    const transactionId = notify.kind === 'payment' ? notify.evidence.transactionId : undefined;
    expect(answer).toMatchObject({
      kind: 'paid',
      trade: { ...trade, currency: 'CNY', transactionId },
    });
  },
);

test('a number with a star is signed exactly as it is sent', async () => {
  const gateway = sandbox.gateway('publicKey');
  await opened(gateway, 'A-10001*2');
  const asked = { outTradeNo: outTradeNo('A-10001*2') };
  expect(await gateway.query(asked, durable)).toEqual({ kind: 'notPaid' });
  expect(await gateway.close(asked, durable)).toEqual({ kind: 'accepted' });
  expect(await gateway.query(asked, durable)).toEqual({ kind: 'closed' });
});

const fault = (on: string, kind: string, more: object = {}) =>
  sandbox.control('POST', '/faults', [{ on, kind, ...more }]);

test.each(['timeoutAfter', 'timeoutBefore'])(
  'a prepay that meets %s is unknown, and is told by the next try',
  async (kind) => {
    const gateway = sandbox.gateway('publicKey');
    const number = outTradeNo(`lost-${kind}`);
    const body = gateway.prepayBody(attempt({ outTradeNo: number, appid: sandbox.credentials.appid }));
    await fault('prepay', kind);
    await expect(gateway.prepay({ product: 'native', body }, brief)).rejects.toMatchObject({ code: 'unknown' });
    const seen = await gateway.query({ outTradeNo: number }, durable);
    expect(seen).toEqual({ kind: kind === 'timeoutAfter' ? 'notPaid' : 'notExist' });
    expect(await gateway.prepay({ product: 'native', body }, durable)).toMatchObject({ kind: 'opened' });
  },
);

test.each(['http500', 'badSignature', 'signTest'])(
  'an answer with %s is unknown and the next one counts',
  async (kind) => {
    const gateway = sandbox.gateway('publicKey');
    const number = `answer-${kind}`;
    await opened(gateway, number);
    await fault('query', kind);
    const asked = { outTradeNo: outTradeNo(number) };
    await expect(gateway.query(asked, durable)).rejects.toMatchObject({ code: 'unknown' });
    expect(await gateway.query(asked, durable)).toEqual({ kind: 'notPaid' });
  },
);

test('changed parameters under the same number say that somebody else took it, the same bytes a fresh code', async () => {
  const gateway = sandbox.gateway('publicKey');
  const number = outTradeNo('re-entry');
  const appid = sandbox.credentials.appid;
  const body = await opened(gateway, 're-entry');
  expect(await gateway.prepay({ product: 'native', body }, durable)).toMatchObject({ kind: 'opened' });
  const other = gateway.prepayBody(attempt({ outTradeNo: number, appid, description: 'something else' }));
  expect(await gateway.prepay({ product: 'native', body: other }, durable)).toMatchObject({ kind: 'taken' });
});

test('paid and closed trades answer a prepay with a conflict, and a close by what they are', async () => {
  const gateway = sandbox.gateway('publicKey');
  const paid = await opened(gateway, 'is-paid');
  await sandbox.payAndReceive('is-paid');
  expect(await gateway.prepay({ product: 'native', body: paid }, durable)).toMatchObject({ kind: 'conflict' });
  expect(await gateway.close({ outTradeNo: outTradeNo('is-paid') }, durable)).toEqual({ kind: 'alreadyPaid' });

  const closed = await opened(gateway, 'is-closed');
  expect(await gateway.close({ outTradeNo: outTradeNo('is-closed') }, durable)).toEqual({ kind: 'accepted' });
  expect(await gateway.close({ outTradeNo: outTradeNo('is-closed') }, durable)).toEqual({ kind: 'accepted' });
  expect(await gateway.prepay({ product: 'native', body: closed }, durable)).toMatchObject({ kind: 'conflict' });
  expect(await gateway.query({ outTradeNo: outTradeNo('is-nothing') }, durable)).toEqual({ kind: 'notExist' });
});

test('an appid that is not bound is a matter for a person', async () => {
  const gateway = sandbox.gateway('publicKey');
  const body = gateway.prepayBody(attempt({ outTradeNo: outTradeNo('not-bound'), appid: 'wx0000000000000000' }));
  const call = gateway.prepay({ product: 'native', body }, durable);
  await expect(call).rejects.toMatchObject({ code: 'merchant_config', gatewayCode: 'APPID_MCHID_NOT_MATCH' });
});

test('text of any language arrives as it was signed', async () => {
  const gateway = sandbox.gateway('publicKey');
  const body = gateway.prepayBody(
    attempt({
      outTradeNo: outTradeNo('any-language'),
      appid: sandbox.credentials.appid,
      description: '普洱茶 / "红" \\ \u2028 😀',
      attach: 'a/b é',
    }),
  );
  expect(await gateway.prepay({ product: 'native', body }, durable)).toMatchObject({ kind: 'opened' });
});

test('a rotated certificate is downloaded when the first answer names it', async () => {
  let skewMs = 0;
  const now = () => new Date(Date.now() + skewMs);
  const gateway = sandbox.gatewayWith(sandbox.merchant('certificates'), now);
  await opened(gateway, 'rotated');
  const before = await certificateCalls();
  await sandbox.control('POST', '/certificates/rotate');
  const asked = { outTradeNo: outTradeNo('rotated') };
  await expect(gateway.query(asked, durable)).rejects.toMatchObject({ code: 'unknown' });
  expect(await certificateCalls()).toBe(before);
  // The last download must be a minute old.
  skewMs = 60_000;
  expect(await gateway.query(asked, durable)).toEqual({ kind: 'notPaid' });
  expect(await certificateCalls()).toBe(before + 1);
});

async function certificateCalls(): Promise<number> {
  const calls = (await sandbox.control('GET', '/calls')) as Record<string, Record<string, { count: number }>>;
  return calls[sandbox.credentials.mchid]?.['certificates']?.count ?? 0;
}

test.each(['publicKey', 'certificate'])('notifies signed by %s are both accepted by one gateway', async (by) => {
  const gateway = sandbox.gateway('publicKey');
  await opened(gateway, `notify-${by}`);
  await sandbox.control('PUT', '/signing', { notify: by });
  const notify = await gateway.parseNotify(await sandbox.payAndReceive(`notify-${by}`));
  expect(notify.serialNo.startsWith('PUB_KEY_ID_')).toBe(by === 'publicKey');
});

test.each([
  ['wrongKey', 'undecryptable'],
  ['badSignature', 'bad_signature'],
  ['signTest', 'bad_signature'],
])('a notify with %s is rejected as %s', async (kind, code) => {
  const gateway = sandbox.gateway('publicKey');
  await opened(gateway, `bad-${kind}`);
  await fault('notify', kind);
  const notify = await sandbox.payAndReceive(`bad-${kind}`);
  await expect(gateway.parseNotify(notify)).rejects.toMatchObject({ name: 'NotifyRejected', code });
});

test('a certificate download that cannot be proven gives no key, and nothing is sent without one', async () => {
  const gateway = sandbox.gateway('certificates');
  await fault('certificates', 'badSignature');
  const body = gateway.prepayBody(attempt({ outTradeNo: outTradeNo('no-key'), appid: sandbox.credentials.appid }));
  const call = gateway.prepay({ product: 'native', body }, durable);
  await expect(call).rejects.toMatchObject({ code: 'unreachable' });
  const proven = sandbox.gateway('publicKey');
  expect(await proven.query({ outTradeNo: outTradeNo('no-key') }, durable)).toEqual({ kind: 'notExist' });
});

test("calls leave no faster than WeChat Pay's own limit", async () => {
  const perSecond = 20;
  const gateway = sandbox.gatewayWith(withCredentials(sandbox.merchant('publicKey'), { limits: { query: perSecond } }));
  await opened(gateway, 'limited');
  const asked = { outTradeNo: outTradeNo('limited') };
  const beganMs = performance.now();
  const answers = await Promise.all(Array.from({ length: 40 }, () => gateway.query(asked, durable)));
  expect(answers).toHaveLength(40);
  // A machine that is busy may bring them to the sandbox in bunches; what left, left in no less than this.
  expect(performance.now() - beganMs).toBeGreaterThan(((40 - perSecond * 0.1) / perSecond) * 1_000);
});
