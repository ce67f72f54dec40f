/** What WeChat Pay takes as `out_trade_no`. */
export const outTradeNoPattern = /^[0-9A-Za-z_\-|*]{6,32}$/;
