import { beforeAll, beforeEach, expect, it } from 'vitest';
import { CSV_BOM } from '../../../src/base/csv.js';
import { formatAmount } from '../../../src/base/money.js';
import { projectOrder } from '../../../src/orders/store/projection.js';
import type { Statement } from '../../../src/statements/rules/statement.js';
import { paid } from '../../db/fixtures.js';
import { json, MCHID, OTHER_MCHID, useTestApp } from '../../http/support/test-app.js';
import { signedIn, type Operator } from '../../ops/support/operator.js';

const test = useTestApp();
const PERIOD = 'from=2026-02-27&to=2026-03-02';

let operator: Operator;
beforeAll(async () => {
  test.reset();
  for (const [product, amountFen, paidAt] of [
    ['native', 123_456, '2026-02-27T15:59:59Z'],
    ['native', 205, '2026-02-27T16:00:00Z'],
    ['app', 3_000, '2026-03-01T04:00:00Z'],
    ['app', 77, '2026-03-02T16:00:00Z'],
  ] as const) {
    const number = await test.placeOrder({ product, amountFen });
    const projection = { ...paid(await test.load(number)), paidAtMs: Date.parse(paidAt) };
    await projectOrder(test.connection.db, projection, test.clock.now);
  }
});
beforeEach(async () => {
  operator = await signedIn(test, (await test.operatorKey()).key);
});

const read = async (query: string) => (await operator.get(`/ops/statements?${query}&lang=en`)).text();
const rowsOf = (html: string) =>
  [...html.matchAll(/<tr data-group="([^"]+)">([^]*?)<\/tr>/g)].map(([, group, row = '']) => [
    group,
    ...[...row.matchAll(/<div class="cell">([^]*?)<\/div>/g)]
      .map(([, cell = '']) => cell.replace(/<[^>]*>/g, ''))
      .slice(1),
  ]);

it.each(['day', 'month', 'product', 'appid'])('by %s says to the fen what the API says', async (groupBy) => {
  const answer = await test.send('GET', `/v1/statements?${PERIOD}&groupBy=${groupBy}`);
  const { items, totals } = await json<Statement>(answer);
  const sum = (fen: number) => (fen === 0 ? '—' : formatAmount(fen));
  const cells = (group: string, it: Statement['totals']) => [
    ...[group, String(it.paidCount), sum(it.paidFen), String(it.refundedCount), sum(it.refundedFen)],
    ...[formatAmount(it.netFen), String(it.returnedCount), sum(it.returnedFen)],
    ...[it.feesFen, it.settledFen].map((fen) => (fen === null ? '' : formatAmount(fen))),
  ];
  expect(totals.paidFen).toBe(126_661);
  expect(rowsOf(await read(`${PERIOD}&groupBy=${groupBy}`))).toEqual([
    ...items.map(({ group, ...it }) => cells(group, it)),
    cells('totals', totals),
  ]);
});

it('draws by day, product and appid what its tables say', async () => {
  const html = await read(PERIOD);
  const models = [...html.matchAll(/data-model="([^"]+)"/g)].map(
    ([, model = '']) =>
      JSON.parse(model.replaceAll('&quot;', '"')) as { id: string; labels: string[]; series: { values: number[] }[] },
  );
  expect(models.map(({ id, labels, series }) => [id, labels, series[0]?.values])).toEqual([
    ['day', ['02-27', '02-28', '03-01', '03-02'], [123_456, 205, 3_000, 0]],
    ['product', ['App', 'Native'], [3_000, 123_661]],
    ['appid', ['wxapp', 'wxnative'], [3_000, 123_661]],
  ]);
  expect(html).toMatch(/id="chart-table-product"[^]*?<bdi>App<\/bdi>[^]*?¥30\.00/);
  expect(await read(`${PERIOD}&groupBy=month`)).toContain('data-chart="month"');
});

it('shows this month unasked, and offers yesterday, this month and the last', async () => {
  const html = await read('');
  expect(html).toMatch(/name="from" type="date" value="2026-03-01"/);
  expect(html).toMatch(/name="to" type="date" value="2026-03-01"/);
  const offered = [...html.matchAll(/href="\/ops\/statements\?(mchid[^"]+)"/g)].map(([, query = '']) =>
    query.replaceAll('&amp;', '&').replace(`mchid=${MCHID}&`, ''),
  );
  expect(offered).toEqual([
    'from=2026-02-28&to=2026-02-28&groupBy=day',
    'from=2026-03-01&to=2026-03-01&groupBy=day',
    'from=2026-02-01&to=2026-02-28&groupBy=day',
  ]);
});

it('is a file that a spreadsheet opens right', async () => {
  const answer = await operator.get(`/ops/statements.csv?${PERIOD}`);
  expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect(answer.headers.get('content-disposition')).toBe(
    `attachment; filename="statement-${MCHID}-2026-02-27-2026-03-02.csv"`,
  );
  const bytes = Buffer.from(await answer.arrayBuffer()).toString();
  const [head = '', ...lines] = bytes.split('\r\n');
  expect(head.startsWith(`${CSV_BOM}day,paidCount,paidYuan`)).toBe(true);
  expect(lines[0]).toBe('2026-02-27,1,1234.56,0,0.00,0,0.00,1234.56,,');
  expect(await read(PERIOD)).toContain(`/ops/statements.csv?mchid=${MCHID}&amp;from=2026-02-27&amp;to=2026-03-02`);
});

it.each([
  ['from=2026-03-02&to=2026-03-01', 'to'],
  ['from=2026-02-30&to=2026-03-01', 'from'],
  ['from=2025-01-01&to=2026-03-01', 'to'],
  ['from=&to=2026-03-01', 'from'],
])('%s is refused at its field, and as a file', async (query, field) => {
  const answer = await operator.get(`/ops/statements?${query}`);
  const html = await answer.text();
  expect([answer.status, /data-error="(\w+)"/.exec(html)?.[1]]).toEqual([400, field]);
  expect(html).not.toContain('id="statement"');
  expect((await operator.get(`/ops/statements.csv?${query}`)).status).toBe(400);
});

it('is of one merchant, and of nobody who does not act for it', async () => {
  for (const path of ['/ops/statements', '/ops/statements.csv'])
    expect((await operator.get(`${path}?${PERIOD}&mchid=${OTHER_MCHID}`)).status).toBe(403);
  expect((await operator.get('/ops/statements?groupBy=openid')).status).toBe(400);
  const both = await signedIn(test, (await test.newKey('operator', [OTHER_MCHID, MCHID], 'Han')).key);
  const html = await (await both.get(`/ops/statements?${PERIOD}`)).text();
  expect(rowsOf(html).at(-1)?.slice(0, 3)).toEqual(['totals', '0', '—']);
});

it('speaks Chinese as well', async () => {
  expect(await (await operator.get(`/ops/statements?${PERIOD}&lang=zh`)).text()).toContain('收支报表');
});
