import { createHash, randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { ofTrade, type Fault, type Faults } from '../fault/fault.js';
import type { Merchant, Merchants } from '../identity/merchants.js';
import { namedSigner, newestCertificateSigner, signatureHeaders, type Signer } from '../identity/sign.js';
import { createSchedule, type Clock } from '../store/clock.js';
import type { Change, Store } from '../store/store.js';
import { notifyBody, notifySchema, withAmount, type Delivery, type Notify } from './notify.js';

export type NotifyQueue = ReturnType<typeof createNotifyQueue>;

interface QueueDeps {
  store: Store;
  clock: Clock;
  merchants: Merchants;
  faults: Faults;
  stopped: AbortSignal;
  /** Retry intervals are divided by it. */
  timeScale: number;
  onError: (error: unknown) => void;
}

export function createNotifyQueue(deps: QueueDeps) {
  const { clock, store, stopped } = deps;
  const table = store.table('notifies', notifySchema);

  const put = (notify: Notify): Change =>
    table.put(notify.id, notify, () => {
      if (notify.dueAt !== null) schedule.add(notify.id, notify.dueAt);
    });
  const attempt = async (id: string) => {
    const notify = table.get(id);
    if (!notify) return;
    try {
      const outcome = await deliver(deps, notify);
      if (!stopped.aborted) store.write(put(next(notify, outcome, clock.now(), deps.timeScale)));
    } catch (error) {
      deps.onError(error);
    }
  };
  const schedule = createSchedule(clock.now, attempt, stopped);

  for (const notify of [...table.values()]) {
    // After hours without the sandbox, the retries of a notify do not all come at once.
    if (notify.dueAt !== null) store.write(put({ ...notify, dueAt: Math.max(notify.dueAt, clock.now()) }));
  }

  return {
    enqueue: (notify: Notify | undefined): Change[] => (notify ? [put(notify)] : []),
    ofMerchant: (mchid: string) => [...table.values()].filter((notify) => notify.mchid === mchid),
    /** After an advance of the clock: notifies due by now are delivered one after the other, earliest first. */
    catchUp: schedule.catchUp,
  };
}

/** The notify after an attempt. 200 and 204 end it, whatever the body says; every other status and silence are retried. */
function next(notify: Notify, outcome: Outcome, now: number, timeScale: number): Notify {
  const dueAt = notify.dueAt ?? now;
  if ('postponedMs' in outcome) return { ...notify, postponed: true, dueAt: now + outcome.postponedMs };
  const attempts = notify.attempts + 1;
  const delayMs = retryDelayMs(attempts, timeScale);
  const accepted = outcome.answers.some(({ status }) => status === 200 || status === 204);
  const delivered = outcome.answers.map((answer): Delivery => ({ attempt: attempts, at: now, ...answer }));
  return {
    ...notify,
    attempts,
    postponed: false,
    dueAt: accepted || delayMs === undefined ? null : dueAt + delayMs,
    deliveries: [...notify.deliveries, ...delivered],
  };
}

/** Seconds between the attempts: 15 retries over 24 h 4 min. */
const retrySeconds = [15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600];

export function retryDelayMs(attempts: number, timeScale: number): number | undefined {
  const seconds = retrySeconds[attempts - 1];
  return seconds === undefined ? undefined : (seconds * 1000) / timeScale;
}

type Posted = Pick<Delivery, 'status' | 'reason'>;
type Outcome = { answers: Posted[] } | { postponedMs: number };

/** One attempt, as the matching fault bends it. */
async function deliver(deps: QueueDeps, notify: Notify): Promise<Outcome> {
  const fault = notify.postponed
    ? undefined
    : deps.faults.take(notify.mchid, 'notify', ofTrade(notify.outTradeNo), { probed: notify.attempts > 0 });
  if (fault?.kind === 'delay') return { postponedMs: fault.ms };
  if (fault?.kind === 'drop') return { answers: [{ status: null, reason: 'dropped by a fault' }] };
  const sent = send(deps, notify, fault);
  return { answers: await Promise.all(fault?.kind === 'duplicate' ? [sent, send(deps, notify, fault)] : [sent]) };
}

async function send(deps: QueueDeps, notify: Notify, fault: Fault | undefined): Promise<Posted> {
  const merchant = deps.merchants.find(notify.mchid);
  if (!merchant) throw new Error(`a notify of an unknown merchant ${notify.mchid}`);
  const plaintext = fault?.kind === 'wrongAmount' ? withAmount(notify.plaintext, fault.totalFen) : notify.plaintext;
  const key = fault?.kind === 'wrongKey' ? randomBytes(16).toString('hex') : merchant.row.apiV3Key;
  const body = notifyBody(notify, plaintext, key);
  const forgery = fault?.kind === 'badSignature' || fault?.kind === 'signTest' ? fault.kind : undefined;
  const signature = await signatureHeaders(signerOf(merchant, notify), body, deps.clock.realNow(), forgery);
  return post(notify.url, signature, body, deps.stopped);
}

function signerOf(merchant: Merchant, notify: Notify): Signer {
  const { notifySigning } = merchant.row;
  if (notifySigning === 'named') {
    return namedSigner(merchant, notify.signingSerial) ?? newestCertificateSigner(merchant);
  }
  const byPublicKey =
    typeof notifySigning === 'number' ? shareOf(notify.id) < notifySigning : notifySigning === 'publicKey';
  return byPublicKey ? merchant.publicKeySigner : newestCertificateSigner(merchant);
}

/** 0 ≤ share < 1, the same for every attempt of a notify. */
const shareOf = (id: string): number => createHash('sha256').update(id).digest().readUInt32BE(0) / 2 ** 32;

/** WeChat Pay waits so long for the answer to a notify. */
const deadlineMs = 5_000;

/** One POST on a connection of its own. Only the status counts; redirects are not followed. */
function post(url: string, signature: [string, string][], body: string, stopped: AbortSignal): Promise<Posted> {
  const deadline = AbortSignal.timeout(deadlineMs);
  const send = url.startsWith('https:') ? httpsRequest : httpRequest;
  const headers = {
    'User-Agent': 'Mozilla/4.0',
    Accept: '*/*',
    Pragma: 'no-cache',
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    Connection: 'close',
    ...Object.fromEntries(signature),
  };
  return new Promise((resolve) => {
    const failed = (error: Error) =>
      resolve({ status: null, reason: deadline.aborted ? 'no answer within 5 s' : error.message });
    const outgoing = send(
      url,
      { method: 'POST', agent: false, headers, signal: AbortSignal.any([deadline, stopped]) },
      (incoming) => {
        incoming.on('error', failed);
        incoming.on('end', () => resolve({ status: incoming.statusCode ?? null }));
        incoming.resume();
      },
    );
    outgoing.on('error', failed);
    outgoing.end(body);
  });
}
