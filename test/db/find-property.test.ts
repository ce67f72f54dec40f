import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { findOrders, type OrderSearch } from '../../src/orders/store/find.js';
import { listOrders, type OrderPage } from '../../src/orders/store/list.js';
import { projectOrder } from '../../src/orders/store/projection.js';
import type { OrderRecord } from '../../src/orders/rules/record.js';
import { ORDER_STATES } from '../../src/orders/rules/states.js';
import { runs } from '../support/property-runs.js';
import { fileDatabase } from './database.js';
import { closed, CREATED_AT, fen, LATER, mchid, orderNo, paid, projectionOf } from './fixtures.js';

const database = fileDatabase();
const SHOPS = [mchid('1900000041'), mchid('1900000042')] as const;
const GOODS = [
  '明前龙井, 礼盒装 250 克',
  '龙井虾仁',
  'Oolong TEA, ２ cups',
  '茉莉花茶（大杯）',
  'green-tea_set',
  '🍵🍵 tea',
];
const placed: OrderRecord[] = [];
const at = (ms: number): Date => new Date(CREATED_AT.getTime() + ms);

/** Of each shop 60 orders, several in one millisecond, in every state, of three prices. */
beforeAll(async () => {
  for (let n = 0; n < 120; n += 1) placed.push(await place(n, at(Math.floor(n / 5))));
});

async function place(n: number, createdAt: Date): Promise<OrderRecord> {
  const order = await database.place({
    ...{ mchid: SHOPS[n % 2] ?? SHOPS[0], orderNo: orderNo(`A-${String(1000 + n)}-x`), createdAt },
    ...{ amountFen: fen([8_800, 1_200, 100][n % 3] ?? 1), description: GOODS[n % GOODS.length] ?? '' },
    metadata: {
      cart: `c-${String((n * 37) % 50)}`,
      who: { phone: `138${String(n).padStart(8, '0')}` },
      tags: [n % 7, true],
    },
  });
  const state = ORDER_STATES[n % 4];
  const projection =
    state === 'paid'
      ? paid(order)
      : state === 'closed'
        ? closed(order)
        : projectionOf(order, { state: state ?? 'creating' });
  return (await projectOrder(database.db, projection, LATER)).record;
}

/** Every row, in the words of the documentation and without an index. */
function naive({ mchids, q, state, amountFen, createdFrom, createdTo, paidFrom }: Asked): OrderRecord[] {
  return placed
    .filter(
      (it) =>
        mchids.includes(it.mchid) &&
        (state === undefined || it.state === state) &&
        (amountFen === undefined || it.amountFen === amountFen) &&
        (createdFrom === undefined || it.createdAt >= createdFrom) &&
        (createdTo === undefined || it.createdAt < createdTo) &&
        (paidFrom === undefined || (it.paidAt !== null && it.paidAt >= paidFrom)) &&
        (q === undefined || hasNumber(it, q) || hasWords(it, q)),
    )
    .toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime() || (a.orderNo < b.orderNo ? 1 : -1));
}

const hasNumber = (it: OrderRecord, q: string): boolean =>
  it.orderNo === q || it.attempts.some((attempt) => attempt.outTradeNo === q || attempt.transactionId === q);

const wordsOf = (text: string): string[] =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .match(/[0-9a-z_-]+|[\u2e80-\uffff\u{10000}-\u{fffff}]+/gu)
    ?.map((word) => word.replace(/^[-_]+/, ''))
    .filter((word) => word !== '') ?? [];

function hasWords(it: OrderRecord, q: string): boolean {
  const asked = wordsOf(q);
  const values = Object.values(it.metadata ?? {}).flatMap(
    (value) => JSON.stringify(value).match(/"(?!\w+":)[^"]*"|\d+/g) ?? [],
  );
  const known = wordsOf([it.orderNo, it.description, ...values].join(' '));
  const has = (word: string): boolean =>
    word >= '\u2e80'
      ? known.some((other) => other.includes(word))
      : known.some((other) =>
          [other, ...other.split(/(?<=[-_])/).map((_, n, parts) => parts.slice(n).join('')), last4(other)].some(
            (part) => part.startsWith(word),
          ),
        );
  return asked.some((word) => /../su.test(word)) && asked.every(has);
}

const last4 = (word: string): string => (/[0-9]{7}$/.test(word) ? word.slice(-4) : '');

type Asked = Omit<OrderSearch, 'q' | 'limit' | 'cursor'> & { readonly q?: string | undefined };

const pageFor = (search: Asked & { limit: number; cursor?: string | undefined }): Promise<OrderPage | 'bad_cursor'> =>
  search.q === undefined ? listOrders(database.db, search) : findOrders(database.db, { ...search, q: search.q });

const words = fc.constantFrom(
  ...[
    '龙井',
    '明前龙井',
    '茶',
    '花茶',
    '井虾',
    'tea',
    'TEA',
    'te',
    'te 龙',
    'oolon',
    'Oolong cup',
    'set',
    'green-tea_set',
    '2',
  ],
  ...[
    'A-1007-x',
    'A-10',
    'A-',
    'a-101',
    '1010',
    'c-37',
    '37',
    '13800000042',
    '138000',
    '0042',
    'wx-A-1006-x',
    '🍵🍵',
    'tea 明前',
    '--',
  ],
  ...['A-1000 龙井', 'phone', '克 龙井', 'true', '龙井 明前'],
);

const asked: fc.Arbitrary<Asked & { limit: number }> = fc.record({
  mchids: fc.constantFrom([SHOPS[0]], [SHOPS[1]], [...SHOPS]),
  q: fc.option(words, { nil: undefined }),
  state: fc.option(fc.constantFrom(...ORDER_STATES), { nil: undefined }),
  amountFen: fc.option(fc.constantFrom(8_800, 100, 77), { nil: undefined }),
  createdFrom: fc.option(fc.integer({ min: 0, max: 24 }).map(at), { nil: undefined }),
  createdTo: fc.option(fc.integer({ min: 0, max: 30 }).map(at), { nil: undefined }),
  limit: fc.integer({ min: 1, max: 9 }),
  lookAt: fc.integer({ min: 1, max: 20 }),
});

let later = 1_000;

test('a list has every order that is asked for once, newest first, over its pages, while others are placed', async () => {
  await fc.assert(
    fc.asyncProperty(asked, async (search) => {
      const expected = naive(search);
      const known = new Set(placed.map((it) => it.orderNo));
      const seen: OrderRecord[] = [];
      let cursor: string | undefined;
      do {
        const page = await pageFor({ ...search, cursor });
        if (page === 'bad_cursor') throw new Error('a cursor of its own');
        expect(page.items.length).toBeLessThanOrEqual(search.limit);
        seen.push(...page.items);
        cursor = page.nextCursor ?? undefined;
        // Newer than all, and among the old ones.
        later += 2;
        for (const ms of [later, 7])
          await database.place({ mchid: SHOPS[0], createdAt: at(ms), description: '龙井 tea' });
      } while (cursor !== undefined);
      expect(seen.filter((it) => known.has(it.orderNo)).map((it) => it.orderNo)).toEqual(
        expected.map((it) => it.orderNo),
      );
      expect(new Set(seen.map((it) => it.orderNo)).size).toBe(seen.length);
    }),
    runs(60),
  );
}, 120_000);

test('the naive filter finds something, so that the property says something', () => {
  const found = fc.sample(words, 200).filter((q) => naive({ mchids: [...SHOPS], q }).length > 0);
  expect(found.length).toBeGreaterThan(100);
});
