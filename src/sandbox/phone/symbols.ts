import { create } from 'qrcode';

/** Black on white: `path` is the dark part in SVG's path language, on a ground of `width` times `height` modules. */
interface CodeSymbol {
  width: number;
  height: number;
  path: string;
}

/** Bars and spaces of ISO/IEC 15417, one row for ten values, the last three of which begin a symbol. */
const widths = [
  '212222 222122 222221 121223 121322 131222 122213 122312 132212 221213',
  '221312 231212 112232 122132 122231 113222 123122 123221 223211 221132',
  '221231 213212 223112 312131 311222 321122 321221 312212 322112 322211',
  '212123 212321 232121 111323 131123 131321 112313 132113 132311 211313',
  '231113 231311 112133 112331 132131 113123 113321 133121 313121 211331',
  '231131 213113 213311 213131 311123 311321 331121 312113 312311 332111',
  '314111 221411 431111 111224 111422 121124 121421 141122 141221 112214',
  '112412 122114 122411 142112 142211 241211 221114 413111 241112 134111',
  '111242 121142 121241 114212 124112 124211 411212 421112 421211 212141',
  '214121 412121 111143 111341 131141 114113 114311 411113 411311 113141',
  '114131 311141 411131 211412 211214 211232',
].flatMap((row) => row.split(' '));
const stop = '2331112';
const startC = 105;
const quietZone = 10;

/** Code 128 of an even number of digits, two of them in each symbol of its code set C. */
export function code128(digits: string): CodeSymbol {
  const values = [startC, ...(digits.match(/\d\d/g) ?? []).map(Number)];
  const checksum = values.reduce((sum, value, index) => sum + value * Math.max(1, index), 0) % 103;
  const elements = [...values, checksum].map((value) => widths[value] ?? '').join('') + stop;
  let x = quietZone;
  const bars = Array.from(elements, (width, index) => {
    const from = x;
    x += Number(width);
    return index % 2 === 0 ? `M${from} 0h${width}v1h-${width}z` : '';
  });
  return { width: x + quietZone, height: 1, path: bars.join('') };
}

const margin = 4;

export function qrCode(text: string): CodeSymbol {
  const { size, data } = create(text, { errorCorrectionLevel: 'M' }).modules;
  const dark = [...data.keys()].filter((index) => data[index]);
  const squares = dark.map((index) => `M${margin + (index % size)} ${margin + Math.floor(index / size)}h1v1h-1z`);
  return { width: size + 2 * margin, height: size + 2 * margin, path: squares.join('') };
}
