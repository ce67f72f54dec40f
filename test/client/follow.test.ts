import { describe, expect, it } from 'vitest';
import { NoAnswerError, PaySagaError, type FollowOptions, type PaySaga } from '../../src/client/client.js';
import { eventLines } from '../../src/client/event-lines.js';
import { clientOf, cutOff, problem, type Say } from './support/answers.js';

const event = (version: number, state: string) =>
  `event: order\nid: ${version}\ndata: {"version":${version},"state":"${state}"}\n\n`;
/** Answers these and ends, as a process that stops does; with `open` it stays silent. */
const stream =
  (text: string, open = false): Say =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(`: connected\n\n${text}`);
    if (!open) response.end();
  };

async function followed(client: PaySaga, options: FollowOptions = {}): Promise<number[]> {
  const versions: number[] = [];
  for await (const { version } of client.followOrder({ orderNo: 'A-1001' }, options)) versions.push(version);
  return versions;
}

describe('an order that is followed', () => {
  it('is told until it is paid or closed, over as many connections as that takes', async () => {
    const waits = `${event(1, 'creating')}: heartbeat\n\n${event(2, 'awaitingPayment')}`;
    const { client, seen } = await clientOf([
      stream(waits),
      cutOff,
      problem(503, 'unavailable'),
      stream(event(3, 'paid'), true),
    ]);
    expect(await followed(client)).toEqual([1, 2, 3]);
    expect(seen.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, '2', '2', '2']);
    expect(seen[0]).toMatchObject({
      url: '/v1/orders/A-1001/stream',
      headers: { accept: 'text/event-stream', authorization: 'Bearer key' },
    });
  });

  it('goes on until the shop has seen enough', async () => {
    const { client } = await clientOf([stream(event(1, 'paid') + event(2, 'paid') + event(3, 'paid'), true)]);
    expect(await followed(client, { until: ({ version }) => version === 2 })).toEqual([1, 2]);
  });

  it('ends quietly when the signal aborts, at once where it did before', async () => {
    const { client, seen } = await clientOf([stream(event(1, 'creating'), true)]);
    const stop = new AbortController();
    const versions: number[] = [];
    for await (const { version } of client.followOrder({ orderNo: 'A-1001' }, { signal: stop.signal })) {
      versions.push(version);
      stop.abort();
    }
    expect(versions).toEqual([1]);
    expect(await followed(client, { signal: stop.signal })).toEqual([]);
    expect(seen).toHaveLength(1);
  });

  it('connects again where a connection dies without a word', async () => {
    const { client, seen } = await clientOf([stream(event(1, 'creating'), true), stream(event(2, 'closed'), true)]);
    expect(await followed(client, { idleMs: 300 })).toEqual([1, 2]);
    expect(seen).toHaveLength(2);
  });

  it('is given up where it is refused, or after so many connections that come to nothing', async () => {
    const refused = await clientOf([problem(404, 'order_not_found')]);
    await expect(followed(refused.client)).rejects.toThrow(PaySagaError);
    const away = await clientOf([cutOff]);
    await expect(followed(away.client, { tries: 3 })).rejects.toThrow(NoAnswerError);
    expect([away.seen.length, away.pauses]).toEqual([3, [250, 500]]);
  });
});

describe('the lines of a stream', () => {
  it('are read however they are cut', () => {
    const text = ': hi\r\n\r\nid: 1\ndata: a\ndata: b\n\nevent: x\n\ndata:c\nid:2\n\n';
    const expected = [
      { id: '1', data: 'a\nb' },
      { id: '2', data: 'c' },
    ];
    for (let size = 1; size <= text.length; size += 1) {
      const read = eventLines();
      const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, index) =>
        text.slice(index * size, (index + 1) * size),
      );
      expect(pieces.flatMap(read)).toEqual(expected);
    }
  });

  it('are not kept without end', () => {
    const read = eventLines();
    expect(() => read('x'.repeat(5 * 1024 * 1024))).toThrow('larger');
  });
});
