import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { csvFile } from '../../src/http/kit/csv.js';

const columns = { text: (row: string) => row };
const log = { warn: () => undefined };

/** Pages without end, and how many of them were made. */
function endless() {
  const made = { pages: 0, isEnded: false };
  async function* pages() {
    try {
      for (;;) {
        made.pages += 1;
        yield await Promise.resolve(['a', 'b']);
      }
    } finally {
      made.isEnded = true;
    }
  }
  return { made, pages: pages() };
}

const serving = (pages: AsyncGenerator<string[], void>) =>
  new Hono().get('/', (c) => csvFile(c, { name: 'file', columns, pages, log })).request('/');

test('a file is read no further than it is taken, and ends where its reader leaves', async () => {
  const { made, pages } = endless();
  const reader = (await serving(pages)).body?.getReader();
  for (let taken = 1; taken <= 5; taken += 1) {
    const chunk = await reader?.read();
    expect(Buffer.from(chunk?.value ?? []).toString()).toBe(`${taken === 1 ? '\ufefftext\r\n' : ''}a\r\nb\r\n`);
    expect(made.pages).toBeLessThanOrEqual(taken + 1);
  }
  await reader?.cancel();
  expect(made.isEnded).toBe(true);
});

test('a file without rows has the names of its columns', async () => {
  async function* none(): AsyncGenerator<string[], void> {
    await Promise.resolve();
  }
  const bytes = Buffer.from(await (await serving(none())).arrayBuffer());
  expect(bytes.toString()).toBe('\ufefftext\r\n');
});
