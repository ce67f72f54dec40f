import { createPrivateKey, createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';

/** Readers of what a merchant is given as files. `undefined`: it is something else; never says what it was. */
export function parsePrivateKey(pem: string): KeyObject | undefined {
  return rsa(() => createPrivateKey(pem));
}

export function parsePublicKey(pem: string): KeyObject | undefined {
  return rsa(() => createPublicKey(pem));
}

/** A platform certificate: its serial as WeChat Pay names it (upper case), and its key. */
export function parseCertificate(pem: string): { serialNo: string; publicKey: KeyObject } | undefined {
  const certificate = attempt(() => new X509Certificate(pem));
  return certificate && { serialNo: certificate.serialNumber.toUpperCase(), publicKey: certificate.publicKey };
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
