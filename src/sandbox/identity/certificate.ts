import { createHash, createPrivateKey, createPublicKey, randomBytes, sign, type KeyObject } from 'node:crypto';
import { der } from './der.js';

export interface Name {
  commonName: string;
  organization: string;
  unit: string;
}

export interface CertificateRequest {
  subject: Name;
  publicKeyPem: string;
  issuer: Name;
  issuerPrivateKeyPem: string;
  notBefore: Date;
  notAfter: Date;
  authority: boolean;
}

export interface Certificate {
  /** 40 upper-case hexadecimal digits, as WeChat Pay shows serials. */
  serialNo: string;
  pem: string;
}

/** Issues an X.509 v3 certificate signed with sha256WithRSAEncryption (RFC 5280). */
export function issueCertificate(request: CertificateRequest): Certificate {
  const serial = newSerial();
  const publicKey = createPublicKey(request.publicKeyPem);
  const issuerKey = createPrivateKey(request.issuerPrivateKeyPem);
  const body = der.sequence(
    der.explicit(0, der.integer(Buffer.of(2))),
    der.integer(serial),
    sha256WithRsa,
    distinguishedName(request.issuer),
    der.sequence(der.time(request.notBefore), der.time(request.notAfter)),
    distinguishedName(request.subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der.explicit(3, extensions(request.authority, publicKey, createPublicKey(request.issuerPrivateKeyPem))),
  );
  const signature = sign('sha256', body, issuerKey);
  return {
    serialNo: serial.toString('hex').toUpperCase(),
    pem: toPem(der.sequence(body, sha256WithRsa, der.bitString(signature))),
  };
}

const sha256WithRsa = der.sequence(der.objectId('1.2.840.113549.1.1.11'), der.null());

/** 20 bytes with a first byte of 0x10..0x7f: positive, and always 40 digits long. */
function newSerial(): Buffer {
  const serial = randomBytes(20);
  serial[0] = 0x10 + ((serial[0] ?? 0) % 0x70);
  return serial;
}

function distinguishedName(name: Name): Buffer {
  const attribute = (oid: string, value: Buffer) => der.set(der.sequence(der.objectId(oid), value));
  return der.sequence(
    attribute('2.5.4.6', der.printableString('CN')),
    attribute('2.5.4.10', der.utf8String(name.organization)),
    attribute('2.5.4.11', der.utf8String(name.unit)),
    attribute('2.5.4.3', der.utf8String(name.commonName)),
  );
}

function extensions(authority: boolean, subjectKey: KeyObject, issuerKey: KeyObject): Buffer {
  const critical = (oid: string, value: Buffer) =>
    der.sequence(der.objectId(oid), der.boolean(true), der.octetString(value));
  const basicConstraints = authority ? der.sequence(der.boolean(true)) : der.sequence();
  // keyCertSign and cRLSign for the authority; digitalSignature, nonRepudiation, keyEncipherment for the others.
  const keyUsage = authority ? der.bitString(Buffer.of(0x06), 1) : der.bitString(Buffer.of(0xe0), 5);
  const plain = (oid: string, value: Buffer) => der.sequence(der.objectId(oid), der.octetString(value));
  return der.sequence(
    critical('2.5.29.19', basicConstraints),
    critical('2.5.29.15', keyUsage),
    plain('2.5.29.14', der.octetString(keyIdentifier(subjectKey))),
    plain('2.5.29.35', der.sequence(der.implicit(0, keyIdentifier(issuerKey)))),
  );
}

function keyIdentifier(key: KeyObject): Buffer {
  return createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest();
}

function toPem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
