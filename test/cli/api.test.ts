import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { anOrder, MCHID } from './support/answers.js';
import { problem, startFakeApi, type FakeApi } from './support/fake-api.js';
import { at, CANARY, run } from './support/run.js';

let api: FakeApi;
let home: string;
beforeAll(async () => {
  api = await startFakeApi();
  home = await mkdtemp(join(tmpdir(), 'paysaga-cli-'));
});
afterAll(async () => {
  await api.close();
  await rm(home, { recursive: true, force: true });
});
beforeEach(async () => {
  api.asked.length = 0;
  api.answer = () => ({ body: { items: [anOrder('A-1001')], nextCursor: null } });
  await rm(join(home, 'dev.json'), { force: true });
});

const devFile = (content: object) => writeFile(join(home, 'dev.json'), JSON.stringify(content));

describe('what the API refuses is one line with its code and request, and exit code', () => {
  it.each([
    [1, 403, 'forbidden', 'This call needs an operator key.'],
    [1, 404, 'order_not_found', 'This merchant has no order with that number.'],
    [1, 409, 'order_paid', 'The order is paid.'],
    [1, 500, 'internal_error', 'The request failed here. Quote the requestId.'],
    [3, 503, 'unavailable', 'Repeat the request: nothing is done twice.'],
    [3, 503, 'outcome_pending', 'Recorded, not confirmed yet; repeat the call.'],
  ])('%d for HTTP %d %s', async (code, status, word, detail) => {
    api.answer = () => problem(status, word, detail);
    const ran = await run(['orders'], at(api.url));
    expect(ran).toEqual({ code, out: '', err: `paysaga: ${word}: ${detail} (request req-1)\n` });
  });

  it('follows nobody elsewhere, where an act would become another call', async () => {
    api.answer = () => ({ status: 307, location: '/elsewhere', body: '' });
    const { code, err } = await run(['close', 'A-1001', '--reason', 'x'], at(api.url));
    expect(code).toBe(1);
    expect(err).toContain('HTTP 307');
    expect(api.asked.map(({ path }) => path)).toEqual(['/v1/orders/A-1001/close']);
  });

  it('names the option in place of the query parameter', async () => {
    api.answer = () => problem(400, 'invalid_request', 'This key acts for several merchants: name one with "?mchid=".');
    expect((await run(['orders'], at(api.url))).err).toContain('name one with --mchid');
  });

  it.each([
    [1, { status: 404, type: 'text/html', body: '<h1>nginx</h1>' }, 'HTTP 404'],
    [1, { status: 302, body: '' }, 'HTTP 302'],
    [3, { status: 502, type: 'text/html', body: 'bad gateway' }, 'HTTP 502'],
    [1, { body: 'hello' }, 'is it PaySaga'],
    [1, { body: { items: [{ orderNo: 7 }], nextCursor: null } }, 'cannot be read'],
  ])('%d for what is no answer of PaySaga', async (code, answer, said) => {
    api.answer = () => answer;
    const ran = await run(['orders'], at(api.url));
    expect(ran.code).toBe(code);
    expect(ran.err).toContain(said);
  });
});

describe('an ingress that cannot be reached is exit code 3', () => {
  it('when nobody listens', async () => {
    const gone = await startFakeApi();
    await gone.close();
    const { code, err } = await run(['orders'], at(gone.url));
    expect(code).toBe(3);
    expect(err).toBe(`paysaga: ${gone.url} cannot be reached (ECONNREFUSED)\n`);
  });

  it('when it hangs up', async () => {
    api.answer = () => 'hangUp';
    expect((await run(['orders'], at(api.url))).code).toBe(3);
  });

  it('when it does not answer in time', async () => {
    api.answer = () => 'hang';
    const slow = { config: { ...at(api.url).config, timeoutMs: 200 } };
    const { code, err } = await run(['orders'], slow);
    expect(code).toBe(3);
    expect(err).toContain('may still happen');
  });

  it('when neither the environment nor an embedded stack names one', async () => {
    const { code, err } = await run(['orders'], { config: { home, operatorKey: CANARY } });
    expect(code).toBe(3);
    expect(err).toContain('npm start');
  });
});

describe('who asks', () => {
  it('is the key of the environment, at its ingress, for the merchant that is named', async () => {
    await run(['orders', '--mchid', '1900000002'], at(api.url));
    expect(api.asked).toMatchObject([
      { path: '/v1/orders', authorization: `Bearer ${CANARY}`, query: { mchid: '1900000002' } },
    ]);
  });

  it('names no merchant by itself', async () => {
    await run(['orders'], at(api.url));
    expect(api.asked[0]?.query['mchid']).toBeUndefined();
  });

  it('is the key of a running embedded stack, for its first merchant', async () => {
    await devFile({ apiUrl: api.url, operatorKey: 'psk_live_operator_dev', mchid: MCHID });
    expect((await run(['orders'], { config: { home } })).code).toBe(0);
    expect(api.asked).toMatchObject([{ authorization: 'Bearer psk_live_operator_dev', query: { mchid: MCHID } }]);
  });

  it("never is an embedded stack's key at another ingress", async () => {
    await devFile({ apiUrl: 'http://127.0.0.1:1', operatorKey: CANARY, mchid: MCHID });
    const { code, err } = await run(['orders'], { config: { home, apiUrl: api.url } });
    expect(code).toBe(2);
    expect(err).toContain('PAYSAGA_OPERATOR_KEY');
    expect(api.asked).toEqual([]);
  });

  it('is nobody with something that is no key, which is not shown', async () => {
    const { code, err } = await run(['orders'], { config: { apiUrl: api.url, operatorKey: 'not a\nkey' } });
    expect(code).toBe(2);
    expect(err).not.toContain('not a\n');
    expect(api.asked).toEqual([]);
  });
});

it('--version is the version of the package', async () => {
  expect(await run(['--version'], { version: '1.2.3' })).toMatchObject({ code: 0, out: '1.2.3\n' });
});
