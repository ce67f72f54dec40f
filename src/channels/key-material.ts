import { createPrivateKey, createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';

/** Readers of a merchant's key files: `undefined` for anything else, and never a word of what it was. */
export const parsePrivateKey = (pem: string): KeyObject | undefined => rsa(() => createPrivateKey(pem));
export const parsePublicKey = (pem: string): KeyObject | undefined => rsa(() => createPublicKey(pem));

/** The merchant platform shows it beside WeChat Pay's public key; no certificate serial begins so. */
export const isPublicKeyId = (text: string): boolean => /^PUB_KEY_ID_[0-9]+$/.test(text);

export type Certificate = {
  /** In upper case, as WeChat Pay names it. */
  readonly serialNo: string;
  readonly publicKey: KeyObject;
  readonly validFrom: Date;
  readonly validTo: Date;
};

export function parseCertificate(pem: string): Certificate | undefined {
  const certificate = attempt(() => new X509Certificate(pem));
  return (
    certificate && {
      serialNo: certificate.serialNumber.toUpperCase(),
      publicKey: certificate.publicKey,
      validFrom: new Date(certificate.validFrom),
      validTo: new Date(certificate.validTo),
    }
  );
}

/** 32 bytes; a line end after them is the editor's. */
function parseApiKey(text: string): string | undefined {
  const key = text.replace(/\r?\n$/, '');
  return Buffer.byteLength(key) === 32 ? key : undefined;
}

export const parseApiV3Key = parseApiKey;
export const parseApiV2Key = parseApiKey;

function rsa(parse: () => KeyObject): KeyObject | undefined {
  const key = attempt(parse);
  return key?.asymmetricKeyType === 'rsa' ? key : undefined;
}

function attempt<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}

/** `otherwise`: what to say of a file that `parse` cannot read. */
export type KeyKind<T> = { readonly parse: (text: string) => T | undefined; readonly otherwise: string };

/** The key files of one merchant. `field` is the place of a file's name in the merchants file. */
export type KeyFiles = {
  read<T>(field: string, name: string, kind: KeyKind<T>): Promise<T>;
  problem(field: string, text: string): Error;
};
