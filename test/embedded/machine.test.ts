import { expect, test } from 'vitest';
import { freePorts } from '../../src/embedded/machine.js';

test('ports asked for together are all different', async () => {
  const ports = await freePorts(50);
  expect(new Set(ports).size).toBe(50);
  expect(Math.min(...ports)).toBeGreaterThan(1_023);
});
