import { createSecretKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { revokeApiKey } from '../../src/access/store/api-key.js';
import { served } from '../../src/entries/served.js';
import { createApp } from '../../src/http/app.js';
import { createLoginLimit } from '../../src/ops/login.js';
import { safeNext, createSessions, SESSION_SECONDS } from '../../src/ops/session.js';
import { MCHID, NOW, useTestApp } from '../http/support/test-app.js';
import { sendForm, signedIn, tokenOf } from './support/operator.js';

const test = useTestApp();
const KEY_ID = '67700ef7-a7dc-4184-bcb3-4fabafc7ff1f';
const secret = (byte: number) => createSecretKey(Buffer.alloc(32, byte));

describe('a session', () => {
  const sessions = createSessions(secret(7));

  it('names its key until it is over, to the second', () => {
    const { token } = sessions.open(KEY_ID, NOW);
    const at = (seconds: number) => sessions.read(token, new Date(NOW.getTime() + seconds * 1000));
    expect(at(SESSION_SECONDS - 1)).toMatchObject({ keyId: KEY_ID });
    expect(at(SESSION_SECONDS)).toBeUndefined();
  });

  it('opens nothing once a byte of it is changed, cut off or added', () => {
    const { token } = sessions.open(KEY_ID, NOW);
    const bytes = Buffer.from(token, 'base64url');
    for (let n = 0; n < bytes.length; n += 1) {
      const altered = Buffer.from(bytes);
      altered[n] = (altered[n] ?? 0) ^ 1;
      expect(sessions.read(altered.toString('base64url'), NOW)).toBeUndefined();
    }
    for (const forged of ['', 'x', token.slice(0, -2), token.slice(4), `${token}AA`])
      expect(sessions.read(forged, NOW)).toBeUndefined();
  });

  it('is known only where the key behind it is', () => {
    const { token } = sessions.open(KEY_ID, NOW);
    expect(createSessions(secret(8)).read(token, NOW)).toBeUndefined();
    expect(createSessions(secret(7)).read(token, NOW)).toBeDefined();
  });

  it("has a form token of its own, which is neither another session's nor its cookie", () => {
    const [mine, other] = [sessions.open(KEY_ID, NOW), sessions.open(KEY_ID, NOW)];
    expect(sessions.isCsrfToken(mine, sessions.csrfToken(mine))).toBe(true);
    expect(sessions.isCsrfToken(mine, sessions.csrfToken(other))).toBe(false);
    expect(sessions.isCsrfToken(mine, mine.token)).toBe(false);
    expect(sessions.isCsrfToken(mine, '')).toBe(false);
  });
});

describe('signing in', () => {
  it('with an operator key leads to the page and leaves a cookie that holds nothing of the key', async () => {
    const { key, record } = await test.operatorKey();
    const answer = await sendForm(createApp(test.deps(), served), '/ops/login', { key: ` ${key}\n` });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/ops']);
    const [cookie, ...others] = answer.headers.getSetCookie();
    expect(others).toEqual([]);
    expect(cookie).toMatch(
      /^__Secure-paysaga-ops=[\w-]+; Max-Age=43200; Path=\/ops; HttpOnly; Secure; SameSite=Strict$/,
    );
    const value = Buffer.from(/=([\w-]+)/.exec(cookie ?? '')?.[1] ?? '', 'base64url').toString('latin1');
    expect(value).toContain(record.id);
    expect(value).not.toContain(key.slice(-20));
    expect(test.logLines.join()).toContain('an operator signed in');
    expect(test.logLines.join()).not.toContain(key.slice(-20));
  });

  it('on plain http, as on one’s own machine, sets the cookie without Secure', async () => {
    const { key } = await test.operatorKey();
    const app = createApp(test.deps({ publicUrl: () => 'http://127.0.0.1:8080' }), served);
    const [cookie] = (await sendForm(app, '/ops/login', { key })).headers.getSetCookie();
    expect(cookie).toMatch(/^paysaga-ops=[\w-]+; Max-Age=43200; Path=\/ops; HttpOnly; SameSite=Strict$/);
  });

  it('with a wrong, malformed or revoked key is refused in the same words', async () => {
    const revoked = await test.operatorKey();
    await revokeApiKey(test.connection.db, revoked.record.id, NOW);
    const app = createApp(test.deps(), served);
    const pages = [];
    for (const key of [`psk_live_operator_${'A'.repeat(43)}`, revoked.key, 'x', '']) {
      const answer = await sendForm(app, '/ops/login', { key });
      expect([answer.status, answer.headers.getSetCookie()]).toEqual([401, []]);
      pages.push(await answer.text());
    }
    expect(new Set(pages).size).toBe(1);
    expect(pages[0]).toContain('data-problem="wrong"');
    expect(test.logLines.join()).not.toContain(revoked.key.slice(-20));
  });

  it('with a merchant key is refused with the reason, whether or not there is such a key', async () => {
    const app = createApp(test.deps(), served);
    const pages = [];
    for (const key of [test.merchantKey, `psk_live_merchant_${'A'.repeat(43)}`]) {
      const answer = await sendForm(app, '/ops/login', { key }, { 'Accept-Language': 'en' });
      expect(answer.status).toBe(403);
      pages.push(await answer.text());
    }
    expect(pages[0]).toBe(pages[1]);
    expect(pages[0]).toContain('This is a merchant key');
  });

  it('with a wrong key is turned away for a while after many of them; with the right one never', async () => {
    const { key } = await test.operatorKey();
    const app = createApp(test.deps(), served);
    for (let n = 0; n < 10; n += 1) expect((await sendForm(app, '/ops/login', { key: 'x' })).status).toBe(401);
    const refused = await sendForm(app, '/ops/login', { key: 'x' });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '6']);
    expect((await sendForm(app, '/ops/login', { key })).status).toBe(303);
    test.clock.now = new Date(NOW.getTime() + 6_000);
    expect((await sendForm(app, '/ops/login', { key: 'x' })).status).toBe(401);
  });

  it('does not hold up the others for one address, but bounds them all together', () => {
    const limit = createLoginLimit(() => NOW);
    for (let n = 0; n < 10; n += 1) limit.failed('192.0.2.1');
    expect(limit.waitSeconds('192.0.2.1')).toBeGreaterThan(0);
    expect(limit.waitSeconds('192.0.2.2')).toBe(0);
    for (let n = 0; n < 200; n += 1) limit.failed(`198.51.100.${n}`);
    expect(limit.waitSeconds('192.0.2.3')).toBeGreaterThan(0);
  });

  it('leads back to the page that was asked for', async () => {
    const { key } = await test.operatorKey();
    const app = createApp(test.deps(), served);
    const asked = await app.request('/ops/stuck?reason=review');
    expect([asked.status, asked.headers.get('location')]).toEqual([
      303,
      '/ops/login?next=%2Fops%2Fstuck%3Freason%3Dreview',
    ]);
    const door = await (await app.request(asked.headers.get('location') ?? '')).text();
    const next = /name="next" value="([^"]+)"/.exec(door)?.[1] ?? '';
    const answer = await sendForm(app, '/ops/login', { key, next });
    expect(answer.headers.get('location')).toBe('/ops/stuck?reason=review');
  });

  it.each([
    'https://evil.example/ops',
    '//evil.example/ops',
    '/\\evil.example',
    '/ops/../v1/orders',
    '/ops/..//evil.example',
    '/opsx',
    'javascript:alert(1)',
    '/ops/logout',
    '/ops/login?next=/ops/stuck',
    '/ops/charts.json',
  ])('never leads to %s', (asked) => {
    expect(safeNext(asked)).toBe('/ops');
  });
});

