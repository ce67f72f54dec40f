import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Fault } from '../fault/fault.js';
import type { Merchant } from '../identity/merchants.js';
import { namedSigner, newestCertificateSigner, seal, signatureHeaders, type Signer } from '../identity/sign.js';
import { beijingTime } from '../store/clock.js';
import type { Notify } from './notify.js';
import type { Message } from './post.js';

/** The notify as API v3 sends it: a signed envelope around its encrypted plaintext. 200 and 204 accept it, whatever the body says. */
export async function v3Message(
  notify: Notify,
  merchant: Merchant,
  fault: Fault | undefined,
  realNow: number,
): Promise<Message> {
  const plaintext = fault?.kind === 'wrongAmount' ? withAmount(notify.plaintext, fault.totalFen) : notify.plaintext;
  const key = fault?.kind === 'wrongKey' ? randomBytes(16).toString('hex') : merchant.row.apiV3Key;
  const body = bodyOf(notify, plaintext, key);
  const forgery = fault?.kind === 'badSignature' || fault?.kind === 'signTest' ? fault.kind : undefined;
  const signature = await signatureHeaders(signerOf(merchant, notify), body, realNow, forgery);
  return {
    headers: { 'Content-Type': 'application/json', ...Object.fromEntries(signature) },
    body,
    isAccepted: (status) => status === 200 || status === 204,
  };
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

function bodyOf(notify: Notify, plaintext: string, apiV3Key: string): string {
  const originalType = notify.eventType === 'TRANSACTION.SUCCESS' ? 'transaction' : 'refund';
  return JSON.stringify({
    id: notify.id,
    create_time: beijingTime(notify.createdAt),
    resource_type: 'encrypt-resource',
    event_type: notify.eventType,
    summary: summaries[notify.eventType],
    resource: { original_type: originalType, ...seal(plaintext, originalType, apiV3Key) },
  });
}

const summaries: Record<Notify['eventType'], string> = {
  'TRANSACTION.SUCCESS': '支付成功',
  'REFUND.SUCCESS': '退款成功',
  'REFUND.ABNORMAL': '退款异常',
  'REFUND.CLOSED': '退款关闭',
};

const fen = z.number().optional();
const messageSchema = z.looseObject({
  amount: z.looseObject({ total: fen, payer_total: fen, refund: fen, payer_refund: fen }).optional(),
});

/** The same message with another amount (of a refund, the refunded one); default one fen more. */
function withAmount(plaintext: string, amountFen: number | undefined): string {
  const message = messageSchema.parse(JSON.parse(plaintext));
  const { amount } = message;
  const real = amount?.refund ?? amount?.total;
  if (amount === undefined || real === undefined) return plaintext;
  const shown = amountFen ?? real + 1;
  const realPayers = amount.payer_refund ?? amount.payer_total;
  const payers = realPayers === undefined ? undefined : Math.max(0, shown - real + realPayers);
  const shownAmount =
    amount.refund === undefined ? { total: shown, payer_total: payers } : { refund: shown, payer_refund: payers };
  return JSON.stringify({ ...message, amount: { ...amount, ...shownAmount } });
}
