import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import type { Api } from '../kit/api.js';
import { CliFailure, EXIT } from '../kit/command.js';

export type SigningSecret = {
  readonly secret: string;
  /** For people: whose it is. The secret itself only where nobody else could have it. */
  readonly said: string;
};

/** From the file, which is written where it is not there; else the embedded stack's for this merchant; else a fresh one. */
export async function signingSecret(
  api: Pick<Api, 'dev' | 'mchid'>,
  file: string | undefined,
  parse: (text: string) => string | undefined,
): Promise<SigningSecret> {
  if (file !== undefined) return { secret: await kept(file, parse), said: `Signed with the secret in ${file}.` };
  const own = api.dev?.merchants?.find(({ mchid }) => mchid === api.mchid)?.webhookSecret;
  if (typeof own === 'string')
    return { secret: own, said: 'Signed with the webhookSecret of this merchant in dev.json.' };
  const secret = fresh();
  return { secret, said: `Signed with a secret of this run alone (--secret-file keeps one): ${secret}` };
}

const fresh = (): string => `whsec_${randomBytes(32).toString('base64')}`;

async function kept(file: string, parse: (text: string) => string | undefined): Promise<string> {
  try {
    await writeFile(file, `${fresh()}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw new CliFailure(EXIT.failed, `${file} cannot be written (${codeOf(error)})`);
  }
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new CliFailure(EXIT.failed, `${file} cannot be read (${codeOf(error)})`);
  });
  const secret = parse(text);
  if (secret === undefined)
    throw new CliFailure(EXIT.usage, `${file} does not hold whsec_ and 24 to 64 bytes in base64`);
  return secret;
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
