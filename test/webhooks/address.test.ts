import { expect, test } from 'vitest';
import { isRange } from '../../src/net/address.js';
import { createAddressGuard, LOOPBACK_RANGES } from '../../src/webhooks/address.js';

const strict = createAddressGuard([]);

test.each([
  '1.1.1.1',
  '8.8.8.8',
  '9.255.255.255',
  '11.0.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '168.63.129.17',
  '172.15.255.255',
  '172.32.0.0',
  '192.0.1.0',
  '198.17.255.255',
  '198.20.0.0',
  '223.255.255.255',
  '2606:4700:4700::1111',
  '2400:3200::1',
  '2a00:1450:4001:80b::200e',
  '2001:200::1',
  '2003::1',
  '3ffe:ffff::1',
])('%s is public: by https, not in the clear', (address) => {
  expect(strict('https', address)).toBe(true);
  expect(strict('http', address)).toBe(false);
});

test.each([
  ['unspecified', '0.0.0.0'],
  ['this network', '0.1.2.3'],
  ['private', '10.0.0.1'],
  ['carrier-grade NAT', '100.64.0.1'],
  ['Alibaba Cloud metadata', '100.100.100.200'],
  ['loopback', '127.0.0.1'],
  ['loopback', '127.255.255.254'],
  ["Azure's host", '168.63.129.16'],
  ['link-local', '169.254.0.23'],
  ['cloud metadata', '169.254.169.254'],
  ['private', '172.16.0.1'],
  ['private', '172.31.255.255'],
  ['Oracle Cloud metadata', '192.0.0.192'],
  ['documentation', '192.0.2.1'],
  ['6to4 relay', '192.88.99.1'],
  ['private', '192.168.1.1'],
  ['benchmark', '198.18.0.1'],
  ['benchmark', '198.19.255.255'],
  ['documentation', '198.51.100.7'],
  ['documentation', '203.0.113.7'],
  ['multicast', '224.0.0.1'],
  ['multicast', '239.255.255.255'],
  ['reserved', '240.0.0.1'],
  ['broadcast', '255.255.255.255'],
  ['unspecified', '::'],
  ['loopback', '::1'],
  ['IPv4-compatible', '::7f00:1'],
  ['IPv4-mapped loopback', '::ffff:127.0.0.1'],
  ['IPv4-mapped loopback', '0:0:0:0:0:ffff:7f00:1'],
  ['IPv4-mapped public', '::ffff:8.8.8.8'],
  ['IPv4-translated', '::ffff:0:127.0.0.1'],
  ['NAT64', '64:ff9b::7f00:1'],
  ['NAT64', '64:ff9b::8.8.8.8'],
  ['local NAT64', '64:ff9b:1::a00:1'],
  ['discard', '100::1'],
  ['Teredo', '2001::1'],
  ['benchmark', '2001:2::1'],
  ['ORCHID', '2001:20::1'],
  ['documentation', '2001:db8::1'],
  ['6to4 of loopback', '2002:7f00:1::'],
  ['documentation', '3fff::1'],
  ['segment routing', '5f00::1'],
  ['unique local', 'fc00::1'],
  ['AWS metadata', 'fd00:ec2::254'],
  ['link-local', 'fe80::1'],
  ['link-local with a zone', 'fe80::1%lo'],
  ['public with a zone', '2606:4700:4700::1111%lo'],
  ['site-local', 'fec0::1'],
  ['multicast', 'ff02::1'],
])('an address that is %s is refused: %s', (_kind, address) => {
  expect(strict('https', address)).toBe(false);
  expect(strict('http', address)).toBe(false);
});

test.each(['', 'localhost', '127.1', '2130706433', '0x7f000001', '127.0.0.1 ', '[::1]', '1.1.1.1/32'])(
  'what is not an address is refused: %j',
  (text) => {
    expect(createAddressGuard(['0.0.0.0/0', '::/0'])('https', text)).toBe(false);
  },
);

test.each([
  ['10.1.2.0/24', '10.1.2.3', '10.1.3.3'],
  ['10.9.9.9/8', '10.1.2.3', '127.0.0.1'],
  ['169.254.169.254/32', '169.254.169.254', '169.254.169.253'],
  ['::1/128', '::1', '127.0.0.1'],
  ['fd00::/8', 'fdab::1', 'fc00::1'],
  ['127.0.0.0/8', '::ffff:127.0.0.1', '::1'],
  ['64:ff9b::/96', '64:ff9b::8.8.8.8', '64:ff9b:1::1'],
  ['::/0', 'fe80::1', '10.0.0.1'],
  ['0.0.0.0/0', '10.0.0.1', 'fe80::1'],
])('%s lets through %s, by http too, and not %s', (range, inside, outside) => {
  const permits = createAddressGuard([range]);
  expect([permits('https', inside), permits('http', inside)]).toEqual([true, true]);
  expect([permits('https', outside), permits('http', outside)]).toEqual([false, false]);
});

test('this machine is both its families', () => {
  const permits = createAddressGuard(LOOPBACK_RANGES);
  expect(['127.0.0.1', '127.8.8.8', '::1'].map((address) => permits('http', address))).toEqual([true, true, true]);
  expect(permits('https', '10.0.0.1')).toBe(false);
});

test.each(['10.0.0.0/8', '10.1.2.3/32', '0.0.0.0/0', '::1/128', 'fd00::/8', '::ffff:10.0.0.0/104'])(
  '%s is a range',
  (text) => {
    expect(isRange(text)).toBe(true);
    expect(() => createAddressGuard([text])).not.toThrow();
  },
);

test.each(['', '10.0.0.1', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0/8', '::1/129', 'fe80::1%lo/64', 'localhost/8', '/8'])(
  '%j is not a range',
  (text) => {
    expect(isRange(text)).toBe(false);
    expect(() => createAddressGuard([text])).toThrow('not a range');
  },
);
