import { readFile } from 'node:fs/promises';
import { failed, ok, warning, type Finding } from '../finding.js';
import { closeFiles, codeOf, readableForAll } from '../key-file.js';

const MIN_BYTES = 32;

/** The key behind checkout links. */
export async function checkCheckoutKey(file: string): Promise<Finding> {
  const key = await readFile(file).catch((error: unknown) => codeOf(error));
  if (typeof key === 'string') {
    return failed(
      `the checkout key file cannot be read (${key})`,
      'Make it with: (umask 077; openssl rand -base64 32 > FILE), and give every ingress the same one.',
    );
  }
  if (key.length < MIN_BYTES) {
    return failed(`the checkout key has ${key.length} bytes`, `Give it ${MIN_BYTES} random bytes or more.`);
  }
  if ((await readableForAll([file])).length > 0) {
    return warning('every user of this machine may read the checkout key', `Run chmod 600 ${file}, or --fix.`, () =>
      closeFiles([file]),
    );
  }
  return ok(`${key.length} bytes`);
}
