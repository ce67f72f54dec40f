import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { createSigner } from '../../src/webhooks/webhooks.js';
import { newDelivery, newSecret } from './support/shop.js';

test("signs the standard's published example as it is published", () => {
  const sign = createSigner(['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw']);
  const timestamp = new Date(1_614_265_330_000);
  expect(sign({ id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp, body: '{"test": 2432232314}' })).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

test('while a secret is replaced, the shop recognizes a delivery by the new one and by the old one', () => {
  const [newest, oldest] = [newSecret(), newSecret()];
  const delivery = newDelivery();
  const headers = createSigner([newest, oldest])(delivery);
  for (const secret of [newest, oldest])
    expect(new Webhook(secret).verify(delivery.body, headers)).toEqual(JSON.parse(delivery.body));
  expect(() => new Webhook(newSecret()).verify(delivery.body, headers)).toThrow('No matching signature');
});

test('the newest secret signs first', () => {
  const [newest, oldest] = [newSecret(), newSecret()];
  const delivery = newDelivery();
  const signatures = [[newest, oldest], [newest], [oldest]].map(
    (secrets) => createSigner(secrets)(delivery)['webhook-signature'],
  );
  expect(signatures[0]).toBe(`${signatures[1]} ${signatures[2]}`);
});

test('the time that is signed is the one that is sent, in whole seconds', () => {
  const secret = newSecret();
  const at = Math.floor(Date.now() / 1_000);
  const delivery = newDelivery({ timestamp: new Date(at * 1_000 + 999) });
  const headers = createSigner([secret])(delivery);
  expect(headers['webhook-timestamp']).toBe(String(at));
  expect(() => new Webhook(secret).verify(delivery.body, headers)).not.toThrow();
});
