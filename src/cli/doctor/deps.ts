import type { Mchid } from '../../base/ids.js';
import type { Merchant } from '../../channels/merchant.js';
import type { TemporalConfig } from '../../temporal/connection.js';

/** What the environment says; the doctor adds what a running embedded stack says in its `dev.json`. */
export type DoctorConfiguration = {
  readonly home: string;
  readonly databaseUrl: string | undefined;
  readonly merchantsFile: string | undefined;
  readonly publicUrl: string | undefined;
  readonly checkoutKeyFile: string | undefined;
  /** Worker processes that are said to share the limits. */
  readonly workers: number;
  readonly deployment: { readonly name: string; readonly buildId: string } | undefined;
  readonly temporal: TemporalConfig;
  /** False: the environment names no Temporal server, and a running embedded one is meant. */
  readonly namesTemporal: boolean;
  readonly embeddedNamespace: string;
};

/** What the doctor needs of the rooms its own may not import. */
export type DoctorDeps = {
  /** Throws what `isForPeople` knows when a setting is wrong. */
  readonly configuration: () => DoctorConfiguration;
  /** As ingress and worker read it; throws what `isForPeople` knows. */
  readonly loadMerchants: (file: string) => Promise<ReadonlyMap<Mchid, Merchant>>;
  /** An error whose message names what a person must repair, and no value. */
  readonly isForPeople: (error: unknown) => error is Error;
  readonly webhookUrlProblem: (url: string, allowedPrivateRanges: readonly string[]) => string | undefined;
  readonly isWebhookSecret: (text: string) => boolean;
  /** `order` is where workflows run. */
  readonly queues: { readonly order: string; readonly wechat: string; readonly money: string; readonly shop: string };
  readonly searchAttributes: readonly string[];
};
