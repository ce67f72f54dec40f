import { expect, test } from 'vitest';
import { newDelivery, PATIENT, startSecureShop, startShop, webhookTo } from './support/shop.js';
import { selfSigned } from './support/certificate.js';

const FORBIDDEN = { kind: 'failed', reason: 'forbidden_address' };
const at = (...addresses: string[]) => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

test('a public name that means this machine is refused, and not even a connection is made', async () => {
  const shop = await startShop((response) => response.writeHead(200).end());
  for (const scheme of ['http', 'https']) {
    const resolve = () => Promise.resolve(at('127.0.0.1', '::1', '::ffff:127.0.0.1'));
    const webhook = webhookTo(`${scheme}://shop.example:${shop.port}/`, { allowedPrivateRanges: [] }, { resolve });
    expect(await webhook.send(newDelivery(), PATIENT)).toEqual(FORBIDDEN);
  }
  expect(shop.connections()).toBe(0);
});

test('a name is resolved once a try: what was checked is what is connected to', async () => {
  const certificate = selfSigned('shop.example');
  const inside = await startSecureShop(certificate, (response) => response.writeHead(200).end());
  const answers = [at('127.0.0.2'), at('127.0.0.1')];
  let asked = 0;
  const resolve = () => {
    asked += 1;
    return Promise.resolve(answers.shift() ?? []);
  };
  const url = `https://shop.example:${inside.port}/`;
  // The server is on 127.0.0.1 only: a second question would lead there.
  const webhook = webhookTo(url, { allowedPrivateRanges: ['127.0.0.2/32'] }, { resolve, ca: [certificate.cert] });
  expect(await webhook.send(newDelivery(), PATIENT)).toEqual({ kind: 'failed', reason: 'unreachable' });
  expect(asked).toBe(1);
  expect(await webhook.send(newDelivery(), PATIENT)).toEqual(FORBIDDEN);
  expect(asked).toBe(2);
  expect(inside.connections()).toBe(0);
});

test('of several addresses only the permitted ones are tried', async () => {
  const inside = await startShop((response) => response.writeHead(200).end());
  const resolve = () => Promise.resolve(at('127.0.0.1', '127.0.0.2', '::1'));
  const url = `http://shop.example:${inside.port}/`;
  const webhook = webhookTo(url, { allowedPrivateRanges: ['127.0.0.2/32'] }, { resolve });
  expect(await webhook.send(newDelivery(), PATIENT)).toEqual({ kind: 'failed', reason: 'unreachable' });
  expect(inside.connections()).toBe(0);
});

test('a name without an address is refused', async () => {
  const resolve = () => Promise.resolve([]);
  expect(await webhookTo('https://shop.example/', {}, { resolve }).send(newDelivery(), PATIENT)).toEqual(FORBIDDEN);
});

test('the system resolver is guarded like any other', async () => {
  const shop = await startShop((response) => response.writeHead(200).end());
  const webhook = webhookTo(`http://localhost:${shop.port}/`, { allowedPrivateRanges: ['10.0.0.0/8'] });
  expect(await webhook.send(newDelivery(), PATIENT)).toEqual(FORBIDDEN);
  expect(shop.connections()).toBe(0);
});

test.each(['127.0.0.1', '127.1', '2130706433', '0x7f.0.0.1', '017700000001', '[::1]', '[::ffff:127.0.0.1]', '0.0.0.0'])(
  'the address %s written into the URL is refused, and not even a connection is made',
  async (host) => {
    const shop = await startShop((response) => response.writeHead(200).end());
    for (const scheme of ['http', 'https']) {
      const webhook = webhookTo(`${scheme}://${host}:${shop.port}/`, { allowedPrivateRanges: ['10.0.0.0/8'] });
      expect(await webhook.send(newDelivery(), PATIENT)).toEqual(FORBIDDEN);
    }
    expect(shop.connections()).toBe(0);
  },
);

test.each(['169.254.169.254', '100.100.100.200', '[fd00:ec2::254]'])('metadata at %s is refused', async (host) => {
  const webhook = webhookTo(`http://${host}/latest/meta-data/`);
  expect(await webhook.send(newDelivery(), PATIENT)).toEqual(FORBIDDEN);
});

test('a public address is not told anything in the clear', async () => {
  const resolve = () => Promise.resolve(at('1.1.1.1', '2606:4700:4700::1111'));
  expect(await webhookTo('http://shop.example/', {}, { resolve }).send(newDelivery(), PATIENT)).toEqual(FORBIDDEN);
  expect(await webhookTo('http://1.1.1.1/').send(newDelivery(), PATIENT)).toEqual(FORBIDDEN);
});

test('an allowed address is reached by name and as a literal, over IPv4 and IPv6', async () => {
  const four = await startShop((response) => response.writeHead(200).end());
  const six = await startShop((response) => response.writeHead(200).end(), '::1');
  const sixByName = { resolve: () => Promise.resolve(at('::1')) };
  const fourByName = { resolve: () => Promise.resolve(at('127.0.0.1')) };
  for (const webhook of [
    webhookTo(`http://127.0.0.1:${four.port}/`),
    webhookTo(`http://shop.example:${four.port}/`, {}, fourByName),
    webhookTo(`http://localhost:${four.port}/`),
    webhookTo(`http://[::1]:${six.port}/`),
    webhookTo(`http://shop.example:${six.port}/`, {}, sixByName),
  ])
    expect(await webhook.send(newDelivery(), PATIENT)).toEqual({ kind: 'delivered', status: 200 });
  expect(six.seen.map(({ headers }) => headers['host'])).toEqual([`[::1]:${six.port}`, `shop.example:${six.port}`]);
});

test('when one permitted address does not answer, the next one does', async () => {
  const shop = await startShop((response) => response.writeHead(200).end());
  const resolve = () => Promise.resolve(at('::1', '127.0.0.1'));
  const webhook = webhookTo(`http://shop.example:${shop.port}/`, {}, { resolve });
  expect(await webhook.send(newDelivery(), PATIENT)).toEqual({ kind: 'delivered', status: 200 });
});
