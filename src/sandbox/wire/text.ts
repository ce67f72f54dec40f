import { z } from 'zod';

/** A string whose length WeChat Pay counts in UTF-8 bytes. */
export function text(max: number, min = 0) {
  return z
    .string()
    .refine(
      (value) => Buffer.byteLength(value) >= min && Buffer.byteLength(value) <= max,
      `字节数应在 ${min} 到 ${max} 之间`,
    );
}
