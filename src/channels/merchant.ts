import type { Mchid } from '../base/ids.js';
import type { ApprovalPolicy } from '../approvals/rules/approval.js';
import type { Policy } from '../orders/rules/policy.js';
import type { Product } from '../orders/rules/product.js';
import type { ForeignPatterns } from '../reconciliation/rules/foreign.js';
import type { WechatPayV2Credentials } from './wechatpay-v2/credentials.js';
import type { WechatPayV3Credentials } from './wechatpay-v3/credentials.js';

export type Merchant<C extends Credentials = Credentials> = {
  readonly mchid: Mchid;
  /** By product; the first is the default. */
  readonly appids: Readonly<Partial<Record<Product, readonly string[]>>>;
  /** Over which API the payers' codes are charged; absent: not at all. */
  readonly codeScan?: 'v2' | 'v3' | undefined;
  readonly policy: Policy;
  /** Absent: nobody has to approve a refund. */
  readonly approval?: ApprovalPolicy | undefined;
  /** Numbers and appids of its other systems under the same mchid. */
  readonly foreign: ForeignPatterns;
  readonly credentials: C;
};

/** Who signs calls, which keys prove and open answers and notifies, which path notifies come to. May serve several merchants. */
export type Credentials = WechatPayV3Credentials | WechatPayV2Credentials;

/** The merchants that are configured now. Keep no answer: the content is replaced while calls go on. */
export type Merchants<M extends Merchant = Merchant> = {
  of(mchid: Mchid): M | undefined;
  all(): readonly M[];
  /** The credentials whose own number is `mchid`, which their notify path ends with. */
  credentialsOf(mchid: Mchid): Credentials | undefined;
};

export type ReplaceableMerchants<M extends Merchant = Merchant> = Merchants<M> & {
  /** As a whole; calls under way end with what they began with. */
  replace(content: ReadonlyMap<Mchid, M>): void;
};

export function createMerchants<M extends Merchant>(first: ReadonlyMap<Mchid, M>): ReplaceableMerchants<M> {
  let content = indexed(first);
  return {
    of: (mchid) => content.merchants.get(mchid),
    all: () => [...content.merchants.values()],
    credentialsOf: (mchid) => content.credentials.get(mchid),
    replace: (next) => {
      content = indexed(next);
    },
  };
}

const indexed = <M extends Merchant>(merchants: ReadonlyMap<Mchid, M>) => ({
  merchants,
  credentials: new Map([...merchants.values()].map(({ credentials }) => [credentials.mchid, credentials] as const)),
});
