import { createHash, createPublicKey, randomBytes, sign, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';

export interface Name {
  commonName: string;
  organization: string;
  unit: string;
}

interface CertificateRequest {
  subject: Name;
  publicKeyPem: string;
  issuer: Name;
  issuerPrivateKeyPem: string;
  notBefore: Date;
  notAfter: Date;
  authority: boolean;
  /** Addresses and host names that a server with it answers to. */
  hosts?: readonly string[];
}

/** Issues an X.509 v3 certificate (RFC 5280). WeChat Pay shows serials as 40 upper-case hexadecimal digits. */
export function issueCertificate(request: CertificateRequest): { serialNo: string; pem: string } {
  const serial = newSerial();
  const publicKey = spkiOf(request.publicKeyPem);
  const body = der.sequence(
    der.explicit(0, der.integer(Buffer.of(2))),
    der.integer(serial),
    sha256WithRsa,
    distinguishedName(request.issuer),
    der.sequence(der.time(request.notBefore), der.time(request.notAfter)),
    distinguishedName(request.subject),
    publicKey,
    der.explicit(3, extensions(request, publicKey, spkiOf(request.issuerPrivateKeyPem))),
  );
  const signature = sign('sha256', body, request.issuerPrivateKeyPem);
  return {
    serialNo: serial.toString('hex').toUpperCase(),
    pem: new X509Certificate(der.sequence(body, sha256WithRsa, der.bitString(signature))).toString(),
  };
}

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

function extensions({ authority, hosts = [] }: CertificateRequest, subjectKey: Buffer, issuerKey: Buffer): Buffer {
  const plain = (oid: string, value: Buffer) => der.sequence(der.objectId(oid), der.octetString(value));
  const critical = (oid: string, value: Buffer) =>
    der.sequence(der.objectId(oid), der.boolean(true), der.octetString(value));
  const basicConstraints = authority ? der.sequence(der.boolean(true)) : der.sequence();
  // keyCertSign and cRLSign for the authority; digitalSignature, nonRepudiation, keyEncipherment for the others.
  const keyUsage = authority ? der.bitString(Buffer.of(0x06), 1) : der.bitString(Buffer.of(0xe0), 5);
  return der.sequence(
    critical('2.5.29.19', basicConstraints),
    critical('2.5.29.15', keyUsage),
    plain('2.5.29.14', der.octetString(keyIdentifier(subjectKey))),
    plain('2.5.29.35', der.sequence(der.implicit(0, keyIdentifier(issuerKey)))),
    ...(hosts.length === 0 ? [] : [plain('2.5.29.17', der.sequence(...hosts.map(alternativeName)))]),
  );
}

function alternativeName(host: string): Buffer {
  return isIP(host) === 0 ? der.implicit(2, Buffer.from(host, 'ascii')) : der.implicit(7, addressBytes(host));
}

/** 4 or 16 bytes, in the order of the network. */
function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number));
  const [before = '', after = ''] = address.replace(/%.*$/, '').split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const zeros = 8 - groups(before).length - groups(after).length;
  const all = [...groups(before), ...Array<string>(Math.max(0, zeros)).fill('0'), ...groups(after)];
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

const spkiOf = (pem: string): Buffer => createPublicKey(pem).export({ type: 'spki', format: 'der' });
const keyIdentifier = (spki: Buffer): Buffer => createHash('sha1').update(spki).digest();

/** The part of the Distinguished Encoding Rules (X.690) that an X.509 certificate needs. */
export const der = {
  sequence: (...items: Buffer[]) => tagged(0x30, Buffer.concat(items)),
  set: (...items: Buffer[]) => tagged(0x31, Buffer.concat(items)),
  /** An unsigned big-endian number; a leading zero keeps it positive. */
  integer: (bytes: Buffer) => tagged(0x02, (bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes),
  boolean: (value: boolean) => tagged(0x01, Buffer.of(value ? 0xff : 0x00)),
  null: () => tagged(0x05, Buffer.alloc(0)),
  bitString: (bytes: Buffer, unusedBits = 0) => tagged(0x03, Buffer.concat([Buffer.of(unusedBits), bytes])),
  octetString: (bytes: Buffer) => tagged(0x04, bytes),
  utf8String: (text: string) => tagged(0x0c, Buffer.from(text)),
  printableString: (text: string) => tagged(0x13, Buffer.from(text, 'ascii')),
  objectId: (dotted: string) => tagged(0x06, encodeObjectId(dotted)),
  time: encodeTime,
  explicit: (n: number, content: Buffer) => tagged(0xa0 | n, content),
  implicit: (n: number, content: Buffer) => tagged(0x80 | n, content),
};

function tagged(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.of(tag), encodeLength(content.length), content]);
}

function encodeLength(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest >>>= 8) bytes.unshift(rest & 0xff);
  return Buffer.of(0x80 | bytes.length, ...bytes);
}

function encodeObjectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return Buffer.from([first * 40 + second, ...rest.flatMap(base128)]);
}

function base128(arc: number): number[] {
  const bytes = [arc & 0x7f];
  for (let rest = arc >>> 7; rest > 0; rest >>>= 7) bytes.unshift((rest & 0x7f) | 0x80);
  return bytes;
}

/** RFC 5280: UTCTime through 2049, GeneralizedTime after. */
function encodeTime(at: Date): Buffer {
  const digits = at.toISOString().replace(/[-:T]|\.\d+/g, '');
  return at.getUTCFullYear() < 2050
    ? tagged(0x17, Buffer.from(digits.slice(2), 'ascii'))
    : tagged(0x18, Buffer.from(digits, 'ascii'));
}

const sha256WithRsa = der.sequence(der.objectId('1.2.840.113549.1.1.11'), der.null());
