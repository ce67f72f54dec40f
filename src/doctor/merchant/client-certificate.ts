import { X509Certificate } from 'node:crypto';
import { parseCertificate } from '../../channels/key-material.js';
import { isWechatPay } from '../../channels/safe-url.js';
import { SIGN_TYPES } from '../../channels/wechatpay-v2/signature.js';
import { failed, ok, skipped, warning, type Finding } from '../check.js';
import { gatewayUrlIn } from './addresses.js';
import { day, validityProblem } from './certificates.js';
import { readKeyFile, type Place } from './entry.js';
import { ownPublicKey } from './keys.js';

const NAME = 'Name the apiclient_cert.pem of this merchant in certificateFile.';
const RENEW =
  'Renew the API certificate at the merchant platform and change certificateFile and privateKeyFile together.';

/** API v2 shows it wherever money goes back. */
export async function checkClientCertificate(place: Place, now: Date): Promise<Finding> {
  const { certificateFile, mchid } = place.entry;
  if (certificateFile === undefined) return failed('certificateFile is not given', NAME);
  const pem = await readKeyFile(place, certificateFile, 'certificateFile');
  if (typeof pem !== 'string') return pem;
  const certificate = parseCertificate(pem);
  if (certificate === undefined) return failed('certificateFile is not a certificate', NAME);
  const own = await ownPublicKey(place);
  if (own !== undefined && !certificate.publicKey.equals(own)) {
    return failed(
      'certificateFile belongs to another key than privateKeyFile',
      'Name apiclient_cert.pem and apiclient_key.pem of the same API certificate.',
    );
  }
  if (!isOf(mchid, pem)) return failed('certificateFile is not made for this mchid', NAME);
  return validityProblem(certificate, now, RENEW) ?? ok(`until ${day(certificate.validTo)}`);
}

/** WeChat Pay writes the mchid into the name that the certificate is made for. */
const isOf = (mchid: string, pem: string): boolean =>
  new X509Certificate(pem).subject.split('\n').includes(`CN=${mchid}`);

export function checkSignType({ entry }: Place): Finding {
  const { signType } = entry;
  const [standard] = SIGN_TYPES;
  if (signType === undefined) return ok(`${standard}, the default`);
  const known: readonly string[] = SIGN_TYPES;
  if (known.includes(signType)) return ok(signType);
  return failed(`signType is neither ${SIGN_TYPES.join(' nor ')}`, `Set signType to ${standard}, or leave it out.`);
}

/** One that is named takes the place of those that this system trusts. */
export async function checkSecapiCa(place: Place, now: Date): Promise<Finding> {
  const { secapiCaFile, secapiUrl } = place.entry;
  if (secapiCaFile === undefined) return skipped('none given: whom this system trusts');
  const pem = await readKeyFile(place, secapiCaFile, 'secapiCaFile');
  if (typeof pem !== 'string') return pem;
  const certificate = parseCertificate(pem);
  if (certificate === undefined) {
    return failed(
      'secapiCaFile is not a certificate',
      "Name the certificate, in PEM form, of the authority that signed the server's, or remove secapiCaFile.",
    );
  }
  if (isWechatPay(secapiUrl ?? gatewayUrlIn(place.entry) ?? '')) {
    return warning(
      'only servers that secapiCaFile vouches for are taken for WeChat Pay',
      'Remove secapiCaFile: WeChat Pay changes its authorities, and this system knows them.',
    );
  }
  const cure = "Name the authority's certificate in force.";
  return validityProblem(certificate, now, cure) ?? ok(`until ${day(certificate.validTo)}`);
}
