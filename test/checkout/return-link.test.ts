import { describe, expect, test } from 'vitest';
import { returnLink } from '../../src/checkout/return-link.js';
import { parseMchid, parseOrderNo } from '../../src/base/ids.js';
import { read } from '../docs/documents.js';
import { value } from './support/checkout-order.js';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const NOW = new Date('2026-03-01T12:00:00.900Z');
const SHOP = 'https://shop.example.com';
const signing = { returnOrigins: [SHOP], webhook: { secrets: [SECRET, 'whsec_older'] } };
const order = {
  mchid: value(parseMchid('1900000001')),
  orderNo: value(parseOrderNo('A-1001')),
  state: 'paid',
  returnUrl: `${SHOP}/orders?id=7`,
} as const;

/** Made by openssl, not by our code. */
const VECTOR =
  'https://shop.example.com/orders?id=7&paysaga_order=A-1001&paysaga_state=paid&paysaga_time=1772366400&paysaga_signature=ed882e5f79706378502228d5b06fa231d821a6b7c89f37dcd32f803d42af663f';

type HintsOf = (url: string, mchid: string, secret: string) => object | undefined;

/** The code that the guide gives to shops. */
async function hintsIn(guide: string): Promise<HintsOf> {
  const code = /```js\n([^`]*function hintsOf[^]*?)```/.exec(read(guide).text)?.[1] ?? '';
  const module = `data:text/javascript,${encodeURIComponent(`${code}\nexport { hintsOf };`)}`;
  return ((await import(/* @vite-ignore */ module)) as { hintsOf: HintsOf }).hintsOf;
}

const GUIDES = ['docs/shop.md', 'docs/shop.zh.md'];

describe('the link back to the shop', () => {
  test('is the published one', () => {
    expect(returnLink(signing, order, NOW)).toBe(VECTOR);
  });

  test.each(GUIDES)('is shown by %s as it is, and read by its code', async (guide) => {
    const { text } = read(guide);
    expect(text).toContain(VECTOR);
    expect(text).toContain(SECRET);
    expect(text).toContain(String.raw`paysaga-return\n1900000001\nA-1001\npaid\n1772366400\n`);
    const hintsOf = await hintsIn(guide);
    expect(hintsOf(VECTOR, order.mchid, SECRET)).toEqual({ orderNo: 'A-1001', state: 'paid', time: 1_772_366_400 });
  });

  test.each([
    ['paysaga_order=A-1001', 'paysaga_order=A-1002'],
    ['paysaga_state=paid', 'paysaga_state=closed'],
    ['paysaga_time=1772366400', 'paysaga_time=1772366401'],
    ['signature=ed', 'signature=ee'],
    ['signature=ed', 'signature='],
    ['paysaga_signature', 'signature'],
  ])('is taken no more once %s is %s, nor for another merchant', async (from, to) => {
    for (const guide of GUIDES) {
      const hintsOf = await hintsIn(guide);
      expect(hintsOf(VECTOR.replace(from, to), order.mchid, SECRET)).toBeUndefined();
      expect(hintsOf(VECTOR, '1900000002', SECRET)).toBeUndefined();
    }
  });

  test('keeps what the shop wrote to the byte', () => {
    const bare = { returnOrigins: [SHOP] };
    const linkOf = (rest: string) => returnLink(bare, { ...order, returnUrl: `${SHOP}${rest}` }, NOW);
    expect(linkOf('')).toBe(`${SHOP}?paysaga_order=A-1001`);
    expect(linkOf('/a?b=%20+&&c=%E8%8C%B6')).toBe(`${SHOP}/a?b=%20+&&c=%E8%8C%B6&paysaga_order=A-1001`);
  });

  test.each([null, undefined, { secrets: [] }])(
    'names the order and no state where the shop has no secret: %j',
    (webhook) => {
      const terms = { returnOrigins: [SHOP], ...(webhook === undefined ? {} : { webhook }) };
      expect(returnLink(terms, order, NOW)).toBe(`${SHOP}/orders?id=7&paysaga_order=A-1001`);
    },
  );

  test('is none without a returnUrl, and none to an origin that is declared no more', () => {
    expect(returnLink(signing, { ...order, returnUrl: null }, NOW)).toBeNull();
    expect(returnLink({ ...signing, returnOrigins: ['https://other.example.com'] }, order, NOW)).toBeNull();
    expect(returnLink({}, order, NOW)).toBeNull();
  });
});
