import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { anOrder } from './support/answers.js';
import { problem, startFakeApi, type FakeApi, type FakeAnswer } from './support/fake-api.js';
import { at, run, type World } from './support/run.js';

const ID = '67700ef7-a7dc-4184-bcb3-4fabafc7ff1f';
const PREVIEW = {
  count: 12,
  sumFen: 123_456,
  sample: [
    {
      orderNo: 'A-1001',
      amountFen: 1234,
      state: 'awaitingPayment',
      stuckReason: 'gateway_unreachable',
      expiresAt: '2026-03-01T11:00:00.000Z',
    },
  ],
};

let api: FakeApi;
/** What a look at the bulk is answered, one after the other; the last one again and again. */
let looks: (FakeAnswer | 'hangUp')[];
let preview: typeof PREVIEW;
beforeAll(async () => {
  api = await startFakeApi();
});
afterAll(() => api.close());
beforeEach(() => {
  api.asked.length = 0;
  preview = PREVIEW;
  looks = [status(0), status(7), status(12)];
  api.answer = ({ method, path, body }) => {
    if (path === `/v1/bulk/${ID}`) return looks.length > 1 ? looks.shift() : looks[0];
    if (path === '/v1/bulk' && isDryRun(body)) return { body: preview };
    if (path === '/v1/bulk') return { status: 202, body: { id: ID } };
    return method === 'POST' ? { body: anOrder('A-1001') } : undefined;
  };
});

const isDryRun = (body: unknown): boolean =>
  typeof body === 'object' && body !== null && 'dryRun' in body && body.dryRun === true;

function status(done: number, failed: { orderNo: string; code: string }[] = [], total = 12): FakeAnswer {
  const isOver = done + failed.length === total;
  const finishedAt = isOver ? '2026-03-01T10:00:01.000Z' : null;
  return { body: { id: ID, action: 'hold', total, done, failedCount: failed.length, failed, finishedAt } };
}

const FILTERED = [
  '--stuck-reason',
  'gateway_unreachable',
  '--created-from',
  '2026-03-01T00:00:00Z',
  '--reason',
  'an outage',
];
const FILTER = { stuckReason: 'gateway_unreachable', createdFrom: '2026-03-01T00:00:00Z' };
const started = () => api.asked.filter(({ path, body }) => path === '/v1/bulk' && !isDryRun(body));

describe('many orders by a filter', () => {
  it('are previewed, and nothing is done where nobody can be asked', async () => {
    const { code, out, err } = await run(['hold', ...FILTERED], at(api.url));
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain('hold: 12 orders, ¥1234.56; reason: an outage');
    expect(err).toMatch(/│ A-1001 │ awaitingPayment │ gateway_unreachable │ ¥12.34 │ 2026-03-01 19:00:00\+08 │/);
    expect(err).toContain('… and 11 more.');
    expect(err).toContain('--yes');
    expect(api.asked.map(({ body }) => body)).toEqual([
      { action: 'hold', filter: FILTER, reason: 'an outage', dryRun: true },
    ]);
  });

  it.each(['hold', 'release', 'recheck', 'rescue'] as const)(
    '%s with --yes starts, and stays until it is over',
    async (action) => {
      const { code, out, err } = await run([action, ...FILTERED, '--yes'], at(api.url));
      expect(code).toBe(0);
      expect(out).toBe('12 of 12 done, 0 failed.\n');
      expect(err).toContain(`paysaga bulk ${ID}`);
      expect(started().map(({ body }) => body)).toEqual([
        { action, filter: FILTER, reason: 'an outage', dryRun: false },
      ]);
      expect(api.asked.filter(({ path }) => path === `/v1/bulk/${ID}`)).toHaveLength(3);
    },
  );

  it('extend says until when', async () => {
    const until = '2026-03-02T00:00:00Z';
    expect(
      (await run(['extend', '--orders', 'A-1001,A-1002', '--until', until, '--reason', 'x', '--yes'], at(api.url)))
        .code,
    ).toBe(0);
    expect(started()[0]?.body).toMatchObject({ action: 'extend', filter: { orderNos: ['A-1001', 'A-1002'] }, until });
  });

  it('says how many of the named numbers are none of its orders', async () => {
    const named = Array.from({ length: 14 }, (_, index) => `A-${1001 + index}`);
    const { err } = await run(['hold', '--orders', named.join(','), '--reason', 'x', '--dry-run'], at(api.url));
    expect(err).toContain('2 of the 14 numbers named are not among them.');
  });

  it('the person at the terminal is asked, with how many and how much', async () => {
    const questions: string[] = [];
    const answering = (answer: boolean): World => ({
      ...at(api.url),
      confirm: (question) => {
        questions.push(question);
        return Promise.resolve(answer);
      },
    });
    const no = await run(['hold', ...FILTERED], answering(false));
    expect([no.code, started()]).toEqual([1, []]);
    expect(no.err).toContain('nothing was done');
    expect((await run(['hold', ...FILTERED], answering(true))).code).toBe(0);
    expect(questions).toEqual(Array(2).fill('hold 12 orders, ¥1234.56?'));
    expect(started()).toHaveLength(1);
  });

  it('more failures than the answer lists are counted all the same', async () => {
    const body = {
      id: ID,
      total: 1_500,
      done: 0,
      failedCount: 1_500,
      failed: [{ orderNo: 'A-1001', code: 'order_closed' }],
      finishedAt: '2026-03-01T10:00:01.000Z',
    };
    const preview = api.answer;
    api.answer = (asked) => (asked.method === 'GET' ? { body } : preview(asked));
    const { code, out, err } = await run(
      ['hold', '--stuck-reason', 'any', '--reason', 'an outage', '--yes'],
      at(api.url),
    );
    expect(code).toBe(1);
    expect(out).toContain('0 of 1500 done, 1500 failed.');
    expect(err).toContain('1500 of 1500 failed');
    expect(started()[0]?.body).toMatchObject({ filter: { stuckReason: 'any' } });
  });

  it('those it failed for are listed, and it is exit code 1', async () => {
    looks = [
      status(10, [
        { orderNo: 'A-1003', code: 'order_closed' },
        { orderNo: 'A-1004', code: 'order_not_found' },
      ]),
    ];
    const { code, out, err } = await run(['hold', ...FILTERED, '--yes'], at(api.url));
    expect(code).toBe(1);
    expect(out).toMatch(/│ A-1003 │ order_closed +│/);
    expect(out).toContain('10 of 12 done, 2 failed.');
    expect(err).toContain('2 of 12 failed');
  });

  it('--json is the preview where it ends there, and the result where it goes on', async () => {
    const looked = await run(['hold', ...FILTERED, '--dry-run', '--json'], at(api.url));
    expect([looked.code, JSON.parse(looked.out)]).toEqual([0, PREVIEW]);
    const done = await run(['hold', ...FILTERED, '--yes', '--json'], at(api.url));
    expect([done.code, JSON.parse(done.out)]).toEqual([0, status(12).body]);
  });

  it('nothing is started for no orders', async () => {
    preview = { count: 0, sumFen: 0, sample: [] };
    const { code, err } = await run(['hold', ...FILTERED, '--yes'], at(api.url));
    expect(code).toBe(0);
    expect(err).toContain('Nothing to do.');
    expect(started()).toEqual([]);
  });

  it('an ingress that restarts meanwhile is asked again; one that stays away is exit code 3', async () => {
    looks = [status(0), 'hangUp', problem(503, 'unavailable', 'Repeat.'), status(12)];
    expect((await run(['hold', ...FILTERED, '--yes'], at(api.url))).code).toBe(0);
    looks = ['hangUp'];
    const gone = await run(['hold', ...FILTERED, '--yes'], at(api.url));
    expect(gone.code).toBe(3);
    expect(gone.err).toContain(`paysaga bulk ${ID}`);
  });

  it('show their progress on a terminal, and nowhere else', async () => {
    const screen: string[] = [];
    const terminal = new PassThrough();
    Object.assign(terminal, { isTTY: true, columns: 80 });
    terminal.on('data', (chunk: Buffer) => screen.push(chunk.toString()));
    expect((await run(['hold', ...FILTERED, '--yes'], { ...at(api.url), terminal })).code).toBe(0);
    expect(screen.join('')).toContain('0/12');
    expect(screen.join('')).toContain('12/12');
    const { out, err } = await run(['hold', ...FILTERED, '--yes'], at(api.url));
    expect(out + err).not.toContain('0/12');
  });
});

