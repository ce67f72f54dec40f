import type { SandboxControl, ShownCode } from './sandbox-control.js';

/** The fields of an order or an attempt whose payer shows a code at the till. */
export async function codeScanned(gateway: SandboxControl, shown: ShownCode = {}) {
  const authCode = await gateway.code(shown);
  return {
    product: 'codeScan',
    payer: { authCode },
    device: { id: 'till-1', ip: '203.0.113.7' },
    store: { outId: 'shop-7' },
  };
}
