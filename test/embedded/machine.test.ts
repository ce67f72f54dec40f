import { expect, test } from 'vitest';
import { freePorts } from '../../src/embedded/machine.js';

test('ports asked for together are all different', async () => {
  const ports = await freePorts(50);
  expect(new Set(ports).size).toBe(50);
  expect(Math.min(...ports)).toBeGreaterThan(1_023);
});

test('no port is chosen twice, nor one that the system gives to whoever asks for any', async () => {
  const chosen = (await Promise.all([freePorts(3), freePorts(3), freePorts(3)])).flat();
  expect(new Set(chosen).size).toBe(9);
  expect(Math.max(...chosen)).toBeLessThan(32_768);
});
