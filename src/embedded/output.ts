import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

const TAIL_LINES = 40;

export type Output = ReturnType<typeof keepOutput>;

/** Keeps reading a child's streams so that it never blocks on a full pipe; `logFile` gets every line. */
export function keepOutput(streams: readonly Readable[], logFile?: string) {
  const lines: string[] = [];
  const waiting = new Map<RegExp, () => void>();
  const log = logFile === undefined ? undefined : createWriteStream(logFile, { flags: 'a', mode: 0o600 });
  // A full disk must not end the process that supervises the database.
  log?.on('error', (error) => lines.push(`log file: ${error.message}`));
  const ends = streams.map(async (stream) => {
    const reader = createInterface({ input: stream });
    reader.on('line', (line) => {
      log?.write(`${line}\n`);
      lines.push(line);
      if (lines.length > TAIL_LINES) lines.shift();
      for (const [pattern, resolve] of waiting) if (pattern.test(line)) resolve();
    });
    await once(reader, 'close');
  });
  return {
    /** Resolves when a line, past or to come, matches. */
    async line(pattern: RegExp): Promise<void> {
      if (lines.some((line) => pattern.test(line))) return;
      await new Promise<void>((resolve) => waiting.set(pattern, resolve));
      waiting.delete(pattern);
    },
    tail: () => lines.join('\n'),
    /** Resolves when all streams have ended and the log file is written. */
    closed: Promise.all(ends).then(async () => {
      if (log !== undefined && !log.destroyed) await once(log.end(), 'close');
    }),
  };
}
