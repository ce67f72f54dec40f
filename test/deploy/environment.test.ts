import { expect, test } from 'vitest';
import { environmentNames } from '../../src/entries/config.js';
import { sandboxServices } from './compose-file.js';

const ours = sandboxServices.filter(([, { build }]) => build !== undefined);

test.each(ours)('%s: every variable is one that the configuration reads', (_name, { environment }) => {
  expect(environmentNames).toEqual(expect.arrayContaining(Object.keys(environment)));
});
