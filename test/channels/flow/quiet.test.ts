import { beforeEach, expect, test } from 'vitest';
import { createQuiet, type Quiet } from '../../../src/channels/flow/gate.js';

let now: number;
let quiet: Quiet;
beforeEach(() => {
  now = 0;
  quiet = createQuiet(() => now);
});

const tries = (isWell: boolean): void => quiet.entered()(isWell);

test('nobody asked: everybody may go, several at once', () => {
  expect(quiet.ask(false)).toBe(0);
  quiet.entered();
  quiet.entered();
  expect([quiet.ask(false), quiet.ask(true), quiet.remainingMs()]).toEqual([0, 0, 0]);
});

test('it lasts as long as the longest of the answers says', () => {
  quiet.pauseFor(7_000);
  quiet.pauseFor(1_000);
  expect([quiet.ask(false), quiet.remainingMs()]).toEqual([7_000, 7_000]);
  now = 7_000;
  expect([quiet.ask(false), quiet.remainingMs()]).toEqual([0, 0]);
});

test('what somebody waits for may try all along, one at a time, once a second', () => {
  quiet.pauseFor(60_000);
  expect(quiet.ask(true)).toBe(0);
  const leave = quiet.entered();
  now = 5_000;
  expect(quiet.ask(true)).toBe(1_000);
  leave(false);
  expect(quiet.ask(true)).toBe(0);
  tries(false);
  now = 5_400;
  expect(quiet.ask(true)).toBe(600);
  expect(quiet.ask(false)).toBe(54_600);
});

test('a try that goes well ends it', () => {
  quiet.pauseFor(60_000);
  tries(true);
  expect([quiet.ask(false), quiet.remainingMs()]).toEqual([0, 0]);
});

test('a call that was sent before it was asked for proves nothing', () => {
  const leave = quiet.entered();
  quiet.pauseFor(60_000);
  leave(true);
  expect(quiet.ask(false)).toBe(60_000);
});

test('asked for again and again it keeps nobody away for longer than a minute', () => {
  for (const at of [0, 30_000, 60_000, 90_000]) {
    now = at;
    quiet.pauseFor(60_000);
    expect(quiet.ask(false)).toBe(Math.max(0, 60_000 - at));
  }
  tries(false);
  expect(quiet.ask(false)).toBe(1_000);
  now = 91_000;
  tries(true);
  quiet.pauseFor(60_000);
  expect(quiet.ask(false)).toBe(60_000);
});

test('an hour later it is a new one', () => {
  quiet.pauseFor(1_000);
  now = 3_600_000;
  quiet.pauseFor(60_000);
  expect(quiet.ask(false)).toBe(60_000);
});
