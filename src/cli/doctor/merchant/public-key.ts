import { createPublicKey } from 'node:crypto';
import { parsePublicKey } from '../../../channels/key-material.js';
import { failed, ok, skipped, type Finding } from '../finding.js';
import { readKeyFile } from '../key-file.js';
import { pathOf, type Place } from './entry.js';
import { ownPrivateKey } from './private-key.js';

const WHERE = "pub_key.pem, WeChat Pay's public key from the merchant platform (API security)";

export async function checkPublicKey(place: Place): Promise<Finding> {
  const { publicKeyId, publicKeyFile } = place.entry;
  if (publicKeyId === undefined && publicKeyFile === undefined) {
    return skipped('none given: answers and notifies are checked with platform certificates');
  }
  if (publicKeyId === undefined || publicKeyFile === undefined) {
    const [given, missing] =
      publicKeyId === undefined ? ['publicKeyFile', 'publicKeyId'] : ['publicKeyId', 'publicKeyFile'];
    return failed(
      `${given} is given without ${missing}`,
      `Add ${missing}, which stands beside it at the merchant platform.`,
    );
  }
  if (!/^PUB_KEY_ID_[0-9]+$/.test(publicKeyId)) {
    return failed(
      'publicKeyId is not of the form PUB_KEY_ID_ and digits',
      'Copy the ID of the public key from the merchant platform; a certificate serial is not one.',
    );
  }
  const file = await readKeyFile(pathOf(place, publicKeyFile), 'publicKeyFile');
  return file.kind === 'unreadable' ? file.finding : checkPem(place, file.text, publicKeyId);
}

/** Node would derive a public key from a certificate or a private key as well. */
async function checkPem(place: Place, pem: string, publicKeyId: string): Promise<Finding> {
  if (pem.includes('PRIVATE KEY-----')) return failed('publicKeyFile holds a private key', `Name ${WHERE}.`);
  if (pem.includes('BEGIN CERTIFICATE-----')) {
    return failed(
      'publicKeyFile holds a certificate',
      `Name ${WHERE}; a platform certificate goes into platformCertificateFiles.`,
    );
  }
  const key = parsePublicKey(pem);
  if (key === undefined) return failed('publicKeyFile is not an RSA public key', `Name ${WHERE}.`);
  const own = await ownPrivateKey(place);
  if (own !== undefined && createPublicKey(own).equals(key)) {
    return failed("publicKeyFile is the merchant's own key", `Name ${WHERE}.`);
  }
  return ok(publicKeyId);
}
