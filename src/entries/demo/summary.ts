/** `wrong` names every order, attempt and refund that is not as it should be. */
export type DemoResult = {
  readonly orders: number;
  readonly unexpected: number;
  readonly differenceFen: number;
  readonly wrong: readonly string[];
};

/** What the demo says last, and what it exits with: 0 only if nothing at all is wrong. */
export function summaryOf({ orders, unexpected, differenceFen, wrong }: DemoResult): {
  readonly lines: readonly string[];
  readonly exitCode: 0 | 1;
} {
  const names = wrong.length === 0 ? [] : [`not as expected: ${wrong.join(', ')}`];
  const last = `demo: ${orders} orders, ${orders - unexpected} as expected, books differ by ${differenceFen} fen`;
  return { lines: [...names, last], exitCode: wrong.length === 0 && unexpected === 0 && differenceFen === 0 ? 0 : 1 };
}
