import { expect, it } from 'vitest';
import { useTestApp } from '../http/support/test-app.js';
import { sendForm, signedIn, tokenOf } from './support/operator.js';

const test = useTestApp();
const operator = async () => signedIn(test, (await test.operatorKey()).key);
const said = async (answer: Response): Promise<unknown[]> => [
  answer.status,
  /id="failure" data-code="([a-z_]+)"/.exec(await answer.text())?.[1],
];

it('a form without its token, or with an invented one, does nothing', async () => {
  const { app, cookie } = await operator();
  for (const fields of [{}, { csrf: '' }, { csrf: 'A'.repeat(43) }])
    expect(await said(await sendForm(app, '/ops/logout', fields, { Cookie: cookie }))).toEqual([403, 'forbidden']);
});

it.each([
  ['another origin', { Origin: 'https://evil.example' }],
  ['a page without an origin', { Origin: 'null' }],
  ['another site', { 'Sec-Fetch-Site': 'cross-site' }],
  ['a neighbour of the same site', { 'Sec-Fetch-Site': 'same-site', Origin: 'https://shop.example.com' }],
])('a form from %s does nothing, even with the right token', async (_from, headers) => {
  expect(await said(await (await operator()).post('/ops/logout', {}, headers))).toEqual([403, 'forbidden']);
});

it.each([
  ['the public address', { Origin: 'https://pay.example.com', 'Sec-Fetch-Site': 'same-origin' }],
  ['the address it was asked at', { Origin: 'http://10.0.0.7:8080', Host: '10.0.0.7:8080' }],
  ['a client that is no browser', {}],
])('a form from %s is taken', async (_from, headers) => {
  expect((await (await operator()).post('/ops/logout', {}, headers)).status).toBe(303);
});

it('a key is not taken from another origin’s form either: nobody is signed in unawares', async () => {
  const { key } = await test.operatorKey();
  const { app } = await operator();
  const answer = await sendForm(app, '/ops/login', { key }, { Origin: 'https://evil.example' });
  expect(await said(answer)).toEqual([403, 'forbidden']);
  expect(answer.headers.getSetCookie()).toEqual([]);
});

it('only forms are read: JSON and multipart are refused, and so is what is too large', async () => {
  const { app, cookie } = await operator();
  const send = (body: string, type: string) =>
    app.request('/ops/logout', { method: 'POST', body, headers: { Cookie: cookie, 'Content-Type': type } });
  expect(await said(await send('{"csrf":"x"}', 'application/json'))).toEqual([400, 'invalid_request']);
  expect(await said(await send('--x--', 'multipart/form-data; boundary=x'))).toEqual([400, 'invalid_request']);
  const large = `csrf=${'x'.repeat(300_000)}`;
  expect(await said(await send(large, 'application/x-www-form-urlencoded'))).toEqual([413, 'body_too_large']);
});

it.each(['/ops/logout', '/ops/login', '/ops/bulk'])('%s: a form that says a field twice is refused', async (path) => {
  const { app, cookie, get } = await operator();
  const csrf = await tokenOf(await get('/ops/search'));
  const send = (body: URLSearchParams) => app.request(path, { method: 'POST', body, headers: { Cookie: cookie } });
  for (const name of ['csrf', 'key', 'reason', 'x'])
    expect(
      await said(
        await send(
          new URLSearchParams([
            ['csrf', csrf],
            [name, '1'],
            [name, '1'],
          ]),
        ),
      ),
    ).toEqual([400, 'invalid_request']);
});

it('nothing is changed by a GET, and other methods are named as unknown on a page', async () => {
  const someone = await operator();
  const asked = await someone.get('/ops/logout');
  expect([asked.status, asked.headers.get('allow'), asked.headers.get('content-type')]).toEqual([
    405,
    'POST, OPTIONS',
    'text/html; charset=UTF-8',
  ]);
  expect((await someone.get('/ops')).status).toBe(200);
});

it('other origins are told nothing: no answer carries CORS headers', async () => {
  const { get } = await operator();
  for (const path of ['/ops', '/ops/charts.json', '/ops/login'])
    expect((await get(path, { Origin: 'https://evil.example' })).headers.get('access-control-allow-origin')).toBeNull();
});
