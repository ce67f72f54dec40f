import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MCHID } from './support/answers.js';
import { startFakeApi, type FakeApi } from './support/fake-api.js';
import { at, run } from './support/run.js';

let api: FakeApi;
beforeAll(async () => {
  api = await startFakeApi();
});
afterAll(() => api.close());

const id = '67700ef7-a7dc-4184-bcb3-4fabafc7ff1f';
const createdAt = '2026-03-02T02:31:00.000Z';
const event = { id, type: 'reconciliation.completed', createdAt, deliveredAt: null };
const deliveries = [{ at: createdAt, status: 503, outcome: 'refused' }];
const answer = {
  items: [
    { ...event, deliveries },
    {
      ...{ ...event, type: 'discrepancy.opened', deliveries: [] },
      discrepancy: { class: 'refund_not_here', orderNo: 'A-1', outTradeNo: 'A-1', refundNo: 'R-1' },
    },
  ],
};
beforeEach(() => {
  api.asked.length = 0;
  api.answer = () => ({ body: answer });
});

describe('paysaga events list', () => {
  it('shows what the shop was told of a day, and how the last try ended', async () => {
    const { code, out } = await run(['events', 'list', '2026-03-01', '--mchid', MCHID], at(api.url));
    expect(code).toBe(0);
    const lines = out.trimEnd().split('\n');
    expect(lines[1]).toContain('│ about               │ created                │ delivered │');
    expect(lines[3]).toMatch(
      new RegExp(`│ ${id} │ reconciliation.completed │ +│ 2026-03-02 10:31:00\\+08 │ no +│ 1 +│ 503 refused +│`),
    );
    expect(lines[4]).toMatch(/│ discrepancy.opened +│ refund_not_here R-1 │ 2026-03-02 10:31:00\+08 │ no +│ 0 +│ +│/);
    expect(api.asked.map(({ path, query }) => [path, query])).toEqual([
      ['/v1/reconciliations/2026-03-01/events', { mchid: MCHID }],
    ]);
  });

  it('--json is what was answered', async () => {
    const { out } = await run(['events', 'list', '2026-03-01', '--json'], at(api.url));
    expect(JSON.parse(out)).toEqual(answer);
  });

  it.each(['2026-02-30', 'yesterday', '../orders'])('%s is no day, and nobody is asked', async (day) => {
    expect(await run(['events', 'list', day], at(api.url))).toMatchObject({ code: 2 });
    expect(api.asked).toEqual([]);
  });
});
