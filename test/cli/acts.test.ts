import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { anApproval, anEvent, anInboxRow, anOrder, aRefund } from './support/answers.js';
import { problem, startFakeApi, type Answering, type FakeApi } from './support/fake-api.js';
import { at, run } from './support/run.js';

const ID = '67700ef7-a7dc-4184-bcb3-4fabafc7ff1f';

let api: FakeApi;
beforeAll(async () => {
  api = await startFakeApi();
});
afterAll(() => api.close());

const known: Answering = ({ method, path }) => {
  if (path === '/v1/inbox') return { body: { items: [anInboxRow(ID)], nextCursor: null } };
  if (path === `/v1/inbox/${ID}/redrive`)
    return { body: { ...anInboxRow(ID), status: 'signalled', orderNo: 'A-1001' } };
  if (path === '/v1/approvals') return { body: { items: [anApproval(ID)], nextCursor: null } };
  if (path === `/v1/approvals/${ID}`) return { body: anApproval(ID) };
  if (path === `/v1/events/${ID}/resend`) return { body: anEvent(ID) };
  if (path === '/v1/orders/A-1001/refunds') return { status: 201, body: aRefund('R-1') };
  if (path === '/v1/refunds/A-1001*2@return/resolve')
    return { body: aRefund('A-1001*2@return*2', { cause: 'operator' }) };
  return method === 'POST' ? { body: anOrder('A-1001', { stuckReason: 'review' }) } : undefined;
};
beforeEach(() => {
  api.asked.length = 0;
  api.answer = known;
});

const UNTIL = '2026-03-02T10:00:00Z';

/** Each act as it is typed, as the API is asked, and something of what it says. */
const ACTS = [
  [['recheck', 'A-1001'], '/v1/orders/A-1001/recheck', {}, 'A-1001: asked'],
  [['extend', 'A-1001', '--until', UNTIL], '/v1/orders/A-1001/extend', { until: UNTIL }, 'A-1001: extended'],
  [['close', 'A-1001'], '/v1/orders/A-1001/close', {}, 'A-1001: closed'],
  [['resolve', 'A-1001', 'return'], '/v1/orders/A-1001/resolve', { action: 'return' }, 'resolved (return)'],
  [
    ['refund', 'A-1001', '--amount', '12.34', '--refund-no', 'R-1'],
    '/v1/orders/A-1001/refunds',
    { refundNo: 'R-1', amountFen: 1234 },
    'R-1: recorded',
  ],
  [
    ['refund', 'resolve', 'A-1001*2@return', 'reissue'],
    '/v1/refunds/A-1001*2@return/resolve',
    { action: 'reissue' },
    'A-1001*2@return*2: resolved (reissue)',
  ],
  [['approve', ID], `/v1/approvals/${ID}`, { decision: 'approve' }, 'R-1: approved'],
  [['reject', ID], `/v1/approvals/${ID}`, { decision: 'reject' }, 'R-1: rejected'],
  [['events', 'resend', ID], `/v1/events/${ID}/resend`, {}, `${ID}: being sent again`],
  [['inbox', 'redrive', ID], `/v1/inbox/${ID}/redrive`, {}, `${ID}: told again`],
] as const;

describe.each(ACTS)('paysaga %j', (argv, path, body, said) => {
  const line = [...argv, '--reason', 'as agreed'];

  it('asks for that, says why, and shows what came of it', async () => {
    const { code, out } = await run(line, at(api.url));
    expect(code).toBe(0);
    expect(out).toContain(said);
    expect(api.asked).toMatchObject([{ method: 'POST', path, body: { ...body, reason: 'as agreed' } }]);
  });

  it("--json is the API's answer", async () => {
    const { code, out } = await run([...line, '--json', '--mchid', '1900000002'], at(api.url));
    expect(code).toBe(0);
    const [asked] = api.asked;
    expect(asked?.query).toEqual({ mchid: '1900000002' });
    const answer = asked && known(asked);
    expect(JSON.parse(out)).toEqual(typeof answer === 'object' ? answer.body : undefined);
  });

  it.each([[[]], [['--reason', '']], [['--reason', 'x'.repeat(501)]]])(
    'refuses %j as its reason, without asking anybody',
    async (reason) => {
      expect((await run([...argv, ...reason], at(api.url))).code).toBe(2);
      expect(api.asked).toEqual([]);
    },
  );

  it('is exit code 1 when it is refused, and 3 when its outcome is not known', async () => {
    api.answer = () => problem(409, 'resolve_not_applicable', 'There is nothing to decide in this way.');
    expect((await run(line, at(api.url))).code).toBe(1);
    api.answer = () => problem(503, 'outcome_pending', 'Recorded, not confirmed yet; repeat the call.');
    expect((await run(line, at(api.url))).code).toBe(3);
  });

  it('shows an example in its help', async () => {
    const { code, out } = await run(
      [...argv.filter((word) => /^[a-z]+$/.test(word)).slice(0, 2), '--help'],
      at(api.url),
    );
    expect(code).toBe(0);
    expect(out).toContain('$ paysaga ');
  });
});

