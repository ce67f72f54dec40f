import { createPublicKey, type KeyObject } from 'node:crypto';
import { basename } from 'node:path';
import {
  isPublicKeyId,
  parseApiV2Key,
  parseApiV3Key,
  parsePrivateKey,
  parsePublicKey,
} from '../../channels/key-material.js';
import { failed, ok, skipped, warning, type Finding } from '../check.js';
import { closeFiles, readableForAll } from '../key-file.js';
import { pathOf, readKeyFile, type Place } from './entry.js';

const MIN_BITS = 2_048;

export async function checkPrivateKey(place: Place): Promise<Finding> {
  const { privateKeyFile } = place.entry;
  if (privateKeyFile === undefined) {
    return failed('privateKeyFile is not given', 'Name apiclient_key.pem of the API certificate in privateKeyFile.');
  }
  const text = await readKeyFile(place, privateKeyFile, 'privateKeyFile');
  if (typeof text !== 'string') return text;
  const key = parsePrivateKey(text);
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

/** The public half of the merchant's own key, to compare others with; `checkPrivateKey` says what is wrong with it. */
export async function ownPublicKey(place: Place): Promise<KeyObject | undefined> {
  const { privateKeyFile } = place.entry;
  if (privateKeyFile === undefined) return undefined;
  const text = await readKeyFile(place, privateKeyFile, 'privateKeyFile');
  const key = typeof text === 'string' ? parsePrivateKey(text) : undefined;
  return key && createPublicKey(key);
}

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
  if (!isPublicKeyId(publicKeyId)) {
    return failed(
      'publicKeyId is not of the form PUB_KEY_ID_ and digits',
      'Copy the ID of the public key from the merchant platform; a certificate serial is not one.',
    );
  }
  const text = await readKeyFile(place, publicKeyFile, 'publicKeyFile');
  return typeof text === 'string' ? checkPem(place, text, publicKeyId) : text;
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
  const own = await ownPublicKey(place);
  if (own?.equals(key) === true) return failed("publicKeyFile is the merchant's own key", `Name ${WHERE}.`);
  return ok(publicKeyId);
}

export async function checkApiV3Key(place: Place): Promise<Finding> {
  const { apiV3KeyFile } = place.entry;
  if (apiV3KeyFile === undefined) {
    return failed('apiV3KeyFile is not given', 'Set an API v3 key at the merchant platform and name its file.');
  }
  return checkApiKey(place, apiV3KeyFile, { setting: 'apiV3KeyFile', parse: parseApiV3Key, named: 'the API v3 key' });
}

export async function checkApiV2Key(place: Place): Promise<Finding> {
  const { apiV2KeyFile, protocol, codeScan } = place.entry;
  if (apiV2KeyFile !== undefined) {
    return checkApiKey(place, apiV2KeyFile, { setting: 'apiV2KeyFile', parse: parseApiV2Key, named: 'the API v2 key' });
  }
  return protocol === 'v2' || codeScan === 'v2'
    ? failed('apiV2KeyFile is not given', 'Set an API v2 key at the merchant platform and name its file.')
    : skipped('none given: notifies of API v2 are not taken');
}

type ApiKey = {
  readonly setting: string;
  readonly parse: (text: string) => string | undefined;
  readonly named: string;
};

async function checkApiKey(place: Place, file: string, { setting, parse, named }: ApiKey): Promise<Finding> {
  const text = await readKeyFile(place, file, setting);
  if (typeof text !== 'string') return text;
  if (parse(text) !== undefined) return ok('32 bytes');
  const bytes = Buffer.byteLength(text.replace(/\r?\n$/, ''));
  return failed(
    `${named} has ${bytes} bytes instead of 32`,
    'Write exactly the 32 characters set at the merchant platform into the file, without quotes, spaces or a byte order mark.',
  );
}

export async function checkPermissions(place: Place): Promise<Finding> {
  const { privateKeyFile, apiV3KeyFile, apiV2KeyFile, webhook } = place.entry;
  const names = [privateKeyFile, apiV3KeyFile, apiV2KeyFile, ...(webhook?.secretFiles ?? [])];
  const files = names.flatMap((name) => (name === undefined ? [] : [pathOf(place, name)]));
  const open = await readableForAll(files);
  if (open.length === 0) return ok('no key is readable for every user of this machine');
  return warning(
    `every user of this machine may read ${open.map((file) => basename(file)).join(', ')}`,
    `Run chmod 600 on them as their owner, or --fix.`,
    () => closeFiles(open),
  );
}
