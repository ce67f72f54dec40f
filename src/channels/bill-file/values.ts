import { beijingTime } from '../../base/time.js';

/**
 * A decimal as a whole number of its `scale`th places, `12.05` of scale 2 as 1205: exactly, never through a fraction. `undefined` for
 * anything else, for more places than zeros can fill, and for what a number cannot hold exactly.
 */
export const parseDecimal = (text: string, scale: number): number | undefined =>
  plainDecimal(text, scale) ?? plainDecimal(withoutExponent(text), scale);

const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;

/** Digit by digit: a bill has a dozen of these in each of a million lines. */
function plainDecimal(text: string, scale: number): number | undefined {
  const isNegative = text.charCodeAt(0) === MINUS;
  const start = isNegative ? 1 : 0;
  let value = 0;
  let places = -1;
  let at = start;
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === DOT && places === -1 && at > start && at < text.length - 1) {
      places = 0;
      continue;
    }
    const digit = code - ZERO;
    if (digit < 0 || digit > 9) return undefined;
    if (places === scale) {
      if (digit !== 0) return undefined;
      continue;
    }
    value = value * 10 + digit;
    if (places !== -1) places += 1;
  }
  if (at === start) return undefined;
  value *= 10 ** (scale - Math.max(0, places));
  if (!Number.isSafeInteger(value)) return undefined;
  return isNegative ? 0 - value : value;
}

/** Sums come from a program that writes `45.0`; such ones write ten million as `1.0E7`. */
function withoutExponent(text: string): string {
  const [, sign = '', whole = '', places = '', exponent = ''] = EXPONENT.exec(text) ?? [];
  const point = whole.length + Number(exponent);
  const digits = (whole + places).padEnd(point, '0');
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}0`;
}

const EXPONENT = /^(-?)(\d)\.(\d{1,16})E(\d{1,2})$/;

const TIME = /^20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01]) ([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/;

/** `yyyy-MM-dd HH:mm:ss`, Beijing time. */
export function parseBeijingTime(text: string): Date | undefined {
  if (!TIME.test(text)) return undefined;
  const at = new Date(`${text.replace(' ', 'T')}+08:00`);
  // The 31st of a shorter month is parsed as a day of the next.
  return beijingTime(at) === text ? at : undefined;
}

/** A number or a name in WeChat Pay's alphabet. */
export const isToken = (text: string): boolean => TOKEN.test(text);
const TOKEN = /^[\x21-\x7e]{1,128}$/;

/** A word of an open list, possibly none. */
export const isWord = (text: string): boolean => WORD.test(text);
const WORD = /^[^\x00-\x1f\x7f]{0,128}$/;

/** A merchant's text as it was before WeChat Pay wrote its commas as `\ ` and its line ends as `\r` and `\n`. */
export const unescaped = (text: string): string =>
  text.includes('\\') ? text.replace(/\\[ rn]/g, (escape) => ESCAPES[escape] ?? escape) : text;

const ESCAPES: Readonly<Record<string, string>> = { '\\ ': ',', '\\r': '\r', '\\n': '\n' };
