import type { PayerStatus } from './payer-view.js';

/** The state at a glance; the words beside it say the same. */
export function Mark({ status }: { readonly status: PayerStatus }) {
  const shape = shapeOf(status);
  return (
    <svg class={`mark mark-${shape}`} viewBox="0 0 64 64" aria-hidden="true" focusable="false">
      <circle class="disc" cx="32" cy="32" r="28" />
      <path class="sign" d={SIGNS[shape]} />
    </svg>
  );
}

type Shape = 'spin' | 'tick' | 'attention' | 'clock' | 'cross' | 'back';

const SIGNS: Readonly<Record<Shape, string>> = {
  spin: 'M32 4a28 28 0 0 1 28 28',
  tick: 'M19 33l9 9 18-19',
  attention: 'M32 18v17M32 44v.5',
  clock: 'M32 17v16l10 6',
  cross: 'M23 23l18 18M41 23l-18 18',
  back: 'M26 20l-9 9 9 9M18 29h19a9 9 0 0 1 0 18h-8',
};

function shapeOf(status: PayerStatus): Shape {
  switch (status) {
    case 'creating':
    case 'awaiting':
    case 'confirming':
    case 'closing':
      return 'spin';
    case 'paid':
      return 'tick';
    case 'stuck':
    case 'review':
    case 'closed':
      return 'attention';
    case 'expired':
    case 'refunding':
    case 'returning':
      return 'clock';
    case 'cancelled':
      return 'cross';
    case 'partlyRefunded':
    case 'refunded':
    case 'returned':
      return 'back';
  }
}
