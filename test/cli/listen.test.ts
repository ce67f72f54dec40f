import { readFile, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventsOf } from '../../src/cli/kit/event-stream.js';
import { useShopEndpoint } from '../support/shop-endpoint.js';
import { startFakeApi, problem, type FakeAnswer, type FakeApi } from './support/fake-api.js';
import { at, run, type Ran } from './support/run.js';

let api: FakeApi;
let folder: string;
beforeAll(async () => {
  api = await startFakeApi();
  folder = await mkdtemp(join(tmpdir(), 'paysaga-listen-'));
});
afterAll(async () => {
  await api.close();
  await rm(folder, { recursive: true });
});
const shop = useShopEndpoint();

const IDS = [1, 2, 3].map((n) => `00000000-0000-4000-8000-00000000000${n}`);
const [ONE = '', TWO = '', THREE = ''] = IDS;

const logged = (id: string, change: Readonly<Record<string, unknown>> = {}) => ({
  id,
  type: 'order.paid',
  createdAt: '2026-03-01T10:05:09.000Z',
  orderNo: 'A-1001',
  status: 'pending',
  tries: 0,
  deliveredAt: null,
  nextAt: null,
  body: `{"type":"order.paid","timestamp":"2026-03-01T10:05:09.000Z","data":{"order":{"orderNo":"A-1001","mchid":"1900000001"}}}`,
  ...change,
});

const block = (event: ReturnType<typeof logged>) => `event: event\nid: ${event.id}\ndata: ${JSON.stringify(event)}\n\n`;
const stream = (...events: ReturnType<typeof logged>[]): FakeAnswer => ({
  type: 'text/event-stream',
  body: `: connected\n\nid: start\n\n${events.map(block).join('')}`,
});

/** Each connection gets the next answer; whoever comes when there is none left has heard all, and is interrupted. */
async function listen(args: readonly string[], answers: readonly (FakeAnswer | 'hangUp')[]): Promise<Ran> {
  const interrupted = new AbortController();
  const left = [...answers];
  api.answer = () => {
    const answer = left.shift();
    if (answer === undefined) interrupted.abort();
    return answer ?? 'hang';
  };
  return run(['listen', ...args], { ...at(api.url), untilInterrupted: () => interrupted.signal });
}

beforeEach(() => {
  api.asked.length = 0;
  shop.answer(204);
});

