/** How the payer pays: which prepay is called and what the shop's front end gets; with `codeScan` the till charges the payer's own code. */
export const PRODUCTS = ['native', 'jsapi', 'miniProgram', 'app', 'h5', 'codeScan'] as const;
export type Product = (typeof PRODUCTS)[number];
export type PrepayProduct = Exclude<Product, 'codeScan'>;

export const H5_TYPES = ['Wap', 'iOS', 'Android'] as const;
export type H5Type = (typeof H5_TYPES)[number];

/** WeChat Pay's `trade_type` for a product; the mini program pays as JSAPI. */
export const TRADE_TYPES = {
  native: 'NATIVE',
  jsapi: 'JSAPI',
  miniProgram: 'JSAPI',
  app: 'APP',
  h5: 'MWEB',
  codeScan: 'MICROPAY',
} as const satisfies Record<Product, string>;

/** JSAPI and mini-program prepay names the payer, so that only they can pay. */
export const needsOpenid = (product: Product): boolean => product === 'jsapi' || product === 'miniProgram';

/** H5 checks the payer's real address. */
export const needsClientIp = (product: Product): boolean => product === 'h5';

/** Where a payer's code is scanned. WeChat Pay knows the store by its own number, or by the merchant's. */
export type Till = {
  readonly device: { readonly id?: string | undefined; readonly ip: string };
  readonly store: { readonly id: string } | { readonly outId: string };
};

/** How long what a prepay handed out can be used: code_url and prepay_id 2 h, h5_url 5 min (WeChat Pay, prepay pages). */
export function codeLifeMs(product: Product): number {
  return product === 'h5' ? 5 * 60_000 : 2 * 3_600_000;
}

export const PRODUCT_NAMES: Record<Product, string> = {
  native: 'Native',
  jsapi: 'JSAPI',
  miniProgram: 'Mini Program',
  app: 'App',
  h5: 'H5',
  codeScan: 'Code Scan',
};
