import { ok, skipped, warning, type Finding } from '../check.js';
import { readKeyFile, type Place } from './entry.js';

/** Whether the picture is one is seen where the merchants file is read. */
export async function checkCheckoutPage(place: Place): Promise<Finding> {
  const { display, returnOrigins, webhook } = place.entry;
  if (display === undefined && returnOrigins.length === 0)
    return skipped('no display and no returnOrigins: payers see no name, and no way back to the shop');
  if (display?.logoFile !== undefined) {
    const logo = await readKeyFile(place, display.logoFile, 'display.logoFile');
    if (typeof logo !== 'string') return logo;
  }
  if (returnOrigins.length === 0) return ok('no returnOrigins: no way back to the shop');
  if (webhook !== undefined) return ok(returnOrigins.join(', '));
  return warning(
    'links back to the shop carry no state, since there is no secret to sign it with',
    'Give webhook with a secret, or let the shop ask the API alone.',
  );
}
