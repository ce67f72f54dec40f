import type { SaleDetail, SaleTerms, SceneInfo } from '../../orders/rules/sale.js';
import type { Fields } from './xml.js';

/** What WeChat Pay alone reads of a sale; of its limits API v2 knows `no_credit`. Goods need the interface's `version`. */
export function saleFields(sale: SaleTerms | null): Fields {
  if (sale === null) return {};
  const { goodsTag, supportFapiao, limitPay, detail } = sale;
  return {
    ...(goodsTag === undefined ? {} : { goods_tag: goodsTag }),
    ...(limitPay === undefined ? {} : { limit_pay: limitPay.join(',') }),
    ...(supportFapiao === undefined ? {} : { receipt: supportFapiao ? 'Y' : 'N' }),
    ...(detail === undefined ? {} : { version: '1.0', detail: detailText(detail) }),
  };
}

export const detailText = (detail: SaleDetail): string =>
  JSON.stringify({
    cost_price: detail.costPriceFen,
    receipt_id: detail.invoiceId,
    goods_detail: detail.goodsDetail?.map((goods) => ({
      goods_id: goods.merchantGoodsId,
      wxpay_goods_id: goods.wechatpayGoodsId,
      goods_name: goods.goodsName,
      quantity: goods.quantity,
      price: goods.unitPriceFen,
    })),
  });

/** Of H5 with the kind of browser, whose system has another spelling than in API v3; undefined: nothing to say. */
export function sceneText(scene: SceneInfo | null, h5Type: string | null): string | undefined {
  const { storeInfo, h5Info } = scene ?? {};
  if (storeInfo === undefined && h5Type === null) return undefined;
  return JSON.stringify({
    h5_info: h5Type === null ? undefined : { type: h5Type === 'iOS' ? 'IOS' : h5Type, ...appOf(h5Type, h5Info) },
    store_info: storeInfo && {
      id: storeInfo.id,
      name: storeInfo.name,
      area_code: storeInfo.areaCode,
      address: storeInfo.address,
    },
  });
}

/** A web page has a name and an address, an app a name and what identifies it to its system. */
function appOf(h5Type: string, app: SceneInfo['h5Info']): object {
  if (h5Type === 'Wap') return { wap_url: app?.appUrl, wap_name: app?.appName };
  return { app_name: app?.appName, bundle_id: app?.bundleId, package_name: app?.packageName };
}
