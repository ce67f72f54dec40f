import { createPrivateKey, createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';

/** Readers of what a merchant is given as files. `undefined`: it is something else; never says what it was. */
export function parsePrivateKey(pem: string): KeyObject | undefined {
  return rsa(() => createPrivateKey(pem));
}

export function parsePublicKey(pem: string): KeyObject | undefined {
  return rsa(() => createPublicKey(pem));
}

/** What the merchant platform shows beside WeChat Pay's public key; where a key is named by its ID, no certificate serial is. */
export const isPublicKeyId = (text: string): boolean => /^PUB_KEY_ID_[0-9]+$/.test(text);

/** An X.509 certificate; its serial as WeChat Pay names it, in upper case. */
export type Certificate = {
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
export function parseApiV3Key(text: string): string | undefined {
  const key = text.replace(/\r?\n$/, '');
  return Buffer.byteLength(key) === 32 ? key : undefined;
}

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

/** How the text of a key file is read, and what to say of one that is something else. */
export type KeyKind<T> = { readonly parse: (text: string) => T | undefined; readonly otherwise: string };

/** The key files of one merchant. `field` says where its name stands, for whoever must repair it. */
export type KeyFiles = {
  read<T>(field: string, name: string, kind: KeyKind<T>): Promise<T>;
  problem(field: string, text: string): Error;
};
