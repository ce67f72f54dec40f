import { crashes } from './scenarios/crashes.js';
import { moneyBack } from './scenarios/money-back.js';
import { payments } from './scenarios/payments.js';
import type { Scenario } from './scenarios/scenario.js';

/** In the order they are shown; all run at the same time. Most of the demo's time is the first minute, in which nobody polls. */
export const SCENARIOS: readonly Scenario[] = [...payments, ...moneyBack, ...crashes];
