import { faults, open, pay, story, sync, type Scenario } from './scenario.js';

/** The shortest an order may live. */
const SHORT = { expiresInSeconds: 60 };

const notifyLost = faults({ on: 'notify', kind: 'drop', times: 0 });
const paid = { expected: 'paid', told: ['order.paid'] };

/** How an order learns that it is paid, or that it never will be. */
export const payments: readonly Scenario[] = [
  { orderNo: 'demo-notify', title: 'paid by notify', ...paid, run: story(open(), pay) },
  {
    orderNo: 'demo-lost-polled',
    title: 'notify lost, paid by polling',
    ...paid,
    run: story(notifyLost, open(), pay),
  },
  {
    orderNo: 'demo-lost-synced',
    title: 'notify lost, the payer came back (sync)',
    ...paid,
    run: story(notifyLost, open(), pay, sync),
  },
  {
    orderNo: 'demo-doubled',
    title: 'notify doubled',
    ...paid,
    run: story(faults({ on: 'notify', kind: 'duplicate' }), open(), pay),
  },
  {
    orderNo: 'demo-late-notify',
    title: 'notify after the query already knew',
    ...paid,
    run: story(faults({ on: 'notify', kind: 'delay', ms: 4_000 }), open(), pay, sync),
  },
  {
    orderNo: 'demo-forged',
    title: 'notify with a broken signature first',
    ...paid,
    run: story(faults({ on: 'notify', kind: 'badSignature' }), open(), pay),
  },
  {
    orderNo: 'demo-gateway-down',
    title: 'gateway down: 500s, an answer lost after its effect',
    ...paid,
    run: story(
      faults(
        { on: 'prepay', kind: 'timeoutAfter' },
        { on: 'prepay', kind: 'http500', times: 2 },
        { on: 'query', kind: 'http500', times: 3 },
      ),
      open(),
      pay,
    ),
  },
  {
    orderNo: 'demo-never-paid',
    title: 'never paid, closed at its deadline',
    expected: 'closed (expired)',
    told: ['order.closed'],
    run: open(SHORT),
  },
  {
    orderNo: 'demo-paid-closing',
    title: 'paid in the moment of closing',
    ...paid,
    run: story(faults({ on: 'close', kind: 'payBefore' }), open(SHORT)),
  },
];
