import { open, readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { parseJson } from '../base/parse-json.js';
import { alteredParts, collectEvidence, sha256, type EvidenceFile } from './evidence-file.js';
import { openApi } from './kit/api.js';
import { CliFailure, EXIT, type CliEnvironment, type Configured } from './kit/command.js';
import { orderNo, withApiOptions, type ApiOptions } from './kit/options.js';
import { writeFacts, writeJson } from './kit/output.js';

type EvidenceOptions = ApiOptions & { readonly out?: string; readonly verify?: string };

const EXAMPLE = `
Examples:
  $ paysaga evidence A-1001
  $ paysaga evidence A-1001 --out case-17.json
  $ paysaga evidence --verify case-17.json
`;

export function evidenceCommand(env: CliEnvironment, configured: Configured): Command {
  return withApiOptions(configured(new Command('evidence')))
    .description('write one file with everything that proves what happened to an order, workflow histories included')
    .argument('[orderNo]', 'the order', orderNo)
    .option('--out <file>', 'where to; a file that is there is not replaced. Default evidence-<orderNo>.json')
    .option('--verify <file>', 'say whether such a file is as it was written')
    .addHelpText('after', EXAMPLE)
    .action((number: string | undefined, options: EvidenceOptions) => run(env, number, options));
}

async function run(env: CliEnvironment, number: string | undefined, options: EvidenceOptions): Promise<void> {
  if ((number === undefined) === (options.verify === undefined)) {
    throw new CliFailure(EXIT.usage, 'name an order, or a file with --verify');
  }
  if (options.verify !== undefined) await verify(env, options.verify);
  else if (number !== undefined) await write(env, number, options);
}

async function write(env: CliEnvironment, number: string, options: EvidenceOptions): Promise<void> {
  const file = await collectEvidence(env, await openApi(env, options), number);
  const path = options.out ?? `evidence-${number}.json`;
  const text = `${JSON.stringify(file, null, 1)}\n`;
  await writePrivate(path, text);
  if (options.json === true) writeJson(env, file.manifest);
  else writeSummary(env, path, file, sha256(text));
  if (file.manifest.missing.some(({ why }) => why === 'unreachable')) {
    throw new CliFailure(EXIT.unreachable, `${path} is not complete: a service could not be reached`);
  }
}

/** For nobody else on this machine: the file names a payer and their money. */
async function writePrivate(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600).catch((error: unknown) => {
    const isThere = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    throw new CliFailure(EXIT.failed, isThere ? `${path} is there already` : `${path} cannot be written`);
  });
  try {
    await file.writeFile(text);
  } finally {
    await file.close();
  }
}

function writeSummary(env: CliEnvironment, path: string, { manifest }: EvidenceFile, hash: string): void {
  const { parts, missing } = manifest;
  writeFacts(env, path, [
    ['order', `${manifest.orderNo} of ${manifest.mchid}`],
    ['parts', parts.map(({ name }) => name).join(', ')],
    ...missing.map(({ part, why }) => ['missing', `${part} (${why})`] as const),
    ['sha256 of the file', hash],
  ]);
}

async function verify(env: CliEnvironment, path: string): Promise<void> {
  const text = await readFile(path, 'utf8').catch(() => {
    throw new CliFailure(EXIT.usage, `${path} cannot be read`);
  });
  const altered = alteredParts(parseJson(text));
  if (altered === undefined) throw new CliFailure(EXIT.failed, `${path} is no evidence file of this version`);
  if (altered.length > 0) throw new CliFailure(EXIT.failed, `altered since it was written: ${altered.join(', ')}`);
  env.stdout.write(`Every part is as the manifest says. sha256 of the file: ${sha256(text)}\n`);
}
