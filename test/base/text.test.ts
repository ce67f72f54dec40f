import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isName, plainText, textProblem } from '../../src/base/text.js';

describe('text a person reads', () => {
  it.each(['tea', '茶 ×2', '🍵', '👩🏽‍🍳', 'é', '…', '\u200f\u0634', '﷽'])('%s is fit', (text) => {
    expect(textProblem(text)).toBeUndefined();
  });

  it.each(['', ' ', '\u00a0', '\u3000', '\u200b', '\ufeff', '\u00ad', '\u2060', '\u180e', '\u115f\u1160', '\uffa0'])(
    '%j leaves no mark',
    (text) => {
      expect(textProblem(text)).toBe('invisible');
    },
  );

  it.each([
    '\0',
    '\n',
    '\u0085',
    '\u009b',
    '\u2028',
    '\u2029',
    '\u202a',
    '\u202e',
    '\u2066',
    '\u2069',
    '\ud800',
    '\udfff',
    '\ufdd0',
    '\ufffe',
    '\uffff',
    '\u{1fffe}',
    '\u{10ffff}',
  ])('with %j steers', (character) => {
    expect(textProblem(`tea${character}pot`)).toBe('steering');
  });

  it('a name hides nothing', () => {
    expect(['李雷', 'Li Lei', 'Li\u200dLei', 'Li\u00adLei', ''].map(isName)).toEqual([true, true, false, false, false]);
    expect(isName('Li\uffff')).toBe(false);
  });

  it('is no longer steered by once it was made plain', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(textProblem(plainText(text))).not.toBe('steering');
      }),
    );
  });
});