describe('paysaga close', () => {
  it('says so when WeChat Pay has not confirmed it yet', async () => {
    api.answer = () => ({ status: 202, body: anOrder('A-1001') });
    expect((await run(['close', 'A-1001', '--reason', 'x'], at(api.url))).out).toContain('not confirmed it yet');
  });
});

describe('paysaga refund', () => {
  it('makes up a number, and says it before it asks', async () => {
    api.answer = () => 'hangUp';
    const { code, err } = await run(['refund', 'A-1001', '--amount', '1', '--reason', 'x'], at(api.url));
    expect(code).toBe(3);
    const [, refundNo] = /--refund-no (\S+)/.exec(err) ?? [];
    expect(refundNo).toMatch(/^A-1001-[0-9a-f]{10}$/);
    expect(api.asked[0]?.body).toEqual({ refundNo, amountFen: 100, reason: 'x' });
  });

  it.each([
    [202, 'approval_pending', 'another person has to approve it'],
    [200, 'approval_rejected', 'it was rejected'],
  ])('says what became of one that nobody approved yet: %s %s', async (status, state, said) => {
    const withheld = { refundNo: 'R-1', amountFen: 1234, state, approvalId: ID };
    api.answer = () => ({ status, body: withheld });
    const line = ['refund', 'A-1001', '--amount', '12.34', '--refund-no', 'R-1', '--reason', 'too late'];
    const { code, out } = await run(line, at(api.url));
    expect([code, out]).toEqual([0, expect.stringContaining(said)]);
    expect(out).toContain(ID);
  });

  it('says that a repeat was asked for before', async () => {
    api.answer = () => ({ status: 200, body: aRefund('R-1') });
    const line = ['refund', 'A-1001', '--amount', '12.34', '--refund-no', 'R-1', '--reason', 'too late'];
    expect((await run(line, at(api.url))).out).toContain('asked for before');
  });
});

describe('paysaga approvals', () => {
  it('lists what waits, unless told', async () => {
    const { code, out } = await run(['approvals'], at(api.url));
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`│ ${ID} │ A-1001 │ R-1 +│ ¥12.34 │ goods sent back │ Li Lei +│`));
    expect(out).toContain('1 approval.');
    await run(['approvals', '--status', 'rejected', '--json'], at(api.url));
    expect(api.asked.map(({ query }) => query['status'])).toEqual(['pending', 'rejected']);
  });
});

describe('paysaga inbox', () => {
  it('lists what WeChat Pay said and what became of it', async () => {
    const { code, out } = await run(['inbox', '--status', 'unmatched'], at(api.url));
    expect(code).toBe(0);
    expect(out).toMatch(
      new RegExp(`│ ${ID} │ payment │ unmatched │ 2026-03-01 17:00:00\\+08 │ 1h +│ A-1001 │ +│ ¥12.34 │ 2 +│`),
    );
    expect(api.asked[0]?.query).toEqual({ status: 'unmatched', limit: '50' });
  });

  it("--json is the API's page", async () => {
    const { out } = await run(['inbox', '--json'], at(api.url));
    expect(JSON.parse(out)).toEqual({ items: [anInboxRow(ID)], nextCursor: null });
  });
});

it.each([
  [['extend', 'A-1001', '--reason', 'x']],
  [['extend', 'A-1001', '--until', 'tomorrow', '--reason', 'x']],
  [['close', '--reason', 'x']],
  [['close', 'no', '--reason', 'x']],
  [['resolve', 'A-1001', 'forget', '--reason', 'x']],
  [['resolve', 'A-1001', '--reason', 'x']],
  [['refund', 'A-1001', '--reason', 'x']],
  [['refund', 'A-1001', '--amount', '1.001', '--reason', 'x']],
  [['refund', 'A-1001', '--amount', '1', '--refund-no', 'R@1', '--reason', 'x']],
  [['refund', 'A-1001', '--amount', '1', '--reason', '退'.repeat(27)]],
  [['refund', 'resolve', 'A-1001/gift', 'reissue', '--reason', 'x']],
  [['refund', 'resolve', 'R-1', 'again', '--reason', 'x']],
  [['events', 'resend', '1', '--reason', 'x']],
  [['events']],
  [['inbox', 'redrive', '1', '--reason', 'x']],
  [['inbox', '--status', 'lost']],
  [['bulk', '1']],
])('refuses %j without asking anybody', async (argv) => {
  expect((await run(argv, at(api.url))).code).toBe(2);
  expect(api.asked).toEqual([]);
});
