import { beforeAll, describe, expect, it } from 'vitest';
import type { Sql } from 'postgres';
import { onDatabase } from '../support/services.js';
import { MCHID, NOW, OTHER_MCHID, useTestApp } from '../http/support/test-app.js';
import { opsRows } from './support/rows.js';
import { signedIn } from './support/operator.js';

const test = useTestApp();
const ago = (minutes: number): Date => new Date(NOW.getTime() - minutes * 60_000);

let key: string;
let seeded: Awaited<ReturnType<typeof seed>>;
beforeAll(async () => {
  key = (await test.newKey('operator', [MCHID, OTHER_MCHID], 'Li Lei')).key;
  seeded = await onDatabase(test.databaseUrl, seed);
});

/** Sixty orders of tea of a day; one of ¥88 that was paid an hour ago; one that was refused. */
async function seed(sql: Sql) {
  const [mine, others] = [opsRows(sql, MCHID), opsRows(sql, OTHER_MCHID)];
  const many: string[] = [];
  for (let n = 0; n < 60; n += 1)
    many.unshift(await mine.waiting({ createdAt: ago(200 - n), description: `红茶 ${n}` }));
  const paid = await others.paid({ paidAt: ago(60), foundBy: 'notify', amountFen: 8_800 });
  const refused = await others.closed({ createdAt: ago(30), reason: 'rejected' });
  const expired = await others.closed({ createdAt: ago(40) });
  const stuck = await mine.waiting({ createdAt: ago(20), stuck: 'merchant_config', since: ago(10) });
  const refund = await others.refund(paid, { createdAt: ago(50), state: 'processing', totalFen: 8_800 });
  return { many, paid, refused, expired, stuck, refund };
}

const operator = () => signedIn(test, key);
const read = async (path: string) => (await (await operator()).get(path, { 'Accept-Language': 'en' })).text();
const ordersOn = (page: string): string[] => [...page.matchAll(/data-order="([^"]+)"/g)].map((found) => found[1] ?? '');
const list = async (query: string): Promise<string[]> => ordersOn(await read(`/ops/orders?${query}`));

describe('/ops/orders', () => {
  it.each<[string, () => string[]]>([
    ['amount=88', () => [seeded.paid]],
    ['amount=%EF%BF%A588.00&by=paid', () => [seeded.paid]],
    ['by=paid&from=2026-03-01T16:59&to=2026-03-01T17:01', () => [seeded.paid]],
    ['by=paid&from=2026-03-01T17:01', () => []],
    ['state=paid', () => [seeded.paid]],
    ['state=closed', () => [seeded.refused, seeded.expired]],
    ['state=closed.rejected', () => [seeded.refused]],
    ['state=stuck', () => [seeded.stuck]],
    ['q=%E7%BA%A2%E8%8C%B6+59', () => [seeded.many[0] ?? '']],
    ['q=tea&state=closed.rejected&amount=9', () => [seeded.refused]],
    ['q=tea&by=paid&amount=88', () => [seeded.paid]],
    [`mchid=${OTHER_MCHID}&q=tea`, () => [seeded.refused, seeded.expired, seeded.paid]],
  ])('%s: has what the address asks for', async (query, expected) => {
    expect(await list(query)).toEqual(expected());
  });

  it.each(['', 'q=%E7%BA%A2%E8%8C%B6', 'state=awaitingPayment&from=2026-01-01T00:00'])(
    '%s: leads from page to page, and keeps what was asked',
    async (query) => {
      const seen: string[] = [];
      let path: string | undefined = `/ops/orders?${query}`;
      while (path !== undefined) {
        const page: string = await read(path);
        seen.push(...ordersOn(page));
        path = /<a class="button" rel="next" href="([^"]+)"/.exec(page)?.[1]?.replaceAll('&amp;', '&');
        if (path !== undefined) expect(decodeURIComponent(path)).toContain(decodeURIComponent(query));
      }
      expect(seen.filter((it) => seeded.many.includes(it))).toEqual(seeded.many);
      expect(new Set(seen).size).toBe(seen.length);
    },
  );

  it.each([
    ['q=x', 'q', 'invalid'],
    ['amount=8,8.8.8', 'amount', 'invalid'],
    ['amount=0', 'amount', 'invalid'],
    ['state=none', 'state', 'invalid'],
    ['from=2026-02-30T10:00', 'from', 'invalid'],
    ['from=2026-03-02T10:00&to=2026-03-02T10:00', 'to', 'range'],
    ['by=closed', 'by', 'invalid'],
    ['by=paid&state=closed', 'state', 'together'],
    ['amount=88&state=stuck', 'amount', 'together'],
  ])('%s: says what is wrong with %s, and keeps what was typed', async (query, field, why) => {
    const answer = await (await operator()).get(`/ops/orders?${query}`, { 'Accept-Language': 'en' });
    const page = await answer.text();
    expect(answer.status).toBe(400);
    expect(page).toContain(`id="wrong-${field}" role="alert" data-wrong="${why}"`);
    const typed = new URLSearchParams(query).get(field) ?? '';
    if (['q', 'amount', 'from', 'to'].includes(field)) expect(page).toContain(`name="${field}"`);
    if (['q', 'amount'].includes(field)) expect(page).toContain(`value="${typed}"`);
    expect(ordersOn(page)).toEqual([]);
  });

  it('refuses a cursor of another list', async () => {
    const { get } = await operator();
    const page = await (await get('/ops/orders')).text();
    const cursor = /cursor=([^"&]+)/.exec(page)?.[1] ?? '';
    expect((await get(`/ops/orders?q=tea&cursor=${cursor}`)).status).toBe(400);
  });
});

