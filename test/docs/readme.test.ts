import { expect, test } from 'vitest';
import { environmentNames } from '../../src/entries/config.js';
import { blocks, firstColumn, headingLevels, read } from './documents.js';

const english = read('README.md');
const chinese = read('README.zh.md');

test.each([english, chinese])(
  '$path: the configuration table lists what the configuration reads, once each',
  (readme) => {
    const listed = firstColumn(readme, 'DATABASE_URL');
    expect(listed.toSorted()).toEqual([...environmentNames].toSorted());
  },
);

test('both READMEs have the same headings', () => {
  expect(headingLevels(chinese)).toEqual(headingLevels(english));
  expect(headingLevels(english).length).toBeGreaterThan(5);
});

test.each(['sh', 'text', 'js'])('both READMEs show the same %s blocks', (language) => {
  expect(blocks(chinese, language)).toEqual(blocks(english, language));
  expect(blocks(english, language)).not.toEqual([]);
});

test('each README links the other at its top', () => {
  expect(english.text.slice(0, 200)).toContain('(README.zh.md)');
  expect(chinese.text.slice(0, 200)).toContain('(README.md)');
});
