import type { Context } from 'hono';
import type { OpsEnv } from './env.js';
import { STUCK_TEXTS } from './stuck/text.js';

/** Which merchant a page is about; nothing to choose for somebody who acts for one. */
export function MerchantSelect({ c }: { readonly c: Context<OpsEnv> }) {
  const texts = STUCK_TEXTS[c.get('language')];
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
