import { createHash, createHmac } from 'node:crypto';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  isSigned,
  SIGN_TYPES,
  signatureOf,
  signKey,
  type SignType,
} from '../../../src/channels/wechatpay-v2/signature.js';
import { runs } from '../../support/property-runs.js';

/** From WeChat Pay's own page about signatures. */
const PUBLISHED = {
  key: signKey('192006250b4c09247ec02edce69f6a2d'),
  fields: {
    appid: 'wxd930ea5d5a258f4f',
    mch_id: '10000100',
    device_info: '1000',
    body: 'test',
    nonce_str: 'ibuaiVcKdpRxkhJA',
  },
};

const KEY = '0123456789abcdef0123456789abcdef';
const key = signKey(KEY);

test.each<[SignType, string]>([
  ['MD5', '9A0A8659F005D6984697E2CA0A9CF3B7'],
  ['HMAC-SHA256', '6A9AE1657590FD6257D693A078E1C3E4BB6BA4DC30B23E0EE2496E54170DACD6'],
])('the published %s signature is made and recognised', (type, sign) => {
  expect(signatureOf(PUBLISHED.fields, PUBLISHED.key, type)).toBe(sign);
  expect(isSigned({ ...PUBLISHED.fields, sign }, PUBLISHED.key)).toBe(true);
  expect(isSigned({ ...PUBLISHED.fields, sign }, key)).toBe(false);
});

const anyName = fc.oneof(
  fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,15}$/),
  fc.constantFrom('sign_type', 'toString', 'constructor', 'key', 'a', 'A', 'a_0', 'coupon_id_10', 'coupon_id_2'),
);
const anyFields = fc
  .dictionary(anyName, fc.string({ unit: 'grapheme', maxLength: 40 }), { maxKeys: 30, noNullPrototype: true })
  .map(({ sign: _, ...fields }) => fields);

/** The rule in other words: bytes compared one by one, and nothing left out but what is empty. */
function byTheRule(fields: Readonly<Record<string, string>>, type: SignType): string {
  const names = Object.keys(fields).sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
  const pairs = names.filter((name) => fields[name] !== '').map((name) => `${name}=${fields[name] ?? ''}`);
  const text = [...pairs, `key=${KEY}`].join('&');
  // Without any field the rule says nothing; WeChat Pay never sends that.
  const hash = type === 'MD5' ? createHash('md5') : createHmac('sha256', KEY);
  return hash.update(text).digest('hex').toUpperCase();
}

test('any fields are signed by the rule, and the sign is recognised by its length alone', () => {
  fc.assert(
    fc.property(anyFields, fc.constantFrom(...SIGN_TYPES), (fields, type) => {
      fc.pre(Object.values(fields).some((value) => value !== ''));
      const sign = signatureOf(fields, key, type);
      expect(sign).toBe(byTheRule(fields, type));
      expect(isSigned({ ...fields, sign }, key)).toBe(true);
      expect(isSigned({ ...fields, sign, of_tomorrow: '' }, key)).toBe(true);
    }),
    runs(200),
  );
});

test('whatever is changed, added or left out of what was signed is noticed', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(anyFields, anyName, text, fc.constantFrom(...SIGN_TYPES), (fields, name, other, type) => {
      fc.pre(name !== 'sign' && fields[name] !== other);
      const sign = signatureOf(fields, key, type);
      expect(isSigned({ ...fields, [name]: other, sign }, key)).toBe(false);
      const { [name]: value = '', ...rest } = fields;
      expect(isSigned({ ...rest, sign }, key)).toBe(!Object.hasOwn(fields, name) || value === '');
    }),
    runs(200),
  );
});

test.each(['', 'A'.repeat(31), 'A'.repeat(32), 'A'.repeat(33), 'é'.repeat(32), 'A'.repeat(64), 'A'.repeat(65)])(
  'a sign %j of anything is none',
  (sign) => {
    expect(isSigned({ ...PUBLISHED.fields, sign }, PUBLISHED.key)).toBe(false);
  },
);

test('a sign in small letters, of another type than its length says, or missing, is none', () => {
  const sign = signatureOf(PUBLISHED.fields, PUBLISHED.key, 'MD5');
  expect(isSigned({ ...PUBLISHED.fields, sign: sign.toLowerCase() }, PUBLISHED.key)).toBe(false);
  expect(isSigned({ ...PUBLISHED.fields, sign: `${sign}${sign}` }, PUBLISHED.key)).toBe(false);
  expect(isSigned(PUBLISHED.fields, PUBLISHED.key)).toBe(false);
});

test('the key is not told by what is logged of it', () => {
  expect(inspect({ key }, { depth: 10, showHidden: true })).not.toContain(KEY);
});