describe('one order', () => {
  it.each(['hold', 'release'] as const)('%s is a bulk of one, without a preview', async (action) => {
    looks = [status(1, [], 1)];
    const { code, out } = await run([action, 'A-1001', '--reason', 'x'], at(api.url));
    expect([code, out]).toEqual([0, '1 of 1 done, 0 failed.\n']);
    expect(api.asked[0]?.body).toEqual({ action, filter: { orderNos: ['A-1001'] }, reason: 'x', dryRun: false });
  });

  it.each(['recheck', 'rescue'] as const)('%s asks for that one at once', async (action) => {
    const { code, out } = await run([action, 'A-1001', '--reason', 'x'], at(api.url));
    expect([code, out]).toEqual([0, expect.stringContaining('A-1001')]);
    expect(api.asked).toMatchObject([{ path: `/v1/orders/A-1001/${action}`, body: { reason: 'x' } }]);
  });

  it('that is refused is exit code 1, and says why', async () => {
    looks = [status(0, [{ orderNo: 'A-1001', code: 'order_not_found' }], 1)];
    const { code, out } = await run(['hold', 'A-1001', '--reason', 'x'], at(api.url));
    expect(code).toBe(1);
    expect(out).toContain('order_not_found');
  });
});

describe('paysaga bulk', () => {
  it('stays with one that was started elsewhere', async () => {
    const { code, out } = await run(['bulk', ID], at(api.url));
    expect([code, out]).toEqual([0, '12 of 12 done, 0 failed.\n']);
    expect(started()).toEqual([]);
  });
});

it.each([
  [['hold', '--reason', 'x']],
  [['hold', 'A-1001', '--state', 'awaitingPayment', '--reason', 'x']],
  [['hold', 'A-1001', '--dry-run', '--reason', 'x']],
  [['hold', '--orders', 'A-1001,,', '--reason', 'x']],
  [['hold', '--state', 'stuck', '--reason', 'x']],
  [['hold', '--state', 'awaitingPayment', '--yes']],
  [['rescue', 'A-1001']],
  [['rescue', '--reason', 'x']],
  [['refund', 'rescue', '--reason', 'x']],
  [['refund', 'rescue', 'R-1001']],
  [['extend', '--state', 'awaitingPayment', '--reason', 'x', '--yes']],
  [['release', '--until', '2026-03-02T00:00:00Z', '--state', 'awaitingPayment', '--reason', 'x']],
])('refuses %j without asking anybody', async (argv) => {
  expect((await run(argv, at(api.url))).code).toBe(2);
  expect(api.asked).toEqual([]);
});
