import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { ownDocument } from '../../scripts/own-document.js';
import { resolved, type Document, type Schema } from './support/document.js';

/** What generators of clients stumble over. */
const text = await ownDocument();
const document = JSON.parse(text) as Document;
const { schemas } = document.components;

type Found = { readonly at: string; readonly schema: Schema };

/** Every schema of the document, and where it stands. */
function found(value: unknown, at: string): Found[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.entries(value)
    .filter(([name]) => !['example', 'examples', 'enum', 'required'].includes(name) || at.endsWith('/properties'))
    .flatMap(([name, field]) => found(field, `${at}/${name}`));
  return Array.isArray(value) ? inner : [{ at, schema: value as Schema }, ...inner];
}
const all = found(document, '');

test('a linter has no objection', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'paysaga-document-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'openapi.json'), text);
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const args = [join(root, 'node_modules/@redocly/cli/bin/cli.js'), 'lint', join(folder, 'openapi.json')];
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', NO_COLOR: '1' };
  const options = { cwd: root, env, maxBuffer: 1 << 26 };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [...args, '--format', 'json'], options);
  const { totals } = JSON.parse(stdout) as { totals: Record<string, number> };
  expect(totals, stderr).toMatchObject({ errors: 0, warnings: 0 });
});

test('a field of a body with a default may be left out, and says its default in words', () => {
  expect(schemas['CreateOrder']?.['required']).toEqual(['orderNo', 'amountFen', 'description', 'product']);
  expect(JSON.stringify(schemas['CreateOrder'])).toContain('Default: 7200.');
  expect(
    all.filter(
      ({ at, schema }) => at.startsWith('/components') && typeof schema['type'] === 'string' && 'default' in schema,
    ),
  ).toEqual([]);
  const parameters = Object.values(document.paths).flatMap((path) =>
    Object.values(path).flatMap((it) => it.parameters ?? []),
  );
  expect(parameters.filter(({ schema, required }) => 'default' in schema && required === true)).toEqual([]);
});

test('a schema that has a name is never null itself: `orNull` says so where it stands', () => {
  const named = Object.entries(schemas).filter(([, { type }]) => Array.isArray(type) && type.includes('null'));
  expect(named.map(([name]) => name)).toEqual([]);
});

test('a list of words that stands twice, or beside null, has a name in WORDS', () => {
  const lists = all.filter(({ schema }) => Array.isArray(schema['enum']) && schema['enum'].length > 1);
  const nullable = lists.filter(({ schema }) => (schema['enum'] as unknown[]).includes(null));
  expect(nullable.map(({ at }) => at)).toEqual([]);
  expect(twiceAmong(lists, ({ enum: words }) => words)).toEqual([]);
});

test('an object that stands twice, or beside null, has a name: `.openapi(name)`', () => {
  const objects = all.filter(({ schema }) => schema['properties'] !== undefined && schema['type'] !== undefined);
  expect(objects.filter(({ schema }) => Array.isArray(schema['type'])).map(({ at }) => at)).toEqual([]);
  expect(twiceAmong(objects, ({ properties }) => properties)).toEqual([]);
});

/** Places without a name whose schemas say what another says too. */
function twiceAmong(places: readonly Found[], said: (schema: Schema) => unknown): string[] {
  const texts = places.map(({ schema }) => JSON.stringify(said(schema)));
  const isTwice = (index: number) => texts.some((text, other) => other !== index && text === texts[index]);
  const isNamed = ({ at }: Found) => /^\/components\/schemas\/\w+$/.test(at);
  return places.filter((place, index) => isTwice(index) && !isNamed(place)).map(({ at }) => at);
}

test('a reference stands alone, or with a description of its place', () => {
  const more = all.filter(
    ({ schema }) =>
      '$ref' in schema && Object.keys(schema).some((key) => !['$ref', 'description', 'default'].includes(key)),
  );
  expect(more.map(({ at }) => at)).toEqual([]);
  expect(all.filter(({ schema }) => Array.isArray(schema['allOf'])).map(({ at }) => at)).toEqual([]);
});

test('what is one of several is told apart by a field', () => {
  const choices = all.filter(({ schema }) => Array.isArray(schema['oneOf']));
  expect(choices.length).toBeGreaterThan(0);
  for (const { at, schema } of choices) {
    const { propertyName, mapping } = schema['discriminator'] as {
      propertyName: string;
      mapping: Record<string, string>;
    };
    for (const [word, $ref] of Object.entries(mapping)) {
      const { [propertyName]: field } = resolved(document, { $ref })['properties'] as Record<string, Schema>;
      expect(field, at).toMatchObject({ enum: [word] });
    }
  }
});
