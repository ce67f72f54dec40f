import { expect, test } from 'vitest';
import { environmentNames } from '../../src/entries/config.js';
import { blocks, firstColumn, headingLevels, read } from './documents.js';

/** In English and in Chinese. */
const pairs = ['README', 'docs/shop', 'docs/configuration', 'docs/promises', 'docs/glossary'].map((name) => ({
  name,
  english: read(`${name}.md`),
  chinese: read(`${name}.zh.md`),
}));

test.each(['docs/configuration.md', 'docs/configuration.zh.md'])(
  '%s lists what the configuration reads, once each',
  (path) => {
    const listed = firstColumn(read(path), 'DATABASE_URL');
    expect(listed.toSorted()).toEqual([...environmentNames].toSorted());
  },
);

test.each(pairs)('$name has the same headings in both languages', ({ english, chinese }) => {
  expect(headingLevels(chinese)).toEqual(headingLevels(english));
});

test.each(pairs)('$name shows the same blocks in both languages', ({ english, chinese }) => {
  for (const language of ['sh', 'text', 'js']) expect(blocks(chinese, language)).toEqual(blocks(english, language));
});

test.each(pairs)('$name links its other language at its top', ({ name, english, chinese }) => {
  const file = name.split('/').at(-1) ?? '';
  expect(english.text.slice(0, 200)).toContain(`(${file}.zh.md)`);
  expect(chinese.text.slice(0, 200)).toContain(`(${file}.md)`);
});

test('README has its sections, and the documents blocks of every language', () => {
  expect(headingLevels(read('README.md')).length).toBeGreaterThan(5);
  for (const language of ['sh', 'text', 'js'])
    expect(pairs.flatMap(({ english }) => blocks(english, language))).not.toEqual([]);
});

test('a README stays short', () => {
  expect(read('README.md').text.split('\n').length).toBeLessThan(220);
});
