import { failed, ok, skipped, warning, type Finding } from '../finding.js';
import type { DoctorDeps } from '../deps.js';
import { readKeyFile } from '../key-file.js';
import { isLoopback } from '../../../channels/safe-url.js';
import { pathOf, type Place } from './entry.js';

type WebhookDeps = Pick<DoctorDeps, 'webhookUrlProblem' | 'isWebhookSecret'>;

const MAKE_SECRET = 'Make one with: (umask 077; echo "whsec_$(openssl rand -base64 32)" > FILE).';

export async function checkWebhook(deps: WebhookDeps, place: Place): Promise<Finding> {
  const { webhook } = place.entry;
  if (webhook === undefined) return skipped('none given: the shop is told nothing and has to ask');
  const { url = '', secretFiles, allowedPrivateRanges } = webhook;
  const problem = deps.webhookUrlProblem(url, allowedPrivateRanges);
  if (problem !== undefined) {
    return failed(`webhook.url ${problem}`, 'Set webhook.url to an https URL of the shop without credentials.');
  }
  return (await secretProblem(deps, place, secretFiles)) ?? judgeRanges(place, url, allowedPrivateRanges);
}

async function secretProblem(deps: WebhookDeps, place: Place, names: readonly string[]): Promise<Finding | undefined> {
  if (names.length === 0) return failed('webhook.secretFiles is empty', MAKE_SECRET);
  for (const [index, name] of names.entries()) {
    const setting = `webhook.secretFiles[${index}]`;
    const file = await readKeyFile(pathOf(place, name), setting);
    if (file.kind === 'unreadable') return file.finding;
    if (!deps.isWebhookSecret(file.text)) {
      return failed(`${setting} is not whsec_ and 24 to 64 bytes in base64`, MAKE_SECRET);
    }
  }
  return undefined;
}

/** With the sandbox for a gateway the shop is being developed, mostly on the same machine. */
function judgeRanges({ entry }: Place, url: string, ranges: readonly string[]): Finding {
  const { gatewayUrl = '' } = entry;
  const isSandbox = URL.canParse(gatewayUrl) && isLoopback(new URL(gatewayUrl).hostname);
  if (ranges.length === 0 || isSandbox) return ok(new URL(url).origin);
  return warning(
    `webhooks may go to private addresses: ${ranges.join(', ')}`,
    'Keep allowedPrivateRanges as narrow as the shop needs, or empty for a shop on public addresses.',
  );
}
