import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { parseMchid, type Mchid } from '../base/ids.js';
import type { ApprovalPolicy } from '../approvals/rules/approval.js';
import { DEFAULT_POLICY, type Policy } from '../orders/rules/policy.js';
import { PRODUCTS } from '../orders/rules/product.js';
import { endpointSchema } from '../webhooks/address.js';
import { type WebhookEndpoint, parseWebhookSecret } from '../webhooks/webhooks.js';
import type { Display, Logo } from '../http/kit/route.js';
import type { ForeignPatterns } from '../reconciliation/rules/foreign.js';
import type { KeyFiles, KeyKind } from '../channels/key-material.js';
import type { Merchant } from '../channels/merchant.js';
import { isWechatPay } from '../channels/safe-url.js';
import { loadV2Credentials, v2CredentialFields } from '../channels/wechatpay-v2/credentials.js';
import { credentialFields, loadCredentials } from '../channels/wechatpay-v3/credentials.js';
import { loadDisplay, LOGO, pageFields } from './merchant-page.js';

export type ConfiguredMerchant = Merchant & {
  readonly webhook: WebhookEndpoint | null;
  readonly display: Display | null;
  readonly returnOrigins: readonly string[];
};

/** Names the file and the field, never the value. */
export class MerchantsFileError extends Error {
  override readonly name = 'MerchantsFileError';
  readonly code = 'merchants_file';

  constructor(file: string, field: string, problem: string) {
    super(`${file}: ${field === '' ? '' : `${field}: `}${problem}`);
  }
}

/** Reads the merchants file and every key file it names, relative to it. Throws {@link MerchantsFileError}. */
export async function loadMerchants(file: string): Promise<ReadonlyMap<Mchid, ConfiguredMerchant>> {
  const entries = parseEntries(file, await readJson(file));
  const merchants = new Map<Mchid, ConfiguredMerchant>();
  for (const [index, entry] of entries.entries()) {
    const field = `merchants[${index}]`;
    if (merchants.has(entry.mchid)) throw new MerchantsFileError(file, `${field}.mchid`, 'appears twice');
    merchants.set(entry.mchid, await loadMerchant({ file, field }, entry));
  }
  return merchants;
}

/** The merchants as the file has them, so that the doctor can name every fault. Throws {@link MerchantsFileError}. */
export async function rawMerchants(file: string): Promise<readonly unknown[]> {
  const parsed = z.object({ merchants: z.array(z.unknown()) }).safeParse(await readJson(file));
  if (!parsed.success) throw new MerchantsFileError(file, '', 'is not a merchants file');
  return parsed.data.merchants;
}

/** By number, without their keys: the command line may run where these cannot be read. Throws {@link MerchantsFileError}. */
export async function knownMerchants(file: string): Promise<ReadonlyMap<string, { readonly isReal: boolean }>> {
  const entries = (await rawMerchants(file)).flatMap((raw) => withMchid.safeParse(raw).data ?? []);
  return new Map(entries.map((it) => [it.mchid, { isReal: isReal(it) }]));
}

const withGateway = z.object({
  gatewayUrl: z.string().optional().catch(undefined),
  gatewayUrls: z.array(z.string()).catch([]),
});
const withMchid = withGateway
  .extend({ mchid: z.string() })
  .refine(({ gatewayUrl, gatewayUrls }) => gatewayUrl !== undefined || gatewayUrls.length > 0);

/** Whether the money of a merchant is real; of an entry as the file has it. */
export function isReal(entry: unknown): boolean {
  const { gatewayUrl = '', gatewayUrls = [] } = withGateway.safeParse(entry).data ?? {};
  return [gatewayUrl, ...gatewayUrls].some(isWechatPay);
}

const mchid = z.string().transform((value, context): Mchid => {
  const parsed = parseMchid(value);
  if (parsed.ok) return parsed.value;
  context.addIssue({ code: 'custom', message: 'must be the merchant number: digits only' });
  return z.NEVER;
});

const AN_APPID = 'must be an appid: wx and letters or digits';
const appid = z.string().regex(/^wx[0-9A-Za-z]{1,30}$/);
/** The first is the default. */
const appids = z
  .union([appid.transform((only) => [only]), z.array(appid).min(1)], AN_APPID)
  .refine((list) => new Set(list).size === list.length, 'names one twice');

const fulfilment = z.discriminatedUnion('required', [
  z.strictObject({ required: z.literal(false) }),
  z.strictObject({
    required: z.literal(true),
    deadlineSeconds: z.int().min(60).max(2_592_000),
    onDeadline: z.enum(['refund', 'review']).default('refund'),
  }),
]);

const policy = z
  .strictObject({
    latePayment: z.enum(['refund', 'accept', 'review']).default(DEFAULT_POLICY.latePayment),
    fulfilment: fulfilment.default({ required: false }),
  })
  .prefault({}) satisfies z.ZodType<Policy>;

