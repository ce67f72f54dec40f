import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { anchors, documents, read, relativeTargets, root } from './documents.js';

const all = documents();
const scripts = Object.keys(
  (JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as { scripts: Record<string, string> }).scripts,
);

test.each(all)('$path: what it links to or shows exists', (document) => {
  const missing = relativeTargets(document).filter((target) => {
    const [path = '', anchor] = target.split('#');
    const file = path === '' ? document.path : join(dirname(document.path), decodeURIComponent(path));
    if (!existsSync(join(root, file))) return true;
    return anchor !== undefined && !anchors(read(file)).includes(decodeURIComponent(anchor));
  });
  expect(missing).toEqual([]);
});

test.each(all)('$path: the npm scripts it names exist', ({ text }) => {
  const named = [...text.matchAll(/\bnpm (?:run ([\w:-]+)|(start|test)\b)/g)].map(([, run, short]) => run ?? short);
  expect(named.filter((name) => name !== undefined && !scripts.includes(name))).toEqual([]);
});

test('the decisions are numbered without gaps, and each says its number and status', () => {
  const names = readdirSync(`${root}/docs/adr`).toSorted();
  const numbers = names.map((name) => Number(name.slice(0, 4)));
  expect(numbers).toEqual(names.map((_, index) => index + 1));
  for (const [index, name] of names.entries()) {
    const { text } = read(`docs/adr/${name}`);
    expect(text, name).toMatch(new RegExp(`^# ${index + 1}\\. .+\\n\\nStatus: \\w+`));
  }
});
