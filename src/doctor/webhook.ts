import type { Mchid } from '../base/ids.js';
import { checksOf, failed, ok, skipped, type Finding } from './check.js';
import type { Section } from './examine.js';

/** HTTP status, 0 when none came back, and in a word why the shop was not told; nothing where it has no endpoint. */
type TellTest = (mchid: Mchid) => Promise<{ readonly status: number; readonly outcome: string } | undefined>;

/** Whether each shop would be told: a signed test event goes to its endpoint, from here. */
export const webhookSection =
  (tellerOf: (merchantsFile: string) => Promise<TellTest>): Section =>
  async ({ check, isOffline, merchants, installation: { merchantsFile } }) => {
    if (merchantsFile === undefined) return [];
    const run = async (mchid: Mchid): Promise<Finding> => {
      if (isOffline) return skipped('--offline');
      const told = await (await tellerOf(merchantsFile))(mchid);
      return told === undefined ? skipped('the shop has no endpoint') : judge(told);
    };
    return Promise.all(
      [...merchants.keys()].map((mchid) => checksOf(check, 'merchant', mchid)('webhook test', () => run(mchid))),
    );
  };

export function judge({ status, outcome }: { readonly status: number; readonly outcome: string }): Finding {
  if (outcome === 'delivered') return ok(`a signed test event is answered ${status}`);
  if (status === 0) return failed(...(UNANSWERED[outcome] ?? [`a test event was not answered (${outcome})`, LOG]));
  return failed(`a signed test event is answered ${status}`, cureOf(status));
}

const LOG =
  'Look at what the shop says in its log: it must answer 2xx to a signed event, also of a type it does not know.';

const UNANSWERED: Readonly<Record<string, readonly [seen: string, cure: string]>> = {
  unreachable: [
    'the webhook endpoint refuses the connection, or its name is not found',
    'Start the shop, and compare host and port of webhook.url; a firewall must let this machine through.',
  ],
  timeout: [
    'the webhook endpoint does not answer within 10 s',
    'Let the shop answer 2xx first and do its own work afterwards, or repair the network on the way to it.',
  ],
  tls: [
    'no TLS connection to the webhook endpoint',
    'Give it a certificate that is in force, of the name in webhook.url, with its intermediate certificates.',
  ],
  forbidden_address: [
    'webhook.url leads to an address that is not public',
    'Name the range in webhook.allowedPrivateRanges if the shop is there, or correct the name.',
  ],
};

function cureOf(status: number): string {
  if (status >= 300 && status < 400) return 'Set webhook.url to where it redirects: redirects are not followed.';
  if (status === 401 || status === 403 || status === 400)
    return 'Give the shop the secret in webhook.secretFiles, and let it verify the raw body before it parses it; no login may stand before it.';
  if (status === 404 || status === 405)
    return 'Compare the path of webhook.url with the one where the shop takes POST.';
  if (status === 410)
    return '410 says that nobody listens there any more: set webhook.url to where the shop listens now.';
  return LOG;
}
