import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { environmentNames } from '../../src/entries/config.js';
import { root, sandboxServices, services } from './compose-file.js';

const ours = sandboxServices.filter(([, { build }]) => build !== undefined);

test.each(ours)('%s: every variable is one that the configuration reads', (_name, { environment }) => {
  expect(environmentNames).toEqual(expect.arrayContaining(Object.keys(environment)));
});

/** Of `npm start`, of a Temporal elsewhere, and ports that only the container has. */
const ELSEWHERE =
  /^(PAYSAGA_(WEBHOOK_URL|HOME|(SANDBOX|TEMPORAL|TEMPORAL_UI|POSTGRES)_PORT)|TEMPORAL_(?!ADDRESS|NAMESPACE).*)$/;

test('every setting that means something in a container is passed to one', () => {
  const passed = services.flatMap(([, { build, environment }]) =>
    build === undefined ? [] : Object.keys(environment),
  );
  expect(environmentNames.filter((name) => !ELSEWHERE.test(name) && !passed.includes(name))).toEqual([]);
});

test('every variable that compose takes is in the example of its file', () => {
  const taken = [...readFileSync(`${root}/docker-compose.yml`, 'utf8').matchAll(/\$\{(\w+)/g)].map(([, name]) => name);
  const example = readFileSync(`${root}/deploy/compose.env.example`, 'utf8');
  expect(taken.filter((name) => !new RegExp(`^(# )?${name}=`, 'm').test(example))).toEqual([]);
});
