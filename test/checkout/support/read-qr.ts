import jsqr from 'jsqr';
import { PNG } from 'pngjs';

/** What a phone's camera would read off this picture; `undefined` when there is no readable code in it. */
export function readQr(png: Uint8Array): string | undefined {
  const { width, height, data } = PNG.sync.read(png);
  return jsqr.default(new Uint8ClampedArray(data), width, height)?.data;
}
