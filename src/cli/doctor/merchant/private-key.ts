import type { KeyObject } from 'node:crypto';
import { parsePrivateKey } from '../../../channels/key-material.js';
import { failed, ok, type Finding } from '../finding.js';
import { readKeyFile } from '../key-file.js';
import { pathOf, type Place } from './entry.js';

const MIN_BITS = 2_048;

export async function checkPrivateKey(place: Place): Promise<Finding> {
  const { privateKeyFile } = place.entry;
  if (privateKeyFile === undefined) {
    return failed('privateKeyFile is not given', 'Name apiclient_key.pem of the API certificate in privateKeyFile.');
  }
  const file = await readKeyFile(pathOf(place, privateKeyFile), 'privateKeyFile');
  if (file.kind === 'unreadable') return file.finding;
  const key = parsePrivateKey(file.text);
  if (key === undefined) {
    return failed(
      'privateKeyFile is not an RSA private key',
      'Name apiclient_key.pem, in PEM form and without a passphrase, not a certificate or a public key.',
    );
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits >= MIN_BITS) return ok(`RSA, ${bits} bits`);
  return failed(
    `an RSA key of ${bits} bits`,
    `Apply for an API certificate with a key of ${MIN_BITS} bits at the merchant platform.`,
  );
}

/** For checks that compare with it; what is wrong with it is this check's to say. */
export async function ownPrivateKey(place: Place): Promise<KeyObject | undefined> {
  const { privateKeyFile } = place.entry;
  if (privateKeyFile === undefined) return undefined;
  const file = await readKeyFile(pathOf(place, privateKeyFile), 'privateKeyFile');
  return file.kind === 'text' ? parsePrivateKey(file.text) : undefined;
}
