import { expect, it, vi } from 'vitest';
import { createOnce } from '../../../src/bulk/page/routes.js';

it('what is sent twice under one nonce is begun once, also while it is under way', async () => {
  const once = createOnce<number>();
  const begin = vi.fn(() => Promise.resolve(7));
  expect(await Promise.all([once('a', begin), once('a', begin)])).toEqual([7, 7]);
  expect(await once('a', begin)).toBe(7);
  expect(begin).toHaveBeenCalledOnce();
});

it('another nonce, or none, is another beginning', async () => {
  const once = createOnce<number>();
  const begin = vi.fn(() => Promise.resolve(7));
  for (const nonce of ['a', 'b', '', '']) await once(nonce, begin);
  expect(begin).toHaveBeenCalledTimes(4);
});

it('what failed may be sent again', async () => {
  const once = createOnce<number>();
  await expect(once('a', () => Promise.reject(new Error('down')))).rejects.toThrow('down');
  expect(await once('a', () => Promise.resolve(8))).toBe(8);
});

it('the oldest are forgotten', async () => {
  const once = createOnce<number>();
  for (let n = 0; n < 600; n += 1) await once(String(n), () => Promise.resolve(n));
  expect(await once('0', () => Promise.resolve(-1))).toBe(-1);
  expect(await once('599', () => Promise.resolve(-1))).toBe(599);
});
