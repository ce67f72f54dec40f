import { beforeEach, describe, expect, it } from 'vitest';
import { json, MCHID, useTestApp } from '../../http/support/test-app.js';
import { signedIn, type Operator } from '../../ops/support/operator.js';

const test = useTestApp();

let asker: Operator;
let other: Operator;
beforeEach(async () => {
  test.withApprovalAbove(500);
  asker = await signedIn(test, await test.person('Li Lei'));
  other = await signedIn(test, await test.person('Han Meimei'));
});

const ASKED = { reason: 'the payer shows a receipt', confirm: 'yes' };
const order = (number: string) => `/ops/orders/${MCHID}/${number}`;
const decision = (id: string, action: string) => `/ops/approvals/${MCHID}/${id}/${action}`;

/** A refund that the first of both asked for on the page; answers its approval's id. */
async function waiting(): Promise<{ number: string; id: string }> {
  const number = await test.placePaidOrder();
  const fields = {
    ...ASKED,
    typed: number,
    amount: '8.00',
    refundNo: `${number}-R1`,
    payerReason: 'goods <b>back</b>',
  };
  const answer = await asker.post(`${order(number)}/refund`, fields);
  expect([answer.status, answer.headers.get('Location')]).toEqual([303, `${order(number)}?done=refund-pending`]);
  const { approvalId } = await json(await test.send('GET', `/v1/refunds/${number}-R1`));
  return { number, id: String(approvalId) };
}

describe('a refund above the amount, asked for on the page', () => {
  it('says that it waits, and shows it on the order, the list and the overview', async () => {
    test.withoutEndpoint(MCHID);
    test.withApprovalAbove(500);
    const { number, id } = await waiting();
    const html = await (await other.get(`${order(number)}?done=refund-pending&lang=en`)).text();
    expect(html).toContain('Another person has to approve this refund');
    expect(html).toContain(decision(id, 'approve'));
    expect(html).toContain(decision(id, 'reject'));
    expect(html).toContain('a refund waits for an approval');
    const list = await (await other.get('/ops/approvals?lang=en')).text();
    expect(list).toContain(decision(id, 'approve'));
    expect(list).toContain('Li Lei');
    expect(list).toContain('goods &lt;b&gt;back&lt;/b&gt;');
    expect(await (await other.get('/ops')).text()).toMatch(/tile-bad" id="approvals-count"><a href="\/ops\/approvals"/);
  });

  it('is approved by another person, with the number typed, and begins', async () => {
    const { number, id } = await waiting();
    const form = await (await other.get(`${decision(id, 'approve')}?lang=en`)).text();
    expect(form).toContain('¥8.00');
    expect(form).toContain('asked for by Li Lei');
    expect(form).toContain('Reason: goods &lt;b&gt;back&lt;/b&gt;');
    expect((await other.post(decision(id, 'approve'), { ...ASKED, typed: 'A-1' })).status).toBe(400);
    expect((await other.post(decision(id, 'approve'), { ...ASKED, typed: number, reason: '' })).status).toBe(400);
    const done = await other.post(decision(id, 'approve'), { ...ASKED, typed: number });
    expect([done.status, done.headers.get('Location')]).toEqual([303, `${order(number)}?done=approve`]);
    expect(test.refunds.callsOf('start')).toHaveLength(1);
    const decided = await (await other.get('/ops/approvals?status=approved&lang=en')).text();
    expect(decided).toContain('Han Meimei');
    expect(decided).toContain('the payer shows a receipt');
    expect(await (await other.get('/ops/approvals')).text()).not.toContain(id);
    expect(await (await other.get(decision(id, 'approve'))).text()).toContain('id="not-possible"');
  });

  it('is rejected with a reason, and says so', async () => {
    const { number, id } = await waiting();
    const done = await other.post(decision(id, 'reject'), ASKED);
    expect(done.headers.get('Location')).toBe(`${order(number)}?done=reject`);
    expect(await (await other.get(`${order(number)}?done=reject&lang=en`)).text()).toContain('The refund is rejected');
    expect(test.refunds.calls).toEqual([]);
  });

  it('is not decided by who asked, nor against what was decided', async () => {
    const { number, id } = await waiting();
    const own = await asker.post(decision(id, 'approve'), { ...ASKED, typed: number });
    expect([own.status, /data-code="([^"]+)"/.exec(await own.text())?.[1]]).toEqual([403, 'own_approval']);
    await other.post(decision(id, 'reject'), ASKED);
    const late = await other.post(decision(id, 'approve'), { ...ASKED, typed: number });
    expect([late.status, /data-code="([^"]+)"/.exec(await late.text())?.[1]]).toEqual([409, 'approval_final']);
  });

  it.each(['zh', 'en'])('has words for all of it in the timeline (%s)', async (language) => {
    const { number, id } = await waiting();
    await asker.post(decision(id, 'approve'), { ...ASKED, typed: number });
    await other.post(decision(id, 'approve'), { ...ASKED, typed: number });
    const html = await (await other.get(`${order(number)}?lang=${language}`)).text();
    const timeline = html.slice(html.indexOf('id="timeline"'));
    expect(timeline).not.toMatch(/>[^<]*(approval_pending|own_approval|action\.)[^<]*</);
    expect(timeline).toContain(language === 'zh' ? '批准退款' : 'Approve the refund');
  });
});

it('another merchant’s is not there, nor is another decision', async () => {
  const { id } = await waiting();
  expect((await other.get(`/ops/approvals/1900000002/${id}/approve`)).status).toBe(403);
  expect((await other.get(decision('nonsense', 'approve'))).status).toBe(404);
  expect((await other.get(decision(id, 'forget'))).status).toBe(404);
});
