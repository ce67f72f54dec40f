import type { SaleTerms } from '../../orders/rules/sale.js';

/** What WeChat Pay alone reads of a sale, in its words; what is `undefined` is left out of the text. */
export function saleFields(sale: SaleTerms | null): object {
  if (sale === null) return {};
  const { goodsTag, supportFapiao, limitPay, detail } = sale;
  return {
    goods_tag: goodsTag,
    support_fapiao: supportFapiao,
    limit_pay: limitPay,
    detail: detail && {
      cost_price: detail.costPriceFen,
      invoice_id: detail.invoiceId,
      goods_detail: detail.goodsDetail?.map((goods) => ({
        merchant_goods_id: goods.merchantGoodsId,
        wechatpay_goods_id: goods.wechatpayGoodsId,
        goods_name: goods.goodsName,
        quantity: goods.quantity,
        unit_price: goods.unitPriceFen,
      })),
    },
  };
}
