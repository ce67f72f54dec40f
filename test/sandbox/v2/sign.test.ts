import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import wechatpay from 'wechatpay-axios-plugin';
import { isSignedWith, signatureOf, type SignType } from '../../../src/sandbox/wire/v2/sign.js';

const { Hash } = wechatpay as unknown as {
  Hash: { sign(type: string, fields: Record<string, string>, key: string): string };
};

/** Published by WeChat Pay, chapter 4.3 of its documentation of API v2. */
const key = '192006250b4c09247ec02edce69f6a2d';
const published = new Map([
  ['appid', 'wxd930ea5d5a258f4f'],
  ['mch_id', '10000100'],
  ['device_info', '1000'],
  ['body', 'test'],
  ['nonce_str', 'ibuaiVcKdpRxkhJA'],
]);
const signatures = {
  MD5: '9A0A8659F005D6984697E2CA0A9CF3B7',
  'HMAC-SHA256': '6A9AE1657590FD6257D693A078E1C3E4BB6BA4DC30B23E0EE2496E54170DACD6',
} as const;
const types = ['MD5', 'HMAC-SHA256'] as const satisfies SignType[];

describe.each(types)('a signature of type %s', (type) => {
  it('is the published one', () => {
    expect(signatureOf(published, key, type)).toBe(signatures[type]);
  });

  it('knows neither itself nor empty values, but every other field', () => {
    const more = new Map([...published, ['sign', 'anything'], ['attach', '']]);
    expect(signatureOf(more, key, type)).toBe(signatures[type]);
    expect(isSignedWith(new Map([...more, ['sign', signatures[type]]]), key, type)).toBe(true);
    expect(isSignedWith(new Map([...more, ['sign', signatures[type]], ['new_field', '1']]), key, type)).toBe(false);
    expect(isSignedWith(new Map([...more, ['sign', signatures[type]], ['sign_type', type]]), key, type)).toBe(false);
  });

  it('does not fit without a sign, with another, in lower case, or cut short', () => {
    const given = [
      undefined,
      '',
      signatures[type].toLowerCase(),
      signatures[type].slice(1),
      '0'.repeat(32),
      '0'.repeat(64),
    ];
    for (const sign of given) {
      const fields = sign === undefined ? published : new Map([...published, ['sign', sign]]);
      expect(isSignedWith(fields, key, type)).toBe(false);
    }
  });

  it('is that of another implementation, for any fields', () => {
    const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,12}$/).filter((text) => text !== '__proto__');
    fc.assert(
      fc.property(fc.dictionary(name, fc.string({ unit: 'grapheme' })), (fields) => {
        expect(signatureOf(new Map(Object.entries(fields)), key, type)).toBe(Hash.sign(type, fields, key));
      }),
    );
  });
});
