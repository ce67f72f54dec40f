import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { GATEWAY_APIS } from '../domain/gateway-answer.js';
import { parseMchid, type Mchid } from '../base/ids.js';
import { DEFAULT_POLICY, type Policy } from '../domain/policy.js';
import { PRODUCTS } from '../domain/product.js';
import { endpointSchema } from '../webhooks/address.js';
import type { WebhookEndpoint } from '../webhooks/webhooks.js';
import { parseWebhookSecret } from '../webhooks/sign.js';
import {
  isPublicKeyId,
  parseApiV3Key,
  parseCertificate,
  parsePrivateKey,
  parsePublicKey,
} from '../channels/key-material.js';
import type { Merchant } from '../channels/merchant.js';
import { isSafeUrl } from '../channels/safe-url.js';

export type { Merchant } from '../channels/merchant.js';

/** A merchant and, where its shop has one, the endpoint that is told what happens. */
export type ConfiguredMerchant = Merchant & { readonly webhook: WebhookEndpoint | null };

/** Names the file and the field, never what stands there. */
export class MerchantsFileError extends Error {
  override readonly name = 'MerchantsFileError';
  readonly code = 'merchants_file';

  constructor(file: string, field: string, problem: string) {
    super(`${file}: ${field === '' ? '' : `${field}: `}${problem}`);
  }
}

/** Reads the merchants file and every key file it names; those are relative to it. Throws {@link MerchantsFileError}. */
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

/** The merchants of the file as they stand there, so that the doctor can name every fault of each. Throws {@link MerchantsFileError}. */
export async function rawMerchants(file: string): Promise<readonly unknown[]> {
  const parsed = z.object({ merchants: z.array(z.unknown()) }).safeParse(await readJson(file));
  if (!parsed.success) throw new MerchantsFileError(file, '', 'is not a merchants file');
  return parsed.data.merchants;
}

const mchid = z.string().transform((value, context): Mchid => {
  const parsed = parseMchid(value);
  if (parsed.ok) return parsed.value;
  context.addIssue({ code: 'custom', message: 'must be the merchant number: digits only' });
  return z.NEVER;
});

const path = z.string().min(1);
const AN_APPID = 'must be an appid: wx and letters or digits';
const appid = z.string().regex(/^wx[0-9A-Za-z]{1,30}$/);
/** One or several; the first is taken where nobody names one. */
const appids = z
  .union([appid.transform((only) => [only]), z.array(appid).min(1)], AN_APPID)
  .refine((list) => new Set(list).size === list.length, 'names one twice');
const callsPerSecond = z.number().positive();

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
  .default({ latePayment: DEFAULT_POLICY.latePayment, fulfilment: { required: false } }) satisfies z.ZodType<Policy>;

const entrySchema = z.strictObject({
  mchid,
  protocol: z.literal('v3', 'this version serves WeChat Pay API v3 only'),
  appids: z.partialRecord(z.enum(PRODUCTS), appids),
  serialNo: z.string().regex(/^[0-9A-Fa-f]{1,64}$/, 'must be the hexadecimal serial number of the API certificate'),
  privateKeyFile: path,
  /** WeChat Pay sends no notify to a merchant without this key. */
  apiV3KeyFile: path,
  apiV2KeyFile: path.optional(),
  publicKeyId: z.string().refine(isPublicKeyId, 'must be the ID that begins with PUB_KEY_ID_').optional(),
  publicKeyFile: path.optional(),
  platformCertificateFiles: z.array(path).default([]),
  gatewayUrl: z.url({ protocol: /^https?$/ }).refine(isSafeUrl, 'must be https, or http on this machine'),
  limits: z.partialRecord(z.enum(GATEWAY_APIS), callsPerSecond).default({}),
  policy,
  webhook: endpointSchema.optional(),
});

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

/** Where in the merchants file an entry stands. */
type Place = { readonly file: string; readonly field: string };

