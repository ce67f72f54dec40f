import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { failed, ok, skipped, type Finding } from '../finding.js';
import { pathOf, type Place } from './entry.js';
import { ownPrivateKey } from './private-key.js';
import { day, validityProblem } from './validity.js';

const NAME = 'apiclient_cert.pem';
const RENEW = 'Renew the API certificate at the merchant platform and change privateKeyFile and serialNo together.';

/** PaySaga needs the serial number only, but the certificate beside the key tells whether the two belong together. */
export async function checkCertificate(place: Place, now: Date): Promise<Finding> {
  const pem = await readBeside(place);
  if (pem === undefined) return skipped(`no ${NAME} beside the private key to compare with`);
  const certificate = parse(pem);
  if (certificate === undefined)
    return failed(`${NAME} is not a certificate`, `Put the ${NAME} of the key there, or none.`);
  const key = await ownPrivateKey(place);
  if (key !== undefined && !certificate.checkPrivateKey(key)) {
    return failed(
      `${NAME} belongs to another key than privateKeyFile`,
      'Name the apiclient_key.pem that was made together with this certificate.',
    );
  }
  const serialNo = certificate.serialNumber.toUpperCase();
  if (serialNo !== place.entry.serialNo?.toUpperCase()) {
    return failed(`serialNo is not the certificate's`, `Set serialNo to ${serialNo}.`);
  }
  return (
    validityProblem(certificate, now, RENEW) ?? ok(`serial ${serialNo}, until ${day(Date.parse(certificate.validTo))}`)
  );
}

async function readBeside(place: Place): Promise<string | undefined> {
  const { privateKeyFile } = place.entry;
  if (privateKeyFile === undefined) return undefined;
  return readFile(join(dirname(pathOf(place, privateKeyFile)), NAME), 'utf8').catch(() => undefined);
}

function parse(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}