describe('paysaga listen', () => {
  it('prints each event, and ends with 0 when it is interrupted', async () => {
    const { code, out, err } = await listen(
      ['--mchid', '1900000001'],
      [stream(logged(ONE), logged(TWO, { type: 'refund.succeeded', status: 'withdrawn' }))],
    );
    expect(code).toBe(0);
    expect(out).toBe(
      [
        `2026-03-01 18:05:09+08  order.paid          A-1001  ${ONE}`,
        `2026-03-01 18:05:09+08  refund.succeeded    A-1001  ${TWO}  withdrawn`,
        '',
      ].join('\n'),
    );
    expect(err).toContain(`Listening at ${api.url}.`);
    expect(api.asked[0]).toMatchObject({
      path: '/v1/events/stream',
      query: { mchid: '1900000001' },
      lastEventId: undefined,
    });
  });

  it('goes on after an outage where it was, and prints nothing twice', async () => {
    const { code, out, err } = await listen([], [stream(logged(ONE)), 'hangUp', stream(logged(TWO), logged(THREE))]);
    expect(code).toBe(0);
    expect(out.match(/[0-9a-f-]{36}/g)).toEqual(IDS);
    expect(api.asked.map(({ lastEventId }) => lastEventId)).toEqual([undefined, ONE, ONE, THREE]);
    expect(err).toContain('connecting again');
  });

  it('goes on after an event that it is given, or from the first', async () => {
    await listen(['--since', TWO], [stream()]);
    await listen(['--since', 'start'], [stream()]);
    expect(api.asked.map(({ lastEventId }) => lastEventId)).toEqual([TWO, 'start', 'start', 'start']);
  });

  it('leaves out what it is not asked for', async () => {
    const closed = logged(TWO, { type: 'order.closed' });
    const { out } = await listen(['--types', 'order.closed,refund.closed'], [stream(logged(ONE), closed)]);
    expect(out.match(/[0-9a-f-]{36}/g)).toEqual([TWO]);
  });

  it('posts each to the shop, signed as a delivery with the secret of a file that it makes', async () => {
    const file = join(folder, 'listen.secret');
    const before = shop.events.length;
    const { out, err } = await listen(['--forward', shop.url, '--secret-file', file], [stream(logged(ONE))]);
    const secret = (await readFile(file, 'utf8')).trim();
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(out).toMatch(/ {2}→ 204 in \d+ ms\n$/);
    expect(err).not.toContain(secret);
    shop.expectSecret(() => secret);
    await listen(['--forward', shop.url, '--secret-file', file], [stream(logged(TWO))]);
    const heard = shop.events.slice(before);
    expect(heard.map(({ id, verified }) => [id, verified])).toEqual([
      [ONE, false],
      [TWO, true],
    ]);
    expect(heard[1]?.raw).toBe(logged(TWO).body);
  });

  it('prints a secret that nobody else could know', async () => {
    const { err } = await listen(['--forward', shop.url], [stream()]);
    const [secret = ''] = /whsec_[A-Za-z0-9+/=]+/.exec(err) ?? [];
    expect(() => new Webhook(secret)).not.toThrow();
    expect(secret).toHaveLength('whsec_'.length + 44);
  });

  it('does not forward what was withdrawn', async () => {
    const before = shop.events.length;
    await listen(['--forward', shop.url], [stream(logged(ONE, { status: 'withdrawn' }))]);
    expect(shop.events.length).toBe(before);
  });

  it('says how a shop answered that does not take it, and goes on', async () => {
    shop.answer(500);
    const { code, out } = await listen(['--forward', shop.url], [stream(logged(ONE), logged(TWO))]);
    expect([code, out.match(/→ 500 in \d+ ms/g)?.length]).toEqual([0, 2]);
    const { out: away } = await listen(['--forward', 'http://127.0.0.1:1/'], [stream(logged(ONE))]);
    expect(away).toMatch(/→ not taken: \w+/);
  });

  it('--json is one line an event, with what the shop answered', async () => {
    const { out } = await listen(['--json', '--forward', shop.url], [stream(logged(ONE), logged(TWO))]);
    const lines = out.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(
      [ONE, TWO].map((id) => ({
        ...logged(id),
        forwarded: { status: 204, ms: expect.any(Number) as unknown, said: null },
      })),
    );
  });

  it.each([
    ['a key that may not', problem(403, 'forbidden', 'not yours'), 1],
    ['an event that is not there', problem(404, 'event_not_found', 'no event'), 1],
    ['an ingress that is away', 'hangUp' as const, 3],
  ])('ends for %s', async (_, answer, expected) => {
    expect((await listen([], [answer])).code).toBe(expected);
  });

  it.each([
    [['--forward', 'ftp://127.0.0.1/']],
    [['--forward', 'http://user:word@127.0.0.1/']],
    [['--types', 'order.lost']],
    [['--since', 'yesterday']],
  ])('refuses %j, and asks nobody', async (args) => {
    expect((await listen(args, [])).code).toBe(2);
    expect(api.asked).toEqual([]);
  });

  it('refuses a file that holds no secret', async () => {
    const file = join(folder, 'nonsense');
    await writeFile(file, 'secret');
    expect(await listen(['--forward', shop.url, '--secret-file', file], [])).toMatchObject({ code: 2, out: '' });
  });
});

describe('a stream of events', () => {
  const of = (...chunks: string[]) =>
    new ReadableStream<Uint8Array>({
      start(controller) {
        for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
      },
    });
  const first = async (body: ReadableStream<Uint8Array>, silenceMs?: number) =>
    (await eventsOf(body, silenceMs).next()).value as unknown;

  it('is read however it is cut up', async () => {
    expect(await first(of(': a comment\n\nid: 1', '\ndata: on', 'e\n\n'))).toEqual({ id: '1', data: 'one' });
  });

  it('ends with an error when it is silent, or holds no event', async () => {
    await expect(first(of(': connected\n\n'), 20)).rejects.toThrow('silent');
    await expect(first(of('x'.repeat(1024 * 1024 + 1)))).rejects.toThrow('no event');
  });
});