async function loadMerchant(place: Place, entry: Entry): Promise<ConfiguredMerchant> {
  const privateKey = await keyOf(place, 'privateKeyFile', entry.privateKeyFile, PRIVATE_KEY);
  return {
    mchid: entry.mchid,
    appids: entry.appids,
    policy: entry.policy,
    credentials: {
      protocol: 'v3',
      mchid: entry.mchid,
      serialNo: entry.serialNo.toUpperCase(),
      privateKey,
      apiV3Key: await keyOf(place, 'apiV3KeyFile', entry.apiV3KeyFile, API_V3_KEY),
      publicKeys: await loadPublicKeys(place, entry, createPublicKey(privateKey)),
      requestSerial: entry.publicKeyId,
      gatewayUrl: entry.gatewayUrl,
      limits: entry.limits,
    },
    webhook: entry.webhook === undefined ? null : await loadWebhook(place, entry.webhook),
  };
}

async function loadWebhook(place: Place, webhook: z.infer<typeof endpointSchema>): Promise<WebhookEndpoint> {
  const { url, secretFiles, allowedPrivateRanges } = webhook;
  const secrets = secretFiles.map((name, index) => keyOf(place, `webhook.secretFiles[${index}]`, name, WEBHOOK_SECRET));
  return { url, secrets: await Promise.all(secrets), allowedPrivateRanges };
}

/** WeChat Pay's public key and certificates. Without any, certificates are downloaded with the API v3 key. */
async function loadPublicKeys(place: Place, entry: Entry, own: KeyObject): Promise<ReadonlyMap<string, KeyObject>> {
  const keys = new Map<string, KeyObject>();
  const add = (field: string, serial: string, key: KeyObject): void => {
    // The commonest mistake: the merchant's own certificate in the place of WeChat Pay's.
    if (key.equals(own)) throw problem(place, field, "is the merchant's own key, not WeChat Pay's");
    keys.set(serial, key);
  };
  if ((entry.publicKeyId === undefined) !== (entry.publicKeyFile === undefined)) {
    throw problem(place, 'publicKeyId', 'and publicKeyFile go together');
  }
  if (entry.publicKeyId !== undefined && entry.publicKeyFile !== undefined) {
    add('publicKeyFile', entry.publicKeyId, await keyOf(place, 'publicKeyFile', entry.publicKeyFile, PUBLIC_KEY));
  }
  for (const [index, name] of entry.platformCertificateFiles.entries()) {
    const field = `platformCertificateFiles[${index}]`;
    const certificate = await keyOf(place, field, name, CERTIFICATE);
    add(field, certificate.serialNo, certificate.publicKey);
  }
  return keys;
}

type Kind<T> = { readonly parse: (text: string) => T | undefined; readonly otherwise: string };

const PRIVATE_KEY = { parse: parsePrivateKey, otherwise: 'is not an RSA private key in PEM form' };
const PUBLIC_KEY = { parse: parsePublicKey, otherwise: 'is not an RSA public key in PEM form' };
const CERTIFICATE = { parse: parseCertificate, otherwise: 'is not an X.509 certificate in PEM form' };
const API_V3_KEY = { parse: parseApiV3Key, otherwise: 'must hold exactly 32 bytes' };
const WEBHOOK_SECRET = { parse: parseWebhookSecret, otherwise: 'must hold whsec_ and 24 to 64 bytes in base64' };

async function keyOf<T>(place: Place, field: string, name: string, kind: Kind<T>): Promise<T> {
  const text = await readText(place.file, `${place.field}.${field}`, resolve(dirname(place.file), name));
  const key = kind.parse(text);
  if (key === undefined) throw problem(place, field, kind.otherwise);
  return key;
}

function problem(place: Place, field: string, text: string): MerchantsFileError {
  return new MerchantsFileError(place.file, `${place.field}.${field}`, text);
}

async function readText(file: string, field: string, name: string): Promise<string> {
  try {
    return await readFile(name, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new MerchantsFileError(file, field, `cannot be read (${code})`);
  }
}
