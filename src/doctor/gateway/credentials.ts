import { randomBytes } from 'node:crypto';
import { firstOutTradeNo, parseOrderNo, type OutTradeNo } from '../../base/ids.js';
import { createGateways } from '../../channels/gateways.js';
import { createMerchants } from '../../channels/merchant.js';
import { GatewayError } from '../../channels/port.js';
import { failed, ok, unreachable, warning, type Finding } from '../check.js';
import type { V3Merchant } from './answers.js';
import type { Asking } from './asking.js';

/** Asks for a trade that cannot be there: WeChat Pay says so only when key, serial number and mchid belong together. */
export async function checkCredentials(merchant: V3Merchant, asking: Asking): Promise<Finding> {
  const merchants = createMerchants(new Map([[merchant.mchid, merchant]]));
  const gateway = createGateways(merchants, { ...asking, workers: 1, publicUrl: () => '' }).for(merchant.mchid);
  if (gateway === undefined) throw new Error('a gateway that was just made is not there');
  try {
    await gateway.query({ outTradeNo: impossibleNumber() }, { patience: 'durable' });
    return ok('WeChat Pay knows the mchid, the serial number and the key');
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return findingOf(error);
  }
}

function findingOf(error: GatewayError): Finding {
  switch (error.code) {
    case 'unreachable':
      return unreachable('the gateway does not answer', 'Let this machine reach the gateway.');
    case 'rate_limited':
    case 'gate_shut':
      return warning('WeChat Pay takes no more calls just now', 'Run doctor again; if it stays, lower limits.query.');
    case 'merchant_config':
    case 'unknown':
      return error.gatewayCode === null ? withoutCode(error) : withCode(error.gatewayCode, error);
    default:
      return error.code satisfies never;
  }
}

/** Without a gateway code no key is there to check an answer with, or the answer is not WeChat Pay's. */
function withoutCode(error: GatewayError): Finding {
  if (error.code === 'merchant_config') {
    return failed(
      'the platform certificates cannot be opened',
      'Set publicKeyId and publicKeyFile, or correct the API v3 key that the certificates are encrypted with.',
    );
  }
  return failed(
    'the gateway gave no answer that can be used',
    'Run doctor again; if it stays, look whether gatewayUrl is WeChat Pay and whether a proxy changes its answers.',
  );
}

function withCode(code: string, { refusal }: GatewayError): Finding {
  // The code decides; what WeChat Pay says besides tells a person which of its causes it is.
  const message = refusal?.message.slice(0, 120) ?? '';
  return failed(message === '' ? code : `${code}: ${message}`, CURES[code] ?? OTHERWISE);
}

const CURES: Readonly<Record<string, string>> = {
  SIGN_ERROR:
    'Compare serialNo and privateKeyFile with the API certificate at the merchant platform (API security), and set the clock by NTP.',
  NO_AUTH: 'Apply for the product at the merchant platform (product centre), or lift the restriction it shows there.',
  MCH_NOT_EXISTS: 'Correct mchid: WeChat Pay knows no merchant with this number.',
  APPID_MCHID_NOT_MATCH: 'Bind the appid to the mchid at the merchant platform, or correct appids.',
  PARAM_ERROR: 'Correct mchid: it must be the one that the API certificate was made for.',
  SYSTEM_ERROR:
    'Compare publicKeyId with the merchant platform, since WeChat Pay answers so to an ID it does not know; if it is right, run doctor again later.',
};

const OTHERWISE = 'Look the code up in the documentation of WeChat Pay and repair the merchant there.';

export function impossibleNumber(): OutTradeNo {
  const orderNo = parseOrderNo(`paysaga-doctor-${randomBytes(6).toString('hex')}`);
  if (!orderNo.ok) throw new Error('the number of the doctor is no order number');
  return firstOutTradeNo(orderNo.value);
}
