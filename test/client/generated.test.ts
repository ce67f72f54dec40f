import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { generated } from '../../scripts/client-types.js';

test('the client is made from the document of this source', async () => {
  for (const [name, text] of await generated()) {
    const written = await readFile(new URL(`../../src/client/generated/${name}`, import.meta.url), 'utf8');
    expect(written === text, `src/client/generated/${name} is stale: npm run client:types`).toBe(true);
  }
});
