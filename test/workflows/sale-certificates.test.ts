import { readFile, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { useSaga } from '../support/saga.js';

const saga = useSaga({
  async changeMerchants(file) {
    const config = JSON.parse(await readFile(file, 'utf8')) as { merchants: Record<string, unknown>[] };
    for (const merchant of config.merchants) {
      delete merchant['publicKeyId'];
      delete merchant['publicKeyFile'];
    }
    await writeFile(file, JSON.stringify(config));
  },
});

it('an order that names a person is sealed with a platform certificate, where the merchant has no key of WeChat Pay', async () => {
  const identity = { type: 'IDCARD', number: '110101199003074477', name: '李雷' };
  const answer = await saga.createOrder({ payer: { identity } });
  expect([answer.status, answer.body]).toMatchObject([201, { state: 'awaitingPayment' }]);
});
