/** WeChat Pay's words for ways to pay that an order excludes, or the only one that it takes. */
export const LIMIT_PAYS = ['no_balance', 'no_credit', 'no_debit', 'balance_only'] as const;
export type LimitPay = (typeof LIMIT_PAYS)[number];

/** One of the goods, in the sale or in what goes back of it. */
export type Goods = {
  readonly merchantGoodsId: string;
  readonly wechatpayGoodsId?: string | undefined;
  readonly goodsName?: string | undefined;
};

/** What is sold, as only WeChat Pay reads it: for its coupons, its limits and its invoices. Every attempt of the order carries it. */
export type SaleTerms = {
  readonly goodsTag?: string | undefined;
  readonly detail?: SaleDetail | undefined;
  readonly limitPay?: readonly LimitPay[] | undefined;
  readonly supportFapiao?: boolean | undefined;
};

export type SaleDetail = {
  readonly costPriceFen?: number | undefined;
  readonly invoiceId?: string | undefined;
  readonly goodsDetail?: readonly (Goods & { readonly quantity: number; readonly unitPriceFen: number })[] | undefined;
};

/** Where it is sold; the payer's address is the attempt's `clientIp`. */
export type SceneInfo = {
  readonly deviceId?: string | undefined;
  readonly storeInfo?:
    | {
        readonly id: string;
        readonly name?: string | undefined;
        readonly areaCode?: string | undefined;
        readonly address?: string | undefined;
      }
    | undefined;
  readonly h5Info?:
    | {
        readonly appName?: string | undefined;
        readonly appUrl?: string | undefined;
        readonly bundleId?: string | undefined;
        readonly packageName?: string | undefined;
      }
    | undefined;
};

/** Who alone may pay; `type` is WeChat Pay's word for the kind of document. */
export type PayerIdentity = { readonly type: string; readonly number: string; readonly name: string };

/** Sealed for WeChat Pay alone, with the key that `serial` names. */
export type Sealed<Fields> = Fields & { readonly serial: string };
