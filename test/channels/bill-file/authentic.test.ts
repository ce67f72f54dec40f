import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { authenticated } from '../../../src/channels/bill-file/authentic.js';
import { readTradeBill } from '../../../src/channels/bill-file/trade-bill.js';
import { chunked, collected, PAYMENT, tradeBill, written } from '../support/bills.js';

const file = written(tradeBill([PAYMENT], '1,11.05,0,0,0.07,12.05,0'));
const sha1 = createHash('sha1').update(file).digest('hex');

test.each([sha1, sha1.toUpperCase()])('a file is authentic by its hash, whose case says nothing', async (expected) => {
  const { bytes, isAuthentic } = authenticated(chunked(file), expected);
  expect(await collected(readTradeBill(bytes))).toHaveLength(2);
  expect(await isAuthentic()).toBe(true);
});

test('a file that lost or changed a byte is not', async () => {
  for (const other of [file.subarray(0, -1), Buffer.concat([file, Buffer.from('\n')])]) {
    const { bytes, isAuthentic } = authenticated(chunked(other), sha1);
    await collected(bytes);
    expect(await isAuthentic()).toBe(false);
  }
});

test('of a file that cannot be read it is known too whether WeChat Pay made it', async () => {
  const unreadable = Buffer.concat([Buffer.from('nonsense\n'), Buffer.alloc(200_000, 'x\n')]);
  const expected = createHash('sha1').update(unreadable).digest('hex');
  for (const [named, isIt] of [
    [expected, true],
    [sha1, false],
  ] as const) {
    const { bytes, isAuthentic } = authenticated(chunked(unreadable, 1_000), named);
    await expect(collected(readTradeBill(bytes))).rejects.toMatchObject({ reason: 'no_header' });
    expect(await isAuthentic()).toBe(isIt);
  }
});

test('a source that breaks proves nothing, and one that is closed is asked no more', async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield* chunked(file);
    throw new Error('cut off');
  }
  await expect(authenticated(broken(), sha1).isAuthentic()).rejects.toThrow('cut off');
  const closed = authenticated(chunked(file), sha1);
  await closed.bytes[Symbol.asyncIterator]().next();
  await closed.close();
  expect(await closed.isAuthentic()).toBe(false);
});
