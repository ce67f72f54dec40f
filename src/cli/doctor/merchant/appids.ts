import { PRODUCTS } from '../../../domain/product.js';
import { failed, ok, warning, type Finding } from '../finding.js';
import type { Place } from './entry.js';

/** `wx` and 16 hexadecimal digits is what WeChat gives out; PaySaga takes a little more. */
const USUAL = /^wx[0-9a-f]{16}$/;

export function checkAppids({ entry }: Place): Finding {
  const known: readonly string[] = PRODUCTS;
  const given = Object.entries(entry.appids);
  const strange = given.filter(([product]) => !known.includes(product)).map(([product]) => product);
  if (strange.length > 0) {
    return failed(`appids names no product of PaySaga: ${strange.join(', ')}`, `Use ${PRODUCTS.join(', ')}.`);
  }
  if (given.length === 0) {
    return failed('appids is empty, so no order can be made', 'Name an appid for each product the shop sells with.');
  }
  const unusual = given
    .filter(([, appids]) => [appids].flat().some((appid) => typeof appid !== 'string' || !USUAL.test(appid)))
    .map(([product]) => product);
  if (unusual.length > 0) {
    return warning(
      `not the usual form of an appid: ${unusual.join(', ')}`,
      'Compare with the appid at the WeChat platform: wx and 16 hexadecimal digits, bound to this mchid.',
    );
  }
  return ok(given.map(([product]) => product).join(', '));
}
