import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import type { Clock } from '../store/clock.js';
import type { Store } from '../store/store.js';
import { issueAuthority, issueMerchant, issuePlatformCertificate, type NewKeyPair } from './issue.js';
import { authoritySchema, merchantRowSchema, writeCredentials, type MerchantRow } from './merchant.js';
import type { Signer } from './sign.js';

export interface Merchant {
  row: MerchantRow;
  /** Of the merchant's API certificate, which also opens API v2's TLS port. */
  certificate: X509Certificate;
  requestKey: KeyObject;
  publicKeySigner: Signer;
  /** Oldest first. */
  certificateSigners: Signer[];
}

export type Merchants = Awaited<ReturnType<typeof createMerchants>>;

export const FIRST_MCHID = 1_600_000_001;

type MerchantsOptions = {
  readonly store: Store;
  readonly clock: Clock;
  readonly newKeyPair: NewKeyPair;
  /** Merchants without a number are given the free ones from here on. */
  readonly firstMchid: number;
  /** Their credential files are kept here. */
  readonly dir?: string | undefined;
};

interface NewMerchant extends Partial<Pick<MerchantRow, 'protocol'>> {
  mchid?: string | undefined;
  appids?: readonly string[] | undefined;
}

/** The merchants of this sandbox, at least one. */
export async function createMerchants(options: MerchantsOptions) {
  const { store, clock, newKeyPair, firstMchid, dir } = options;
  const table = store.table('merchants', merchantRowSchema);
  const authorities = store.table('authority', authoritySchema);
  const merchants = new Map([...table.values()].map((row) => [row.mchid, load(row)]));
  const claimed = new Set(merchants.keys());
  const today = () => new Date(clock.realNow());

  const authority = authorities.get('root') ?? (await issueAuthority(newKeyPair, today()));
  if (!authorities.get('root')) store.write(authorities.put('root', authority));

  const save = (row: MerchantRow): Merchant => {
    const merchant = load(row);
    store.write(table.put(row.mchid, row));
    merchants.set(row.mchid, merchant);
    return merchant;
  };
  const first = (): Merchant => {
    for (const merchant of merchants.values()) return merchant;
    throw new Error('a sandbox without merchants');
  };
  const saveFiles = async (merchant: Merchant) => {
    if (dir !== undefined) await writeCredentials(dir, merchant.row, authority.certificatePem, merchant === first());
  };
  const find = (mchid: string): Merchant => {
    const merchant = merchants.get(mchid);
    if (!merchant) throw new Error(`no merchant ${mchid}`);
    return merchant;
  };

  const add = async (wanted: NewMerchant = {}): Promise<Merchant | undefined> => {
    const { mchid = freeMchid(claimed, firstMchid), appids = [], ...others } = wanted;
    if (claimed.has(mchid)) return undefined;
    claimed.add(mchid);
    const merchant = save(await issueMerchant({ mchid, appids, ...others }, authority, newKeyPair, today()));
    await saveFiles(merchant);
    return merchant;
  };

  if (merchants.size === 0) await add();
  for (const merchant of merchants.values()) await saveFiles(merchant);
  return {
    authority,
    first,
    find: (mchid: string) => merchants.get(mchid),
    all: () => [...merchants.values()],
    /** Issues keys and certificates for another merchant; `undefined` when the mchid is taken. */
    add,
    /** Issues a further platform certificate, which signs from now on; the old ones stay listed. */
    async rotate(mchid: string): Promise<Merchant> {
      const issued = await issuePlatformCertificate(authority, newKeyPair, today());
      const { row } = find(mchid);
      const merchant = save({ ...row, platformCertificates: [...row.platformCertificates, issued] });
      await saveFiles(merchant);
      return merchant;
    },
    change: (mchid: string, change: Partial<Pick<MerchantRow, 'notifySigning' | 'limits'>>): Merchant =>
      save({ ...find(mchid).row, ...change }),
  };
}

function load(row: MerchantRow): Merchant {
  const certificate = new X509Certificate(row.certificatePem);
  return {
    row,
    certificate,
    requestKey: certificate.publicKey,
    publicKeySigner: { serialNo: row.publicKeyId, privateKey: createPrivateKey(row.publicKeyPrivatePem) },
    certificateSigners: row.platformCertificates.map(({ serialNo, privateKeyPem }) => ({
      serialNo,
      privateKey: createPrivateKey(privateKeyPem),
    })),
  };
}

function freeMchid(claimed: ReadonlySet<string>, firstMchid: number): string {
  for (let mchid = firstMchid; ; mchid += 1) if (!claimed.has(String(mchid))) return String(mchid);
}
