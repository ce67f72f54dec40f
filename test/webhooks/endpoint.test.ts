import { expect, test } from 'vitest';
import { endpointUrlProblem } from '../../src/webhooks/address.js';

const CLEAR = 'must be https, or http within allowedPrivateRanges';
const PRIVATE = 'is neither public nor in allowedPrivateRanges';

test.each([
  ['https://shop.example/hooks?key=1', []],
  ['https://shop.example:8443', []],
  ['https://1.1.1.1/', []],
  ['https://10.0.0.5/', ['10.0.0.0/8']],
  ['http://10.0.0.5:3000/', ['10.0.0.0/8']],
  ['http://[::1]:3000/', ['::1/128']],
  ['http://localhost:3000/', ['127.0.0.0/8']],
  ['http://shop.internal/', ['10.0.0.0/8']],
])('%s is fine with %j', (url, ranges) => {
  expect(endpointUrlProblem(url, ranges)).toBeUndefined();
});

test.each([
  ['', [], 'must be an https URL'],
  ['shop.example', [], 'must be an https URL'],
  ['ftp://shop.example/', ['10.0.0.0/8'], 'must be an https URL'],
  ['http://shop.example/', [], CLEAR],
  ['http://localhost:3000/', [], CLEAR],
  ['http://127.0.0.1/', ['10.0.0.0/8'], CLEAR],
  ['http://1.1.1.1/', ['10.0.0.0/8'], CLEAR],
  ['https://127.0.0.1/', [], PRIVATE],
  ['https://2130706433/', [], PRIVATE],
  ['https://[::ffff:169.254.169.254]/', ['10.0.0.0/8'], PRIVATE],
  ['https://user@shop.example/', [], 'must not hold credentials'],
  ['https://:secret@shop.example/', [], 'must not hold credentials'],
])('%s is not fine with %j: %s', (url, ranges, problem) => {
  expect(endpointUrlProblem(url, ranges)).toBe(problem);
});
