import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Within } from '../outward/outward.js';
import { GatewayError } from '../port.js';

export type FileBounds = { readonly idleMs: number; readonly maxBytes: number };

type Reading = FileBounds & {
  /** Called with what came, zipped or not. */
  readonly onSent?: (chunk: Buffer) => void;
};

/** Without a byte for half a minute a file is given up. Unzipped it is at most ten times one of a million lines. */
export const FILE_BOUNDS: FileBounds = { idleMs: 30_000, maxBytes: 4 * 1024 ** 3 };

/** A file as it comes, unzipped. Throws {@link GatewayError} where it breaks off. */
export async function* bytesOf(file: Readable, isZipped: boolean, reading: Reading): AsyncGenerator<Uint8Array> {
  const arriving = arrivingOf(file, reading);
  const bytes: AsyncIterable<Buffer> = isZipped ? pipeline(arriving, createGunzip(), () => undefined) : arriving;
  let size = 0;
  try {
    for await (const chunk of bytes) {
      size += chunk.length;
      if (size > reading.maxBytes) throw failed('BILL_TOO_LARGE');
      yield chunk;
    }
  } catch (error) {
    throw error instanceof GatewayError ? error : brokenOff(error);
  }
}

/** The reader may take its time; the other side may not. */
async function* arrivingOf(
  file: AsyncIterable<Buffer> & Pick<Readable, 'destroy'>,
  { idleMs, onSent }: Reading,
): AsyncGenerator<Buffer> {
  const giveUp = (): void => void file.destroy(failed('BILL_STALLED'));
  let timer = setTimeout(giveUp, idleMs);
  try {
    for await (const chunk of file) {
      clearTimeout(timer);
      onSent?.(chunk);
      yield chunk;
      timer = setTimeout(giveUp, idleMs);
    }
  } finally {
    clearTimeout(timer);
  }
}

/** Whoever left by the signal knows why. */
function brokenOff(error: unknown): GatewayError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'no code';
  const cause = new Error(`the file broke off: ${code}`);
  if (code === 'ABORT_ERR') return new GatewayError('unknown', { cause });
  return failed(code === 'Z_DATA_ERROR' ? 'BILL_NOT_ZIPPED' : 'BILL_CUT_OFF', cause);
}

const failed = (gatewayCode: string, cause?: Error): GatewayError =>
  new GatewayError('unknown', { gatewayCode, cause });

/** The time that an answer may take is not that of the file behind it. */
export async function openedWithin<Opened>(
  { signal, timeLeftMs }: Within,
  open: (opening: Within) => Promise<Opened>,
): Promise<Opened> {
  const opening = new AbortController();
  const giveUp = (): void => opening.abort();
  signal.addEventListener('abort', giveUp);
  try {
    return await open({ signal: opening.signal, timeLeftMs });
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

const MAX_ERROR_BYTES = 64 * 1024;

/** What came of an answer that may break off. */
export async function beginningOf(data: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of data) {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= MAX_ERROR_BYTES) break;
    }
    return Buffer.concat(chunks);
  } catch {
    return Buffer.concat(chunks);
  }
}
