export interface Shares {
  totalFen: number;
  couponFen: number;
  /** What earlier refunds hold, and how much of that went back to the coupon. */
  refundedFen: number;
  discountedFen: number;
  refundFen: number;
}

/**
 * The coupon's share of a refund, pro rata and rounded so that all refunds together give back exactly the coupon and
 * exactly what the payer paid.
 */
export function discountShare(shares: Shares): number {
  const { totalFen, couponFen, refundedFen, discountedFen, refundFen } = shares;
  const proRata = Number((BigInt(couponFen) * BigInt(refundedFen + refundFen)) / BigInt(totalFen)) - discountedFen;
  // Closed refunds leave uneven shares behind.
  return Math.min(refundFen, Math.max(0, proRata));
}
