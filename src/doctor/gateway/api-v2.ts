import { randomBytes } from 'node:crypto';
import { answered } from '../../channels/flow/call.js';
import type { Merchant } from '../../channels/merchant.js';
import { GatewayError } from '../../channels/port.js';
import { readAnswer } from '../../channels/wechatpay-v2/answer.js';
import type { WechatPayV2Credentials } from '../../channels/wechatpay-v2/credentials.js';
import { signedFields } from '../../channels/wechatpay-v2/exchange.js';
import { plainCode } from '../../channels/wechatpay-v2/failure-map.js';
import { createTransport } from '../../channels/wechatpay-v2/transport.js';
import type { Fields } from '../../channels/wechatpay-v2/xml.js';
import type { GatewayRefusal } from '../../orders/rules/gateway-answer.js';
import { patience, type Asking } from './asking.js';
import { failed, ok, skipped, unreachable, warning, type Finding } from '../check.js';
import type { V3Merchant } from './answers.js';
import { impossibleNumber } from './credentials.js';

export type V2Merchant = Pick<Merchant<WechatPayV2Credentials>, 'appids' | 'credentials'>;

/** A merchant of API v3 as API v2 knows him, where he has its key; without a certificate, unless he charges codes over it. */
export function v2SideOf({ appids, credentials }: V3Merchant): V2Merchant | undefined {
  const { apiV2Key, codeScanV2, mchid, privateKey, gatewayUrls, limits } = credentials;
  if (codeScanV2 !== undefined) return { appids, credentials: codeScanV2 };
  if (apiV2Key === undefined) return undefined;
  const secapi = { certificate: '', privateKey, secapiUrls: gatewayUrls, secapiCa: undefined };
  return {
    appids,
    credentials: { protocol: 'v2', mchid, apiV2Key, signType: 'HMAC-SHA256', gatewayUrls, limits, ...secapi },
  };
}

/** Asks under each appid for a trade that cannot be there: WeChat Pay's signed word for it proves key, mchid and appid. */
export async function checkKeyInUse({ appids, credentials }: V2Merchant, asking: Asking): Promise<Finding> {
  const all = allOf(appids);
  if (all.length === 0) return skipped('no appid to ask with');
  for (const appid of all) {
    const fields = { appid, out_trade_no: impossibleNumber() };
    const problem = problemOfQuery(await ask('query', credentials, fields, asking), appid);
    if (problem !== undefined) return problem;
  }
  return ok(`WeChat Pay knows the mchid, the API v2 key and ${all.join(', ')}`);
}

/** Asks for a refund of nothing under no number: what answers as the API, however it refuses that, has taken the certificate. */
export async function checkCertificateInUse({ appids, credentials }: V2Merchant, asking: Asking): Promise<Finding> {
  const origin = credentials.secapiUrls.map((url) => new URL(url).origin).join(' or ');
  const [appid = ''] = allOf(appids);
  const answer = await ask('refund', credentials, { appid }, asking);
  if (answer instanceof GatewayError) return withoutAnswer(answer, origin);
  if (answer.kind === 'success') return ok(`${origin} takes it`);
  if (answer.kind === 'unproven') return NO_ANSWER;
  const { status, code, message } = answer.refusal;
  if (code === 'CERTIFICATE_REFUSED') return failed(`${origin} saw no certificate that it takes`, RENAME);
  if (plainCode(code ?? '') === 'CERTERROR') return failed(said(answer.refusal), RENAME);
  if (answer.meaning === 'rate_limited') return LIMITED;
  return status === 200 && (code ?? message) !== '' ? ok(`${origin} takes it`) : NO_ANSWER;
}

const allOf = (appids: Merchant['appids']): readonly string[] => [...new Set(Object.values(appids).flat())];

const PATHS = { query: '/pay/orderquery', refund: '/secapi/pay/refund' } as const;
async function ask<Api extends keyof typeof PATHS>(
  api: Api,
  credentials: WechatPayV2Credentials,
  fields: Fields,
  { now, outward }: Asking,
) {
  const { mchid, apiV2Key: key, signType } = credentials;
  const nonce = (): string => randomBytes(16).toString('hex');
  const request = { path: PATHS[api], fields: signedFields({ mchid, key, signType, nonce }, fields) };
  try {
    const { post } = createTransport(credentials, outward);
    return readAnswer(api, await answered(() => post(request, patience())), { key, mchid, now });
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return error;
  }
}

type Answer = Awaited<ReturnType<typeof ask<'query'>>>;

function problemOfQuery(answer: Answer, appid: string): Finding | undefined {
  if (answer instanceof GatewayError) return withoutAnswer(answer, 'the gateway');
  if (answer.kind === 'success') return undefined;
  if (answer.kind === 'unproven') {
    return failed(
      'the answer is not signed with the API v2 key',
      'Look whether gatewayUrl is WeChat Pay and no proxy changes its answers.',
    );
  }
  if (answer.meaning === 'notExist') return undefined;
  if (answer.meaning === 'rate_limited') return LIMITED;
  const { code } = answer.refusal;
  if (code === null) return NO_ANSWER;
  const word = plainCode(code);
  const about = word.startsWith('APPID') ? `${appid}: ` : '';
  return failed(`${about}${said(answer.refusal)}`, CURES[word] ?? OTHERWISE);
}

const said = ({ code, message }: GatewayRefusal): string =>
  [code, message.slice(0, 120)].filter((text) => text !== null && text !== '').join(': ');

const LIMITED = warning('WeChat Pay takes no more calls just now', 'Run doctor again; if it stays, lower limits.');

const NO_ANSWER = failed(
  'the gateway gave no answer that can be used',
  'Run doctor again; if it stays, look whether gatewayUrl and secapiUrl are WeChat Pay and whether a proxy changes its answers.',
);

const RENAME =
  'Name apiclient_cert.pem and apiclient_key.pem of the API certificate in force at the merchant platform, and let secapiUrl be https.';

/** A handshake that the server ends is about our certificate; one that we end is about the server's. */
function withoutAnswer({ code, gatewayCode, cause }: GatewayError, server: string): Finding {
  const reason = cause instanceof Error ? cause.message : '';
  if (code === 'unreachable') {
    return unreachable(`${server} does not answer`, 'Let this machine reach gatewayUrl and secapiUrl.');
  }
  if (gatewayCode === 'SERVER_NOT_TRUSTED') {
    return failed(
      `${server} is not trusted (${reason})`,
      "Name in secapiCaFile the authority that signed that server's certificate; WeChat Pay's needs none.",
    );
  }
  return /\b(EPROTO|ERR_SSL_)/.test(reason) ? failed(`${server} ends the TLS handshake`, RENAME) : NO_ANSWER;
}

const CURES: Readonly<Record<string, string>> = {
  SIGNERROR: 'Write the API v2 key of the merchant platform (API security) into apiV2KeyFile.',
  NOAUTH: 'Apply for the product at the merchant platform (product centre), or lift the restriction it shows there.',
  APPIDMCHIDNOTMATCH: 'Bind the appid to the mchid at the merchant platform, or correct appids or mchid.',
  APPIDNOTEXIST: 'Correct appids: WeChat Pay knows no such appid.',
  MCHIDNOTEXIST: 'Correct mchid: WeChat Pay knows no merchant with this number.',
  SYSTEMERROR: 'Run doctor again later: the fault is at WeChat Pay.',
};

const OTHERWISE = 'Look the code up in the documentation of WeChat Pay and repair the merchant there.';