const approval = z.strictObject({ refundAboveFen: z.int().min(0) }) satisfies z.ZodType<ApprovalPolicy>;

/** Of systems beside PaySaga, as WeChat Pay writes their numbers; `*` stands for any characters. */
const foreign = z
  .strictObject({
    outTradeNos: z
      .array(z.string().regex(/^[0-9A-Za-z_|*@-]{1,64}$/, 'must be a number at WeChat Pay, `*` for any characters'))
      .max(100)
      .default([]),
    appids: z.array(appid).max(100).default([]),
  })
  .prefault({}) satisfies z.ZodType<ForeignPatterns>;

const merchantFields = {
  mchid,
  appids: z.partialRecord(z.enum(PRODUCTS), appids),
  policy,
  approval: approval.optional(),
  foreign,
  webhook: endpointSchema.optional(),
  ...pageFields,
};

const entrySchema = z.discriminatedUnion(
  'protocol',
  [
    z.strictObject({ protocol: z.literal('v3'), ...merchantFields, ...credentialFields }),
    z.strictObject({ protocol: z.literal('v2'), ...merchantFields, ...v2CredentialFields }),
  ],
  'must be v3 or v2',
);

type Entry = z.infer<typeof entrySchema>;

function parseEntries(file: string, json: unknown): readonly Entry[] {
  const parsed = z.strictObject({ merchants: z.array(entrySchema).min(1) }).safeParse(json);
  if (parsed.success) return parsed.data.merchants;
  const [issue] = parsed.error.issues;
  throw new MerchantsFileError(file, z.core.toDotPath(issue?.path ?? []), issue?.message ?? 'is not a merchants file');
}

async function readJson(file: string): Promise<unknown> {
  const text = await readText(file, '', file);
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text.
    throw new MerchantsFileError(file, '', 'is not valid JSON');
  }
}

type Place = { readonly file: string; readonly field: string };

async function loadMerchant(place: Place, entry: Entry): Promise<ConfiguredMerchant> {
  return {
    mchid: entry.mchid,
    appids: appidsOf(place, entry),
    codeScan: entry.codeScan,
    policy: entry.policy,
    approval: entry.approval,
    foreign: entry.foreign,
    credentials:
      entry.protocol === 'v2'
        ? await loadV2Credentials(entry.mchid, entry, keyFilesAt(place))
        : await loadCredentials(entry.mchid, entry, keyFilesAt(place)),
    webhook: entry.webhook === undefined ? null : await loadWebhook(place, entry.webhook),
    display: await loadDisplay(entry, (field, name) => logoOf(place, field, name)),
    returnOrigins: entry.returnOrigins,
  };
}

/** Whoever scans codes may do so for any of its appids, unless it names those. */
function appidsOf(place: Place, { appids: named, codeScan }: Entry): Merchant['appids'] {
  if (codeScan === undefined && named.codeScan !== undefined)
    throw problem(place, 'codeScan', 'must be v2 or v3 for the appids of codeScan');
  if (codeScan === undefined || named.codeScan !== undefined) return named;
  return { ...named, codeScan: [...new Set(Object.values(named).flat())] };
}

async function loadWebhook(place: Place, webhook: z.infer<typeof endpointSchema>): Promise<WebhookEndpoint> {
  const { url, secretFiles, allowedPrivateRanges } = webhook;
  const secrets = secretFiles.map((name, index) => keyOf(place, `webhook.secretFiles[${index}]`, name, WEBHOOK_SECRET));
  return { url, secrets: await Promise.all(secrets), allowedPrivateRanges };
}

const WEBHOOK_SECRET = { parse: parseWebhookSecret, otherwise: 'must hold whsec_ and 24 to 64 bytes in base64' };

const keyFilesAt = (place: Place): KeyFiles => ({
  read: (field, name, kind) => keyOf(place, field, name, kind),
  problem: (field, text) => problem(place, field, text),
});

async function keyOf<T>(place: Place, field: string, name: string, kind: KeyKind<T>): Promise<T> {
  const text = await readText(place.file, `${place.field}.${field}`, resolve(dirname(place.file), name));
  const key = kind.parse(text);
  if (key === undefined) throw problem(place, field, kind.otherwise);
  return key;
}

async function logoOf(place: Place, field: string, name: string): Promise<Logo> {
  const bytes = await readBytes(place.file, `${place.field}.${field}`, resolve(dirname(place.file), name));
  const logo = LOGO.parse(bytes);
  if (logo === undefined) throw problem(place, field, LOGO.otherwise);
  return logo;
}

function problem(place: Place, field: string, text: string): MerchantsFileError {
  return new MerchantsFileError(place.file, `${place.field}.${field}`, text);
}

const readText = async (file: string, field: string, name: string): Promise<string> =>
  (await readBytes(file, field, name)).toString('utf8');

async function readBytes(file: string, field: string, name: string): Promise<Buffer> {
  try {
    return await readFile(name);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new MerchantsFileError(file, field, `cannot be read (${code})`);
  }
}
