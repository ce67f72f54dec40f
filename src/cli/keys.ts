import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { insertApiKey, listApiKeys, revokeApiKey, type ApiKeyRecord } from '../access/store/api-key.js';
import { OPERATOR_ROLES, type OperatorRole } from '../access/rules/role.js';
import { parseMchid, type Mchid } from '../base/ids.js';
import { isName } from '../base/text.js';
import { CliFailure, EXIT, type CliEnvironment, type Configured, type MakeCommand } from './kit/command.js';
import { wordOf } from './kit/options.js';
import { writeJson, writeTable, yuan } from './kit/output.js';
import { withDatabase } from './kit/services.js';

type Output = { readonly json?: true };

/** The merchants of a merchants file, and whether their money is real. Throws where it cannot be read. */
export type KnownMerchants = (file: string) => Promise<ReadonlyMap<string, { readonly isReal: boolean }>>;

export const keysCommand =
  (known: KnownMerchants): MakeCommand =>
  (env, configured) =>
    keysOf(env, configured, known);

function keysOf(env: CliEnvironment, configured: Configured, known: KnownMerchants): Command {
  const keys = configured(new Command('keys')).description('API keys of merchants and operators');
  keys.addCommand(
    configured(new Command('create'))
      .description('make a key and print it, this once')
      .requiredOption('--mchid <mchid>', 'the merchant; several for an operator', collectMchid)
      .option('--operator <name>', "make an operator's key, with this person's name", personName)
      .option(
        '--role <role>',
        `what the person may do: ${OPERATOR_ROLES.join(', ')}; default operator`,
        wordOf(OPERATOR_ROLES),
      )
      .option('--refund-limit-fen <fen>', 'how much the person may give back of one order', limitFen)
      .option('--json', 'print JSON')
      .action((options: CreateOptions) => create(env, options, known)),
  );
  keys.addCommand(
    configured(new Command('list'))
      .description('every key there is or was, without its secret')
      .option('--json', 'print JSON')
      .action((options: Output) => list(env, options)),
  );
  keys.addCommand(
    configured(new Command('revoke'))
      .description('a revoked key fails at its next request')
      .argument('<id>', 'as `keys list` shows it')
      .option('--json', 'print JSON')
      .action((id: string, options: Output) => revoke(env, id, options)),
  );
  return keys.addHelpText('after', EXAMPLE);
}

const EXAMPLE = `
Examples:
  $ paysaga keys create --mchid 1900000001
  $ paysaga keys create --mchid 1900000001 --operator 'Li Lei'
  $ paysaga keys create --mchid 1900000001 --operator 'Han Meimei' --role readOnly
  $ paysaga keys create --mchid 1900000001 --operator 'Jim Green' --refund-limit-fen 50000
  $ paysaga keys revoke 67700ef7-a7dc-4184-bcb3-4fabafc7ff1f
`;

type CreateOptions = Output & {
  readonly mchid: readonly Mchid[];
  readonly operator?: string;
  readonly role?: OperatorRole;
  readonly refundLimitFen?: number;
};

async function create(
  env: CliEnvironment,
  { mchid: mchids, operator, json, ...may }: CreateOptions,
  known: KnownMerchants,
): Promise<void> {
  requireFitting(operator, may);
  if (operator === undefined && mchids.length > 1) {
    throw new CliFailure(EXIT.usage, "a merchant's key has one --mchid; name the person with --operator for several");
  }
  const kind = operator === undefined ? 'merchant' : 'operator';
  const merchants = await configuredMerchants(env, known);
  const isTest = merchants !== undefined && mchids.every((mchid) => merchants.get(mchid)?.isReal === false);
  const { key, hash } = newApiKey(kind, isTest ? 'test' : 'live');
  const record = await withDatabase(env, (db) =>
    insertApiKey(db, { kind, name: operator ?? null, mchids: [...new Set(mchids)], ...may, hash, at: env.now() }),
  );
  for (const mchid of mchids)
    if (merchants?.has(mchid) === false)
      env.stderr.write(`paysaga: ${mchid} is not in the merchants file: its key does nothing until it is there\n`);
  if (json === true) {
    writeJson(env, { ...recordView(record), key });
    return;
  }
  env.stdout.write(`${key}\n`);
  env.stderr.write(`Key ${record.id} (${kind}, ${record.mchids.join(', ')}). It is not shown again.\n`);
}

