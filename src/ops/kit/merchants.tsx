import type { Context } from 'hono';
import type { Mchid } from '../../base/ids.js';
import { mchidFor } from '../../http/kit/actor.js';
import type { IngressEnv } from '../../http/kit/route.js';
import { perLanguage } from '../../base/language.js';

/** The merchant of `?mchid=`, else all that the operator acts for. Throws `forbidden`. */
export function chosenMerchants(c: Context<IngressEnv>): readonly Mchid[] {
  const chosen = chosenMerchant(c);
  return chosen === undefined ? c.get('operator').mchids : [chosen];
}

/** The merchant of `?mchid=`; an empty field of a form is no choice. Throws `forbidden`. */
export function chosenMerchant(c: Context<IngressEnv>): Mchid | undefined {
  const asked = c.req.query('mchid') ?? '';
  return asked === '' ? undefined : requireMerchant(c, asked);
}

export const requireMerchant = (c: Context<IngressEnv>, asked: string): Mchid => mchidFor(c.get('operator'), asked);

/** Nothing for an operator who acts for one merchant. */
export function MerchantSelect({ c }: { readonly c: Context<IngressEnv> }) {
  const texts = TEXTS[c.get('language')];
  const { mchids } = c.get('operator');
  if (mchids.length < 2) return null;
  return (
    <label>
      <span class="visually-hidden">{texts.merchant}</span>
      <select name="mchid">
        <option value="">{texts.allMerchants}</option>
        {mchids.map((mchid) => (
          <option value={mchid} selected={mchid === c.req.query('mchid')}>
            {mchid}
          </option>
        ))}
      </select>
    </label>
  );
}

const TEXTS = perLanguage({
  merchant: ['商户号', 'Merchant'],
  allMerchants: ['全部商户', 'All merchants'],
});
