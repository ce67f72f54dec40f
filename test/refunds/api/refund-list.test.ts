import { describe, expect, it } from 'vitest';
import { json, MCHID, OTHER_MCHID, textWith, useTestApp } from '../../http/support/test-app.js';
import { moveRefund, returnPayment } from './refund-steps.js';

const test = useTestApp();

type Page = { items: { refundNo: string }[]; nextCursor: string | null };
const list = async (query: string): Promise<Page> => json<Page>(await test.send('GET', `/v1/refunds?${query}`));
const numbers = async (query: string): Promise<string[]> => (await list(query)).items.map(({ refundNo }) => refundNo);

/** A refund of a paid order that was asked for at this time; answers its order. */
async function refunded(refundNo: string, at: string): Promise<string> {
  const number = await test.placePaidOrder();
  test.clock.now = new Date(at);
  const answer = await test.send('POST', `/v1/orders/${number}/refunds`, { body: { refundNo, amountFen: 500 } });
  if (answer.status !== 201) throw new Error(`not refunded: ${answer.status}`);
  return number;
}

describe('the list of refunds', () => {
  it('has each as its own call answers it, newest first, page by page', async () => {
    const order = await refunded('R-1', '2026-04-01T00:00:00Z');
    await refunded('R-2', '2026-04-01T00:00:01Z');
    const own = await returnPayment(test, await test.placePaidOrder());
    const day = 'createdFrom=2026-04-01T00:00:00Z';

    const { items, nextCursor } = await list(day);

    expect(nextCursor).toBeNull();
    expect(items.map(({ refundNo }) => refundNo)).toEqual(['R-2', own, 'R-1'].sort(byTime));
    for (const item of items) {
      const one = await test.send('GET', `/v1/refunds/${encodeURIComponent(item.refundNo)}`);
      expect(item).toEqual(await json(one));
    }
    const first = await list(`${day}&limit=2`);
    const rest = await list(`${day}&limit=2&cursor=${first.nextCursor ?? ''}`);
    expect([...first.items, ...rest.items]).toEqual(items);
    expect(await numbers(`orderNo=${order}`)).toEqual(['R-1']);

    function byTime(a: string, b: string): number {
      // PaySaga's own was made in the second of R-2: the greater number comes first.
      return a === 'R-1' ? 1 : b === 'R-1' ? -1 : a < b ? 1 : -1;
    }
  });

  it('is of an amount, and of words with everything else', async () => {
    const order = await refunded('Q-1', '2026-03-10T00:00:00Z');
    await refunded('Q-2', '2026-03-10T00:00:01Z');
    await moveRefund(test, 'Q-2', {
      state: 'succeeded',
      succeededAtMs: Date.parse('2026-03-12T00:00:00Z'),
      refundId: '5037',
    });
    const day = 'createdFrom=2026-03-10T00:00:00Z&createdTo=2026-03-11T00:00:00Z';

    expect(await numbers(`${day}&amountFen=500`)).toEqual(['Q-2', 'Q-1']);
    expect(await numbers(`${day}&amountFen=500&state=unsettled`)).toEqual(['Q-1']);
    expect(await numbers(`${day}&amountFen=501`)).toEqual([]);
    expect(await numbers('q=q-&state=succeeded&cause=shop&amountFen=500')).toEqual(['Q-2']);
    expect(await numbers('q=5037')).toEqual(['Q-2']);
    expect(await numbers(`q=${order}`)).toEqual(['Q-1']);
    expect(await numbers('q=Q-&succeededFrom=2026-03-10T00:00:00Z&succeededTo=2026-04-01T00:00:00Z')).toEqual(['Q-2']);
    for (const query of ['amountFen=500&cause=shop', 'amountFen=500&acceptedFrom=2026-03-10T00:00:00Z', 'q=x'])
      expect((await test.send('GET', `/v1/refunds?${query}`)).status).toBe(400);
  });

  it('is of a state, a cause, and times of three kinds', async () => {
    await refunded('S-1', '2026-05-01T00:00:00Z');
    await refunded('S-2', '2026-05-01T00:00:01Z');
    await refunded('S-3', '2026-05-01T00:00:02Z');
    await moveRefund(test, 'S-1', { state: 'succeeded', succeededAtMs: Date.parse('2026-05-03T00:00:00Z') });
    await moveRefund(test, 'S-2', { state: 'processing' });
    const day = 'createdFrom=2026-05-01T08:00:00%2B08:00&createdTo=2026-05-02T00:00:00Z';

    expect(await numbers(day)).toEqual(['S-3', 'S-2', 'S-1']);
    expect(await numbers(`${day}&state=requested`)).toEqual(['S-3']);
    expect(await numbers(`${day}&cause=shop&state=processing`)).toEqual(['S-2']);
    expect(await numbers(`${day}&cause=external`)).toEqual([]);
    expect(await numbers('acceptedFrom=2026-05-01T00:00:00Z')).toEqual(['S-1', 'S-2']);
    expect(await numbers('succeededFrom=2026-05-01T00:00:00Z&succeededTo=2026-05-03T00:00:01Z')).toEqual(['S-1']);
    expect(await numbers('succeededFrom=2026-05-01T00:00:00Z&succeededTo=2026-05-03T00:00:00Z')).toEqual([]);
  });

  it("is one merchant's", async () => {
    await refunded('T-1', '2026-06-01T00:00:00Z');
    const { key: other } = await test.newKey('merchant', [OTHER_MCHID]);
    const { key: operator } = await test.newKey('operator', [MCHID, OTHER_MCHID], 'Li Lei');
    const seen = async (key: string, query: string) => {
      const answer = await test.send('GET', `/v1/refunds?createdFrom=2026-06-01T00:00:00Z${query}`, { key });
      return [answer.status, (await json<Partial<Page>>(answer)).items?.length];
    };
    expect(await seen(other, '')).toEqual([200, 0]);
    expect(await seen(operator, '')).toEqual([400, undefined]);
    expect(await seen(operator, `&mchid=${MCHID}`)).toEqual([200, 1]);
    expect(await seen(operator, '&mchid=1900000003')).toEqual([403, undefined]);
  });

  it.each([
    ['state', 'acceptedFrom=2026-05-01T00:00:00Z&state=succeeded'],
    ['cause', 'succeededTo=2026-05-01T00:00:00Z&cause=external'],
    ['acceptedFrom', 'createdTo=2026-05-01T00:00:00Z&acceptedFrom=2026-05-01T00:00:00Z'],
    ['succeededTo', 'acceptedFrom=2026-05-01T00:00:00Z&succeededTo=2026-05-01T00:00:00Z'],
    ['state', 'state=done'],
    ['cause', 'cause=anger'],
    ['orderNo', 'orderNo=x'],
    ['orderNo', 'orderNo=A-1001*2'],
    ['acceptedFrom', 'acceptedFrom=2026-05-01'],
    ['createdTo', 'createdTo=0000-01-01T00:00:00Z'],
    ['limit', 'limit=201'],
    ['cursor', 'cursor=x'],
    ['cursor', `cursor=${Buffer.from('1 R-1').toString('base64url')}`],
    ['cursor', `acceptedFrom=2026-05-01T00:00:00Z&cursor=${Buffer.from('1 R-1 created').toString('base64url')}`],
  ])('names %s where it refuses %s', async (field, query) => {
    const answer = await test.send('GET', `/v1/refunds?${query}`);
    expect([answer.status, await json(answer)]).toMatchObject([
      400,
      { code: 'invalid_request', detail: textWith(new RegExp(`^query ${field}: `)) },
    ]);
  });

  it('refuses a filter that there is not', async () => {
    expect((await test.send('GET', '/v1/refunds?refundNo=R-1')).status).toBe(400);
  });
});
