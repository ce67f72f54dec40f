import { toString } from 'qrcode';

/** A code to scan, dark on white with its quiet zone, as inline SVG: nothing a long press could save or open as a picture. */
export async function qrSvg(content: string): Promise<string> {
  const svg = await toString(content, { type: 'svg', errorCorrectionLevel: 'M', margin: 4 });
  return svg.replace('<svg ', '<svg aria-hidden="true" focusable="false" ').trim();
}
