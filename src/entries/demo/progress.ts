import type { Row } from './live-table.js';
import type { Scenario, ScenarioContext } from './scenarios/scenario.js';
import type { DemoOrder, Shop } from './shop.js';
import type { ShopEndpoint } from './shop-endpoint.js';
import { describe, objection } from './verdict.js';

/** How far one scenario is. */
export type Progress = {
  readonly scenario: Scenario;
  state: string;
  /** The shop or the payer still has something to do. */
  acting: boolean;
  failure: string | undefined;
  objection: string | undefined;
  endedMs: number | null;
};

export function beginScenario(scenario: Scenario, context: ScenarioContext): Progress {
  const progress: Progress = {
    scenario,
    state: '…',
    acting: true,
    failure: undefined,
    objection: 'it has not ended',
    endedMs: null,
  };
  scenario
    .run(context)
    .catch((error: unknown) => {
      progress.failure = error instanceof Error ? error.message : String(error);
      progress.endedMs = Date.now();
    })
    .finally(() => {
      progress.acting = false;
    });
  return progress;
}

type Sources = { readonly shop: Shop; readonly endpoint: ShopEndpoint };

/** It has ended once everybody has done their part and all is as expected. */
export async function followScenario(
  progress: Progress,
  orders: readonly DemoOrder[],
  { shop, endpoint }: Sources,
): Promise<void> {
  const { scenario, acting, endedMs } = progress;
  const order = orders.find(({ orderNo }) => orderNo === scenario.orderNo);
  if (order === undefined) return;
  progress.state = describe(order);
  if (acting || endedMs !== null || progress.state !== scenario.expected) return;
  progress.objection = objection(scenario, await shop.order(scenario.orderNo), endpoint.heard(scenario.orderNo));
  if (progress.objection === undefined) progress.endedMs = Date.now();
}

export function rowOf(progress: Progress, endpoint: ShopEndpoint, startMs: number): Row {
  const { scenario, state, endedMs } = progress;
  const { orderNo, title } = scenario;
  const seconds = ((endedMs ?? Date.now()) - startMs) / 1_000;
  const last = endpoint.heard(orderNo).at(-1);
  const lastEvent = last === undefined ? '' : `${last.type}${last.tries > 1 ? ` (try ${last.tries})` : ''}`;
  return { orderNo, title, state, lastEvent, isAsExpected: progress.objection === undefined, seconds };
}
