import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { EXIT } from '../../src/cli/kit/command.js';
import { CARD_COMMANDS } from '../orders/rules/situations.js';
import { startFakeApi, type FakeApi } from './support/fake-api.js';
import { at, run } from './support/run.js';

let api: FakeApi;
beforeAll(async () => {
  api = await startFakeApi();
});
afterAll(() => api.close());
beforeEach(() => {
  api.asked.length = 0;
});

/** Every command that any card names, but for the one that asks nothing of an order. */
const COMMANDS = CARD_COMMANDS.filter((command) => command !== 'paysaga doctor');

/** As a shell would split it: single quotes are the only ones the cards use. */
const words = (command: string): string[] => command.split(' ').map((word) => word.replaceAll("'", ''));
const isBlank = (word: string): boolean => /^<.*>$/.test(word);
const argumentsOf = (command: string): string[] => words(command).slice(1);

test.each(COMMANDS)('a card says %s, and the command line knows it', async (command) => {
  const filled = argumentsOf(command).map((word) => (word === '' ? 'because' : isBlank(word) ? 'mp-1' : word));
  const { code, err } = await run(filled, at(api.url));
  // The ingress answers that there is no such order: the command got as far as asking.
  expect({ code, err: code === EXIT.failed ? '' : err }).toEqual({ code: EXIT.failed, err: '' });
  expect(api.asked.length).toBeGreaterThan(0);
});

test.each(COMMANDS.filter((command) => command.endsWith("''")))(
  '%s is refused while the reason is empty',
  async (command) => {
    expect((await run(argumentsOf(command), at(api.url))).code).toBe(EXIT.usage);
    expect(api.asked).toEqual([]);
  },
);

test.each(['', ...COMMANDS.flatMap(words).filter(isBlank)])(
  'a number that is left blank (%o) is refused, and what belongs there is said',
  async (blank) => {
    const asked = ['refund', 'external', 'A-10001', blank, '--mchid', '1900000001', '--reason', 'because'];
    const { code, err } = await run(asked, at(api.url));
    expect([code, err]).toEqual([EXIT.usage, expect.stringContaining('out_refund_no')]);
    expect(api.asked).toEqual([]);
  },
);

test('no word of any command is empty but the reason', () => {
  for (const command of COMMANDS) expect(words(command).slice(0, -1)).not.toContain('');
});
