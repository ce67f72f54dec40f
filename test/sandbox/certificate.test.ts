import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { der } from '../../src/sandbox/identity/certificate.js';
import { generateKeys, issueAuthority, issueMerchant } from '../../src/sandbox/identity/issue.js';

const now = new Date('2026-01-02T03:04:05Z');
const authority = await issueAuthority(generateKeys, now);
const merchant = await issueMerchant({ mchid: '1600000001', appids: [] }, authority, generateKeys, now);
const platform = merchant.platformCertificates[0];

describe('a sandbox certificate', () => {
  it('is an X.509 certificate of the key it came with, signed by the sandbox authority', () => {
    const root = new X509Certificate(authority.certificatePem);
    const certificate = new X509Certificate(merchant.certificatePem);
    expect(certificate.serialNumber).toBe(merchant.serialNo);
    expect(certificate.serialNumber).toMatch(/^[0-9A-F]{40}$/);
    expect(certificate.subject).toContain('CN=1600000001');
    expect(certificate.issuer).toBe(root.subject);
    expect(certificate.verify(root.publicKey)).toBe(true);
    expect(certificate.checkPrivateKey(createPrivateKey(merchant.privateKeyPem))).toBe(true);
    expect([certificate.ca, root.ca]).toEqual([false, true]);
    expect(certificate.publicKey.asymmetricKeyDetails?.modulusLength).toBe(2048);
    expect(new Date(certificate.validFrom)).toEqual(now);
    expect(new Date(certificate.validTo)).toEqual(new Date('2031-01-02T03:04:05Z'));
  });

  it('satisfies openssl, chain included', () => {
    const dir = mkdtempSync(join(tmpdir(), 'sandbox-certificate-'));
    const file = (name: string, pem: string) => (writeFileSync(join(dir, name), pem), join(dir, name));
    const root = file('root.pem', authority.certificatePem);
    for (const [name, pem] of [
      ['merchant.pem', merchant.certificatePem],
      ['platform.pem', platform?.certificatePem ?? ''],
    ] as const) {
      const path = file(name, pem);
      const verdict = execFileSync('openssl', [
        'verify',
        '-x509_strict',
        '-no_check_time',
        '-CAfile',
        root,
        path,
      ]).toString();
      expect(verdict.trim()).toBe(`${path}: OK`);
      const text = execFileSync('openssl', ['x509', '-in', path, '-noout', '-text']).toString();
      expect(text).toContain('sha256WithRSAEncryption');
      expect(text).toContain('CA:FALSE');
      expect(text).toContain('Digital Signature, Non Repudiation, Key Encipherment');
    }
  });
});

describe('DER', () => {
  it.each<[string, Buffer, string]>([
    ['a short length', der.octetString(Buffer.alloc(127)), '047f'],
    ['a long length in one byte', der.octetString(Buffer.alloc(128)), '048180'],
    ['a long length in two bytes', der.octetString(Buffer.alloc(256)), '04820100'],
    ['an integer whose first bit is set', der.integer(Buffer.of(0x80)), '02020080'],
    ['an integer', der.integer(Buffer.of(0x7f)), '02017f'],
    ['an object identifier', der.objectId('1.2.840.113549.1.1.11'), '06092a864886f70d01010b'],
    ['a UTCTime', der.time(new Date('2049-12-31T23:59:59Z')), '170d3439313233313233353935395a'],
    ['a GeneralizedTime from 2050', der.time(new Date('2050-01-01T00:00:00Z')), '180f32303530303130313030303030305a'],
    ['a bit string', der.bitString(Buffer.of(0xe0), 5), '030205e0'],
  ])('encodes %s as X.690 says', (_, encoded, hex) => {
    expect(encoded.toString('hex').startsWith(hex)).toBe(true);
  });
});
