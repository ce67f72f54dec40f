import { createHash, randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Fault, Faults } from '../fault/fault.js';
import type { Merchant, Merchants } from '../identity/merchants.js';
import { namedSigner, newestCertificateSigner, signatureHeaders, type Signer } from '../identity/sign.js';
import type { Clock } from '../store/clock.js';
import { notifyBody, withAmount, type Notify } from './notify.js';

export type Outcome = { answers: Posted[] } | { postponedMs: number };

export type Deliver = ReturnType<typeof createDeliver>;

type Deps = { clock: Clock; merchants: Merchants; faults: Faults; stopped: AbortSignal };

/** Makes one attempt of a notify, as the matching fault bends it. */
export function createDeliver(deps: Deps) {
  return async (notify: Notify): Promise<Outcome> => {
    const fault = notify.postponed
      ? undefined
      : deps.faults.take(notify.mchid, 'notify', notify.outTradeNo, { probed: notify.attempts > 0 });
    if (fault?.kind === 'delay') return { postponedMs: fault.ms };
    if (fault?.kind === 'drop') return { answers: [{ status: null, reason: 'dropped by a fault' }] };
    const sent = send(deps, notify, fault);
    return { answers: await Promise.all(fault?.kind === 'duplicate' ? [sent, send(deps, notify, fault)] : [sent]) };
  };
}

async function send(deps: Deps, notify: Notify, fault: Fault | undefined): Promise<Posted> {
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
function shareOf(id: string): number {
  return createHash('sha256').update(id).digest().readUInt32BE(0) / 2 ** 32;
}

interface Posted {
  status: number | null;
  reason?: string;
}

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
