import { afterAll, beforeAll, expect, it } from 'vitest';
import { problem, startFakeApi, type Answering, type FakeApi } from './support/fake-api.js';
import { at, CANARY, run } from './support/run.js';

const ID = '67700ef7-a7dc-4184-bcb3-4fabafc7ff1f';

let api: FakeApi;
beforeAll(async () => {
  api = await startFakeApi();
});
afterAll(() => api.close());

const LINES = [
  ['orders'],
  ['orders', '--stuck', '--json'],
  ['show', 'A-1001'],
  ['recheck', 'A-1001', '--reason', 'x'],
  ['extend', 'A-1001', '--until', '2026-03-02T00:00:00Z', '--reason', 'x'],
  ['hold', '--state', 'awaitingPayment', '--reason', 'x', '--yes'],
  ['release', 'A-1001', '--reason', 'x'],
  ['bulk', ID],
  ['close', 'A-1001', '--reason', 'x'],
  ['refund', 'A-1001', '--amount', '1', '--reason', 'x'],
  ['refund', 'resolve', 'R-1', 'paidOffline', '--reason', 'x'],
  ['resolve', 'A-1001', 'accept', '--reason', 'x'],
  ['inbox'],
  ['inbox', 'redrive', ID, '--reason', 'x'],
  ['events', 'resend', ID, '--reason', 'x'],
  ['evidence', 'A-1001'],
  ['--help'],
];

const ANSWERS: readonly [string, Answering][] = [
  ['a refusal', () => problem(403, 'forbidden', 'This call needs an operator key.')],
  ['nothing', () => 'hangUp'],
  ['something else', () => ({ body: { unexpected: true } })],
  ['an error page', () => ({ status: 500, type: 'text/html', body: '<h1>500</h1>' })],
];

it.each(ANSWERS)('the key is in no output, whatever is typed, when the answer is %s', async (_, answer) => {
  api.answer = answer;
  for (const argv of LINES) {
    const { out, err } = await run(argv, at(api.url));
    expect(out + err, argv.join(' ')).not.toContain(CANARY);
    expect(out + err, argv.join(' ')).not.toContain('Canary');
  }
});

it('a key cannot be an argument', async () => {
  expect((await run(['orders', '--operator-key', CANARY], at(api.url))).code).toBe(2);
});
