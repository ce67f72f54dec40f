import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openLab, settle, surveyed } from '../../lab/course.js';
import { judge } from '../../lab/judge.js';
import { evidenceOf } from '../../lab/report.js';
import { startStage } from '../../lab/stage.js';
import { createStack } from '../../src/embedded/stack.js';
import { startShopEndpoint } from '../../src/entries/demo/shop-endpoint.js';

describe('on its stage, the judge', () => {
  test('finds a sum that somebody changed in Postgres, and brings the evidence', async () => {
    const home = await mkdtemp(join(tmpdir(), 'paysaga-lab-judge-'));
    const stack = createStack(() => undefined);
    onTestFinished(async () => {
      await stack.stopAll();
      await rm(home, { recursive: true, force: true });
    });
    const say = (): void => undefined;
    const endpoint = await stack.start('the shop', startShopEndpoint);
    const stage = await startStage({ home, stack, webhookUrl: endpoint.url, pooler: false, onProgress: say });
    const lab = openLab({ stage, endpoint, say });
    const merchant = lab.merchants.find(({ protocol }) => protocol === 'v3');
    const orderNo = 'lab-doctored';
    await merchant?.shop.createOrder({ orderNo, amountFen: 500, description: 'Tea' });
    await merchant?.shop.orderWhen(orderNo, 'payable', ({ attempts }) =>
      attempts.some(({ state }) => state === 'open'),
    );
    await merchant?.shop.pay(orderNo);
    await merchant?.shop.orderWhen(orderNo, 'paid', ({ state }) => state === 'paid');
    await settle(lab);
    expect(judge(await surveyed(lab, noReplays))).toEqual({ violations: [], differenceFen: 0 });

    const sql = postgres(stage.dev.databaseUrl, { max: 1, onnotice: () => undefined });
    onTestFinished(() => sql.end());
    // No trigger of ours sees it.
    await sql.begin(async (tx) => {
      await tx`set local session_replication_role = replica`;
      await tx`update attempts set paid_fen = paid_fen - 1 where order_no = ${orderNo}`;
    });

    const { violations, differenceFen } = judge(await surveyed(lab, noReplays));
    const order = `${merchant?.mchid ?? ''}/${orderNo}`;
    expect(violations).toEqual([expect.objectContaining({ promise: 'books', order })]);
    expect(differenceFen).toBe(1);
    const [found] = violations;
    const evidence = found === undefined ? undefined : await evidenceOf(found, stage);
    expect(JSON.parse(evidence ?? '')).toMatchObject({
      order: { orderNo, paidFen: 500, attempts: [{ paidFen: 499 }] },
    });
  });
});

/** The SDK's runtime belongs to the whole file's process. */
async function* noReplays() {
  // Yields nothing.
}
