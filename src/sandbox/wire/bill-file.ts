import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { BillFile } from '../bill/bills.js';
import { chunksOf } from '../bill/file.js';

/** Ends the answer with the file, made as fast as the client reads it. A client that leaves is no failure. */
export async function sendFile(outgoing: ServerResponse, file: BillFile): Promise<void> {
  const plain = Readable.from(chunksOf(file.bill, file.lineFault));
  const whole = file.isZipped ? plain.pipe(createGzip()) : plain;
  await pipeline(file.isTruncated ? truncated(whole) : whole, outgoing).catch(unlessLeft);
}

/** A truncated file lacks its last bytes; its connection ends as that of a whole file does. */
const missingBytes = 64;

async function* truncated(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held = Buffer.alloc(0);
  for await (const chunk of chunks) {
    held = Buffer.concat([held, chunk]);
    const kept = Math.max(0, held.length - missingBytes);
    yield held.subarray(0, kept);
    held = held.subarray(kept);
  }
}

function unlessLeft(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE')) throw error;
}
