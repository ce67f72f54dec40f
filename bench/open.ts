import {
  createDecipheriv,
  createSecretKey,
  generateKeyPairSync,
  randomBytes,
  verify,
  type KeyObject,
} from 'node:crypto';
import { z } from 'zod';
import { parseMchid } from '../src/base/ids.js';
import { createKeyring } from '../src/channels/wechatpay-v3/keyring.js';
import { parseNotify } from '../src/channels/wechatpay-v3/notify.js';
import { resourceKey } from '../src/channels/wechatpay-v3/resource.js';
import { silentLog } from '../src/channels/port.js';
import { costOf, median } from './measure.js';
import { paidNotify, type SealedNotify, type WechatPay } from './notify/wechatpay.js';
import type { BenchOptions, Measured } from './part.js';

const ROUNDS = 101;
/** Notifies a round: long enough that the clock of the CPU is exact. */
const NOTIFIES = 250;

type Open = (notify: SealedNotify) => unknown;

/** Verifying and opening notifies of API v3 on one core, by our code and by what it stands on. */
export async function open({ onProgress }: Pick<BenchOptions, 'onProgress'>): Promise<Measured> {
  onProgress(`Opening ${NOTIFIES} notifies in each of ${ROUNDS} rounds`);
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const apiV3Key = randomBytes(16).toString('hex');
  const wechatpay = {
    mchid: '1900000001',
    appid: 'wx0000000000000001',
    serialNo: 'PUB_KEY_ID_1',
    apiV3Key,
    privateKey,
  };
  const notifies = await Promise.all(
    Array.from({ length: NOTIFIES }, (_, at) =>
      paidNotify(wechatpay, { outTradeNo: `A-${100_000 + at}`, totalFen: 1_200 }),
    ),
  );
  const ways = { floor: bareOpen(wechatpay, publicKey), ours: ourOpen(wechatpay, publicKey) };
  requireEqual(await ways.floor(notifies[0] ?? fail()), await ways.ours(notifies[0] ?? fail()));
  const costs = { floor: [] as number[], ours: [] as number[] };
  const round = async (way: keyof typeof ways): Promise<number> =>
    (await costOf([], () => openAll(ways[way], notifies))).clientCpuMs;
  // The first rounds are those in which the code is compiled.
  for (let warm = 0; warm < 4; warm += 1) await round(warm % 2 === 0 ? 'floor' : 'ours');
  for (let at = 0; at < ROUNDS; at += 1) {
    const order = at % 2 === 0 ? (['floor', 'ours'] as const) : (['ours', 'floor'] as const);
    for (const way of order) costs[way].push(await round(way));
  }
  return measured(median(costs.floor), median(costs.ours));
}

const measured = (floorMs: number, oursMs: number): Measured => ({
  figures: [
    {
      key: 'openRatio',
      value: floorMs / oursMs,
      unit: 'ratio',
      what: 'verify + open, CPU of node:crypto + base64 + JSON ÷ ours',
      budget: { atLeast: 0.9 },
    },
    { key: 'openCpuMs', value: oursMs / NOTIFIES, unit: 'ms', what: 'verify + open of one notify' },
  ],
  floors: { openFloorCpuMs: floorMs / NOTIFIES },
  sizes: { rounds: ROUNDS, notifies: NOTIFIES },
});

async function openAll(open: Open, notifies: readonly SealedNotify[]): Promise<void> {
  for (const notify of notifies) await open(notify);
}

function ourOpen({ mchid, apiV3Key, serialNo }: WechatPay, publicKey: KeyObject): Open {
  const parsed = parseMchid(mchid);
  if (!parsed.ok) throw new Error(parsed.error);
  const keyring = createKeyring({
    mchid,
    publicKeys: new Map([[serialNo, publicKey]]),
    download: () => Promise.resolve(new Map()),
    now: () => new Date(),
    log: silentLog,
  });
  const deps = { mchid: parsed.value, keyring, apiV3Key: resourceKey(apiV3Key), now: () => new Date() };
  return (notify) => parseNotify(deps, notify);
}

const TAG_BYTES = 16;

const json = (text: string): unknown => JSON.parse(text);

type Envelope = {
  readonly resource: { readonly ciphertext: string; readonly nonce: string; readonly associated_data: string };
};

/** Nothing is judged: the generated notify has these fields. */
function isEnvelope(value: unknown): value is Envelope {
  return typeof value === 'object' && value !== null && 'resource' in value;
}

/** No judgement of what is in it: what anybody who has the keys must do. */
function bareOpen({ apiV3Key }: WechatPay, publicKey: KeyObject): Open {
  const key = createSecretKey(apiV3Key, 'utf8');
  return ({ body, headers }) => {
    const signed = Buffer.concat([
      Buffer.from(`${headers['wechatpay-timestamp']}\n${headers['wechatpay-nonce']}\n`),
      body,
      Buffer.from('\n'),
    ]);
    const signature = Buffer.from(headers['wechatpay-signature'] ?? '', 'base64');
    if (!verify('sha256', signed, publicKey, signature)) throw new Error('The generated notify is forged');
    const envelope = json(body.toString());
    if (!isEnvelope(envelope)) throw new Error('The generated notify has no resource');
    const { resource } = envelope;
    const sealed = Buffer.from(resource.ciphertext, 'base64');
    const decipher = createDecipheriv('aes-256-gcm', key, resource.nonce, { authTagLength: TAG_BYTES });
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES)).setAAD(Buffer.from(resource.associated_data));
    return json(decipher.update(sealed.subarray(0, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8'));
  };
}

const bare = z.object({ transaction_id: z.string() });
const ours = z.object({ kind: z.literal('payment'), evidence: z.object({ transactionId: z.string() }) });

function requireEqual(byFloor: unknown, byUs: unknown): void {
  const [{ transaction_id: read }, { evidence }] = [bare.parse(byFloor), ours.parse(byUs)];
  if (read !== evidence.transactionId) throw new Error('The floor and PaySaga read different transactions');
}

function fail(): never {
  throw new Error('No notify was generated');
}
