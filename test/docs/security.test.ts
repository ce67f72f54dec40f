import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { OPERATOR_ROLES } from '../../src/access/rules/role.js';
import { credentialFields } from '../../src/channels/wechatpay-v3/credentials.js';
import { v2CredentialFields } from '../../src/channels/wechatpay-v2/credentials.js';
import { environmentNames } from '../../src/entries/config.js';
import { endpointSchema } from '../../src/webhooks/address.js';
import { sandboxServices, services } from '../deploy/compose-file.js';
import { read, root } from './documents.js';

const { text } = read('docs/security.md');

/** A section's text, from its heading to the next of its level. */
const section = (heading: string): string => text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
const rowsOf = (heading: string): readonly string[][] =>
  section(heading)
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(1)
    .map((line) => line.split('|').slice(1, -1));
const code = (cell = ''): readonly string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);

const keys = rowsOf('What each key can do');
const ports = rowsOf('What each port shows');
const threats = rowsOf('Threats, and what answers them');

/** The settings of the merchants file whose files are no business of others. */
const secretFiles = [credentialFields, v2CredentialFields, endpointSchema.shape]
  .flatMap((fields) => Object.keys(fields))
  .filter((name) => /^(privateKeyFile|api\w+KeyFile|secretFiles)$/.test(name));

/** Of the containers that compose starts, ours or not. */
const passwords = [...readFileSync(join(root, 'deploy/compose.env.example'), 'utf8').matchAll(/^(\w*PASSWORD)=/gm)].map(
  ([, name = '']) => name,
);

const SECRET = /(_KEY|_KEY_FILE|_KEY_PATH|_PROXY)$|^DATABASE_URL$/;

test('every secret that the environment, compose and the merchants file name has its row, and each row one that is there', () => {
  const named = keys.flatMap(([, where]) => code(where));
  const secrets = [...environmentNames.filter((name) => SECRET.test(name)), ...secretFiles, ...passwords];
  expect(secrets.length).toBeGreaterThan(10);
  expect([...new Set(secrets)].filter((name) => !named.includes(name))).toEqual([]);
  const known = [...environmentNames, ...passwords, ...Object.keys({ ...credentialFields, ...v2CredentialFields })];
  const settings = named.filter((name) => /^[A-Z_]+$|Files?$/.test(name) && name !== 'secretFiles');
  expect(settings.filter((name) => !known.includes(name))).toEqual([]);
});

test('every role of an operator has its row, and no other is named', () => {
  const roles = keys.flatMap(([key = '']) => /^ operator key, role `(\w+)`/.exec(key)?.[1] ?? []);
  expect(roles.toSorted()).toEqual([...OPERATOR_ROLES].toSorted());
});

test('every port that is configured or published has its row, and each row one that is there', () => {
  const published = [...services, ...sandboxServices].flatMap(([, it]) => it.ports.map((port) => port.split(':')[1]));
  const settings = environmentNames.filter((name) => /(^|_)PORT$/.test(name));
  const there = [...settings, ...new Set(published)];
  const named = ports.flatMap(([port]) => code(port));
  expect(named.length).toBeGreaterThan(8);
  expect(there.filter((name) => name !== undefined && !named.includes(name))).toEqual([]);
  const inside = sandboxServices.flatMap(([, it]) =>
    [...JSON.stringify(it).matchAll(/\b\d{4}\b/g)].map(([port]) => port),
  );
  expect(named.filter((name) => !there.includes(name) && !inside.includes(name) && name !== '--secapi-port')).toEqual(
    [],
  );
});

test('every environment variable that is named anywhere is one that is read', () => {
  const named = [...text.matchAll(/`((?:PAYSAGA|TEMPORAL|POSTGRES)_[A-Z_]+|DATABASE_URL)`/g)].map(([, name]) => name);
  expect(named.filter((name = '') => ![...environmentNames, ...passwords].includes(name))).toEqual([]);
});

test.each(threats.map(([threat = '', , shown = '']) => ({ threat: threat.trim(), shown })))(
  'answered, by tests that are there: $threat',
  ({ shown }) => {
    const tests = [...shown.matchAll(/\[[^\]]+\]\(\.\.\/(test\/[^)]+\.test\.ts)\) *\*([^*]+)\*/g)];
    expect(tests.length).toBeGreaterThan(0);
    expect(tests.length).toBe([...shown.matchAll(/\]\(/g)].length);
    for (const [, file = '', name = ''] of tests) {
      expect(existsSync(join(root, file)), file).toBe(true);
      expect(read(file).text, file).toContain(name);
    }
  },
);

test('the page has its threats, and says what is not defended', () => {
  expect(threats.length).toBeGreaterThan(15);
  expect(section('What is not defended').split('\n- ').length).toBeGreaterThan(5);
});

test.each([
  ['.env', 'docs/operations.md'],
  ['.sandbox', 'docs/sandbox.md'],
  ['.paysaga', 'README.md'],
])('%s, which %s has people fill with secrets, is nothing that git takes', (name, document) => {
  expect(read(document).text).toContain(name);
  expect(
    read('.gitignore')
      .text.split('\n')
      .map((line) => line.replace(/\/$/, '')),
  ).toContain(name);
});
