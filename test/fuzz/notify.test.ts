import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { createGateways } from '../../src/channels/gateways.js';
import { createMerchants } from '../../src/channels/merchant.js';
import { createV2Reader } from '../../src/channels/wechatpay-v2/gateway.js';
import { signKey } from '../../src/channels/wechatpay-v2/signature.js';
import { served } from '../../src/entries/served.js';
import { createApp } from '../../src/http/app.js';
import { fakeMerchant } from '../channels/support/fake-wechatpay.js';
import { API_V2_KEY } from '../channels/support/fake-wechatpay-v2.js';
import { MCHID, useTestApp } from '../http/support/test-app.js';
import { runs } from '../support/property-runs.js';
import { CANARIES, forged, genuine, signedNonsense, type Notify } from './support/mutated-notifies.js';

const app = useTestApp();

/** In one batch, after which the inbox is counted; {@link runs} decides how many batches. */
const BATCH = 250;
const PATHS = { v3: `v3/${MCHID}`, v2Payment: `v2/${MCHID}/payment`, v2Refund: `v2/${MCHID}/refund` };

let outTradeNo = '';
let send: (notify: Notify) => Promise<Answered>;
type Answered = { readonly status: number; readonly text: string };

beforeAll(async () => {
  app.reset();
  outTradeNo = await app.placePaidOrder();
});

function openDoor(): void {
  const log = { info: () => undefined, warn: () => undefined };
  const merchants = createMerchants(new Map([[MCHID, fakeMerchant('http://127.0.0.1:1')]]));
  const gateways = createGateways(merchants, {
    ...{ now: () => new Date(), publicUrl: () => 'https://pay.example.com', workers: 1, log },
  });
  const v2 = createV2Reader({ mchid: MCHID, key: signKey(API_V2_KEY) });
  const notifiesTo = (mchid: typeof MCHID, path: Notify['to']) =>
    path === 'v3' ? gateways.notifiesTo(mchid, path) : v2;
  const api = createApp(app.deps({ gateways: { for: (mchid) => gateways.for(mchid), notifiesTo } }), served);
  send = async ({ to, headers, body }) => {
    const type = to === 'v3' ? 'application/json' : 'text/xml';
    const answer = await api.request(`/notify/wechatpay/${PATHS[to]}`, {
      ...{ method: 'POST', body: new Uint8Array(body), headers: { 'Content-Type': type, ...headers } },
    });
    return { status: answer.status, text: await answer.text() };
  };
}

/** What the inbox holds, and what it was told. */
async function inbox() {
  const [counted] = await app.connection.sql<{ rows: number; deliveries: number }[]>`
    select count(*)::int as rows, coalesce(sum(deliveries), 0)::int as deliveries from notify_inbox`;
  return counted ?? { rows: 0, deliveries: 0 };
}

const money = () => app.connection.sql`
  select state, paid_fen, refunded_fen, refunding_fen, transaction_id from attempts order by out_trade_no`;

/** Sends all of them; answers what is wrong with what came back. */
async function faultsOf(notifies: readonly Notify[]): Promise<readonly string[]> {
  const before = await inbox();
  const wrong: string[] = [];
  let verified = 0;
  for (const notify of notifies) {
    const answer = await send(notify);
    if (answer.status < 300 || answer.text.includes('There is no such order')) verified += 1;
    if (!isProper(notify, answer)) wrong.push(`${notify.to}: ${answer.status} ${answer.text}`);
  }
  const after = await inbox();
  const counted = after.deliveries - before.deliveries;
  if (counted !== verified) wrong.push(`${verified} answers say that a notify was verified, the inbox has ${counted}`);
  const lines = app.logLines.splice(0).filter((line) => CANARIES.some((it) => line.includes(it)));
  app.orders.calls.splice(0);
  app.refunds.calls.splice(0);
  return [...wrong, ...lines];
}

const REFUSALS: readonly number[] = [400, 401, 404, 413, 415];

function isProper({ to }: Notify, { status, text }: Answered): boolean {
  const isXml = to !== 'v3';
  if (status === (isXml ? 200 : 204)) return isXml ? text.includes('[SUCCESS]') : text === '';
  return REFUSALS.includes(status) && text.includes(isXml ? '<return_code><![CDATA[FAIL]]>' : '"code":"FAIL"');
}

test('what was changed on the way is refused: no row, no change of money, no word of it in the log', async () => {
  openDoor();
  expect(await faultsOf(genuine(outTradeNo))).toEqual([]);
  const [rows, before] = [(await inbox()).rows, await money()];
  expect(rows).toBe(4);
  const kinds = fc.constant(null).map(() => genuine(outTradeNo));
  const batches = kinds.chain((of) => fc.array(forged(of), { minLength: 1, maxLength: BATCH, size: 'max' }));
  await fc.assert(
    fc.asyncProperty(batches, async (notifies) => {
      expect(await faultsOf(notifies)).toEqual([]);
      expect((await inbox()).rows).toBe(rows);
    }),
    { ...runs(48), endOnFailure: true },
  );
  expect(await money()).toEqual(before);
});

test('what WeChat Pay signed and nobody understands is kept or refused, and moves no money', async () => {
  openDoor();
  const before = await money();
  const batches = fc.array(signedNonsense(outTradeNo), { minLength: 1, maxLength: BATCH, size: 'max' });
  await fc.assert(
    fc.asyncProperty(batches, async (notifies) => {
      expect(await faultsOf(notifies)).toEqual([]);
    }),
    { ...runs(32), endOnFailure: true },
  );
  expect((await inbox()).rows).toBeGreaterThan(200);
  expect(await money()).toEqual(before);
});

test('nothing of them stays in memory', async () => {
  openDoor();
  const notifies = fc.sample(forged(genuine(outTradeNo)), 500);
  await faultsOf(notifies);
  const before = heapAfterCollection();
  for (let round = 0; round < 4; round += 1) await faultsOf(notifies);
  expect(heapAfterCollection() - before).toBeLessThan(2_000_000);
});

function heapAfterCollection(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}