describe('/ops/refunds', () => {
  it.each(['', 'state=unsettled', 'state=processing', 'cause=shop', 'amount=1', 'q=ops', 'from=2026-03-01T17:00'])(
    '%s: has what the address asks for',
    async (query) => {
      const page = await read(`/ops/refunds?${query}`);
      expect(page).toContain(`data-refund="${seeded.refund}"`);
      expect(page).toContain(`href="/ops/orders/${OTHER_MCHID}/${seeded.paid}"`);
    },
  );

  it('has none that is not asked for', async () => {
    for (const query of ['state=succeeded', 'amount=2', 'q=nothing', `mchid=${MCHID}`])
      expect(await read(`/ops/refunds?${query}`)).not.toContain('data-refund=');
    expect((await (await operator()).get('/ops/refunds?amount=1&cause=shop')).status).toBe(400);
  });
});

it('every tile of the overview leads to what it counts', async () => {
  const page = await read('/ops');
  const tiles = [...page.matchAll(/<li class="tile[^"]*"[^>]*>(.*?)<\/li>/gs)].map(([, tile = '']) => tile);
  const links = tiles.map((tile) => /href="([^"]+)"/.exec(tile)?.[1]?.replaceAll('&amp;', '&') ?? '');
  expect(links).toEqual([
    ...['/ops/stuck', '/ops/stuck?reason=review', '/ops/orders?state=awaitingPayment', '/ops/orders?state=creating'],
    ...['/ops/refunds?state=unsettled', '/ops/approvals', '/ops/stuck?reason=shop_unreachable', '/ops/inbox'],
    ...['/ops/orders?by=paid&from=2026-02-28T19%3A00', '/ops/orders?state=closed&from=2026-02-28T19%3A00'],
    ...['/ops/orders?state=closed.rejected&from=2026-02-28T19%3A00', '#chart-errors'],
  ]);
  for (const link of links.filter((it) => it.startsWith('/')))
    expect((await (await operator()).get(link)).status).toBe(200);
  expect(ordersOn(await read(links[8] ?? ''))).toEqual([seeded.paid]);
  expect(ordersOn(await read(links[10] ?? ''))).toEqual([seeded.refused]);
});