function requireFitting(
  operator: string | undefined,
  { role, refundLimitFen }: Pick<CreateOptions, 'role' | 'refundLimitFen'>,
) {
  if (operator === undefined && (role ?? refundLimitFen) !== undefined)
    throw new CliFailure(EXIT.usage, "--role and --refund-limit-fen are of a person's key: name them with --operator");
  if (role === 'readOnly' && refundLimitFen !== undefined)
    throw new CliFailure(EXIT.usage, 'a readOnly key gives nothing back: leave --refund-limit-fen out');
}

/** Of the merchants file that is named, or that the embedded stack wrote; `undefined` where neither can be read. */
async function configuredMerchants(env: CliEnvironment, known: KnownMerchants) {
  const { merchantsFile, home } = env.config;
  try {
    return await known(merchantsFile ?? join(home, 'merchants.json'));
  } catch (error) {
    const why = error instanceof Error ? error.message : 'it cannot be read';
    if (merchantsFile !== undefined)
      env.stderr.write(`paysaga: whether the merchant is known was not looked up: ${why}\n`);
    return undefined;
  }
}

async function list(env: CliEnvironment, { json }: Output): Promise<void> {
  const records = await withDatabase(env, (db) => listApiKeys(db));
  if (json === true) {
    writeJson(env, { items: records.map(recordView) });
    return;
  }
  writeTable(env.stdout, records.map(recordView), {
    id: ({ id }) => id,
    kind: ({ kind }) => kind,
    name: ({ name }) => name,
    role: ({ role }) => role,
    limit: ({ refundLimitFen }) => (refundLimitFen === null ? null : yuan(refundLimitFen)),
    mchids: ({ mchids }) => mchids.join(', '),
    created: ({ createdAt }) => createdAt,
    revoked: ({ revokedAt }) => revokedAt,
  });
}

async function revoke(env: CliEnvironment, id: string, { json }: Output): Promise<void> {
  const revoked = await withDatabase(env, (db) => revokeApiKey(db, id, env.now()));
  if (!revoked) throw new CliFailure(EXIT.failed, 'there is no such key, or it was revoked before');
  if (json === true) writeJson(env, { id, revoked: true });
  else env.stdout.write(`Revoked ${id}.\n`);
}

/** A merchant's key has no role. */
function recordView({ id, kind, name, mchids, createdAt, revokedAt, ...may }: ApiKeyRecord) {
  const role = kind === 'operator' ? may.role : null;
  const { refundLimitFen } = may;
  const times = { createdAt: createdAt.toISOString(), revokedAt: revokedAt?.toISOString() ?? null };
  return { id, kind, name, role, refundLimitFen, mchids, ...times };
}

function collectMchid(text: string, earlier: readonly Mchid[] = []): readonly Mchid[] {
  const mchid = parseMchid(text);
  if (!mchid.ok) throw new InvalidArgumentError('An mchid is 6 to 32 digits.');
  return [...earlier, mchid.value];
}

function limitFen(text: string): number {
  const limit = /^(0|[1-9][0-9]{0,11})$/.test(text) ? Number(text) : NaN;
  if (Number.isNaN(limit)) throw new InvalidArgumentError('A limit is a whole number of fen, like 50000 for 500 yuan.');
  return limit;
}

function personName(text: string): string {
  const name = text.trim();
  if (name === '' || name.length > 100) throw new InvalidArgumentError('A name has 1 to 100 characters.');
  if (!isName(name)) throw new InvalidArgumentError('A name has no control and no invisible characters.');
  return name;
}

/** The key is shown once, its hash is kept. `test`: no money behind it is real. */
export function newApiKey(
  kind: 'merchant' | 'operator',
  mode: 'live' | 'test',
): { readonly key: string; readonly hash: string } {
  const key = `psk_${mode}_${kind}_${randomBytes(32).toString('base64url')}`;
  return { key, hash: createHash('sha256').update(key, 'utf8').digest('hex') };
}
