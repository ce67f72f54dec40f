import type { KeyObject } from 'node:crypto';
import { parseJson } from '../../base/parse-json.js';
import { parseCertificate } from '../../channels/key-material.js';
import type { Merchant } from '../../channels/merchant.js';
import type { WechatPayV3Credentials } from '../../channels/wechatpay-v3/credentials.js';
import { certificateList } from '../../channels/wechatpay-v3/certificates.js';
import { readError } from '../../channels/wechatpay-v3/failure-map.js';
import { openResource, resourceKey } from '../../channels/wechatpay-v3/resource.js';
import { isFresh, isSignedBy, readSignatureHeaders } from '../../channels/wechatpay-v3/signature.js';
import { createTransport, type RawAnswer } from '../../channels/wechatpay-v3/transport.js';
import { patience, type Asking } from './asking.js';
import { failed, ok, skipped, type Finding, type Reached } from '../check.js';

/** Of API v3; v2 answers prove themselves by the key that signs calls. */
export type V3Merchant = Merchant<WechatPayV3Credentials>;

export type SignedAnswer = { readonly signature: Finding; readonly apiV3Key: Finding };

/**
 * Errors are mostly unsigned, and the one call that succeeds without a trade lists the platform certificates. They are encrypted
 * with the API v3 key, as notifies are.
 */
export async function checkAnswers(merchant: V3Merchant, asking: Asking): Promise<SignedAnswer> {
  const askForCertificates = () => ask(merchant, '/v3/certificates', asking);
  const first = await askForCertificates();
  const answer = isProbe(first) ? await askForCertificates() : first;
  if (answer.kind === 'unanswered') return both('the gateway gave no answer');
  const { raw, code } = answer;
  if (code === 'RESOURCE_NOT_EXISTS')
    return both('WeChat Pay shows it with the first notify: this merchant has a public key only');
  if (raw.status !== 200) return both(`WeChat Pay refused the call (${code ?? raw.status}): see credentials`);
  const opened = openCertificates(raw, merchant);
  return {
    signature: judgeSignature({ merchant, raw, now: asking.now(), downloaded: opened.found }),
    apiV3Key: opened.finding,
  };
}

const both = (seen: string): SignedAnswer => ({ signature: skipped(seen), apiV3Key: skipped(seen) });

/** WeChat Pay signs a few answers wrongly on purpose, and the repeat rightly. */
const isProbe = (answer: Answer): boolean =>
  answer.kind === 'answered' && (answer.raw.headers['wechatpay-signature'] ?? '').startsWith('WECHATPAY/SIGNTEST/');

type Signed = {
  readonly merchant: V3Merchant;
  readonly raw: RawAnswer;
  readonly now: Date;
  readonly downloaded: ReadonlyMap<string, KeyObject> | undefined;
};

function judgeSignature({ merchant, raw, now, downloaded }: Signed): Finding {
  const signed = readSignatureHeaders(raw.headers);
  if (signed === undefined) {
    return failed(
      'the answer carries no signature',
      'Look whether gatewayUrl is WeChat Pay and no proxy drops headers.',
    );
  }
  if (!isFresh(signed.timestamp, now)) {
    return failed('the answer is signed more than 300 s off', "Set this machine's clock by NTP.");
  }
  const key = merchant.credentials.publicKeys.get(signed.serial) ?? downloaded?.get(signed.serial);
  if (key === undefined) {
    return failed(
      `answers are signed with ${signed.serial}, which is not configured`,
      'Set publicKeyId and publicKeyFile to the public key that the merchant platform shows now.',
    );
  }
  if (isSignedBy(key, signed, raw.body)) return ok(`answers are signed with ${signed.serial}`);
  return failed(
    `the signature does not fit the key of ${signed.serial}`,
    "Download WeChat Pay's public key and its ID again, both together, and look whether a proxy changes answers.",
  );
}

function openCertificates(raw: RawAnswer, merchant: V3Merchant): Reached<ReadonlyMap<string, KeyObject>> {
  const list = certificateList.safeParse(parseJson(raw.body)).data?.data ?? [];
  if (list.length === 0) return { finding: skipped('no certificate to open with it') };
  try {
    const key = resourceKey(merchant.credentials.apiV3Key);
    const opened = list.map((item) => {
      const certificate = parseCertificate(openResource(key, item.encrypt_certificate));
      if (certificate === undefined) throw new Error('what opens is no certificate');
      return [item.serial_no, certificate.publicKey] as const;
    });
    return { found: new Map(opened), finding: ok('opens the platform certificates') };
  } catch {
    const cure =
      'Write the API v3 key of the merchant platform into apiV3KeyFile; if it is lost set a new one there, since no notify can be opened with another.';
    return { finding: failed('the API v3 key does not open what WeChat Pay encrypts', cure) };
  }
}

type Answer =
  | { readonly kind: 'answered'; readonly raw: RawAnswer; readonly code: string | undefined; readonly message: string }
  | { readonly kind: 'unanswered' };

/** A signed call and its raw answer: the gateway's port tells only what a payment needs. */
async function ask({ credentials }: V3Merchant, path: string, { now, outward }: Asking): Promise<Answer> {
  try {
    const raw = await createTransport(credentials, outward)({ method: 'GET', path }, patience());
    const { code, message } = readError(raw, now());
    return { kind: 'answered', raw, code, message: message.slice(0, 120) };
  } catch {
    return { kind: 'unanswered' };
  }
}
