import { Card, Facts } from '../../ops/kit/pieces.js';
import { paidAttemptOf } from '../rules/view.js';
import type { OrderPageModel } from './model.js';
import { ORDER_TEXTS } from './text.js';

/** Most entries of the shop's metadata that are shown, and most characters of each. */
const ENTRIES = 50;
const CHARACTERS = 300;

/** What the shop said of its order, and by what it was paid; who paid, their openid, is the shop's alone to know. */
export function ShopData({ model: { order, checkoutUrl, language } }: { readonly model: OrderPageModel }) {
  const texts = ORDER_TEXTS[language];
  const { payer, tradeType } = paidAttemptOf(order)?.payment ?? { payer: null, tradeType: null };
  const paidBy = [payer?.bankType, tradeType].filter((said) => typeof said === 'string');
  return (
    <Card id="shop-data" title={texts.shopData}>
      <dl class="facts">
        <Facts
          of={[
            [texts.attach, order.attach === null ? null : <bdi class="id">{order.attach}</bdi>],
            [texts.payer, paidBy.length === 0 ? null : <span class="id">{paidBy.join(' · ')}</span>],
            [
              texts.checkout,
              checkoutUrl === null ? null : <CheckoutLink url={checkoutUrl} hint={texts.checkoutHint} />,
            ],
            [texts.metadata, <Metadata metadata={order.metadata} texts={texts} />],
          ]}
        />
      </dl>
    </Card>
  );
}

const CheckoutLink = ({ url, hint }: { readonly url: string; readonly hint: string }) => (
  <>
    <a class="id" id="checkout-link" href={url} rel="noopener noreferrer" target="_blank">
      {url}
    </a>
    <span class="why">{hint}</span>
  </>
);

type MetadataProps = {
  readonly metadata: OrderPageModel['order']['metadata'];
  readonly texts: (typeof ORDER_TEXTS)[OrderPageModel['language']];
};

function Metadata({ metadata, texts }: MetadataProps) {
  const entries = Object.entries(metadata ?? {});
  if (entries.length === 0) return <span class="soft">{texts.noMetadata}</span>;
  return (
    <>
      <table class="metadata" id="metadata">
        <tbody>
          {entries.slice(0, ENTRIES).map(([name, value]) => (
            <tr>
              <th scope="row">
                <bdi>{shortened(name)}</bdi>
              </th>
              <td>
                <bdi>{shortened(typeof value === 'string' ? value : JSON.stringify(value))}</bdi>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {entries.length > ENTRIES ? <span class="soft">{texts.moreMetadata(entries.length - ENTRIES)}</span> : null}
    </>
  );
}

const BEGINNING = new RegExp(`^.{0,${CHARACTERS}}`, 'su');

function shortened(text: string): string {
  const [beginning = ''] = BEGINNING.exec(text) ?? [];
  return beginning === text ? text : `${beginning}…`;
}