describe('being signed in', () => {
  it('ends at the next request once the key is revoked', async () => {
    const { key, record } = await test.operatorKey();
    const operator = await signedIn(test, key);
    expect((await operator.get('/ops')).status).toBe(200);
    await revokeApiKey(test.connection.db, record.id, NOW);
    const answer = await operator.get('/ops');
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/ops/login']);
    expect((await operator.get('/ops/login')).status).toBe(200);
  });

  it('has no need of the door', async () => {
    const operator = await signedIn(test, (await test.operatorKey()).key);
    const answer = await operator.get('/ops/login?next=/ops/stuck');
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/ops/stuck']);
  });

  it('ends after twelve hours', async () => {
    const operator = await signedIn(test, (await test.operatorKey()).key);
    test.clock.now = new Date(NOW.getTime() + (SESSION_SECONDS - 1) * 1000);
    expect((await operator.get('/ops')).status).toBe(200);
    test.clock.now = new Date(NOW.getTime() + SESSION_SECONDS * 1000);
    expect((await operator.get('/ops')).status).toBe(303);
  });

  it('is over after signing out', async () => {
    const operator = await signedIn(test, (await test.operatorKey()).key);
    const answer = await operator.post('/ops/logout');
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/ops/login']);
    expect(answer.headers.getSetCookie()[0]).toMatch(/^__Secure-paysaga-ops=; Max-Age=0; Path=\/ops/);
  });

  it('is not what an API key is: neither opens the other’s doors', async () => {
    const { key } = await test.operatorKey();
    const operator = await signedIn(test, key);
    const withCookie = await operator.get(`/v1/orders?mchid=${MCHID}`);
    expect(withCookie.status).toBe(401);
    expect((await test.send('GET', '/ops', { key })).status).toBe(303);
  });
});

it('a form sent after the session is over does nothing and says so, with the way in', async () => {
  const operator = await signedIn(test, (await test.operatorKey()).key);
  test.clock.now = new Date(NOW.getTime() + SESSION_SECONDS * 1000);
  const answer = await sendForm(operator.app, '/ops/logout', { csrf: 'x' }, { Cookie: operator.cookie });
  expect(answer.status).toBe(401);
  expect(await answer.text()).toContain('href="/ops/login');
});

it('two people at one browser do not share a form token', async () => {
  const first = await signedIn(test, (await test.operatorKey()).key);
  const second = await signedIn(test, (await test.operatorKey()).key);
  const [mine, theirs] = [
    await tokenOf(await first.get('/ops/search')),
    await tokenOf(await second.get('/ops/search')),
  ];
  expect(mine).not.toBe('');
  expect(mine).not.toBe(theirs);
  expect((await second.post('/ops/logout', { csrf: mine })).status).toBe(403);
});
