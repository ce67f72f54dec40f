import type { Command } from 'commander';
import type { BulkAction } from '../../bulk/rules/bulk.js';
import { ORDER_STATES, STUCK_REASONS } from '../../domain/order/states.js';
import { CliFailure, EXIT } from '../exit.js';
import { instantOf, orderNo, orderNos, withApiOptions, withReason, wordOf, type ApiOptions } from '../options.js';

export type BulkOptions = ApiOptions & {
  readonly reason: string;
  readonly state?: string;
  readonly stuckReason?: string;
  readonly createdFrom?: string;
  readonly createdTo?: string;
  readonly orders?: readonly string[];
  readonly until?: string;
  readonly yes?: true;
  readonly dryRun?: true;
};

/** As the API takes it, less whether it is a dry run. */
export type BulkRequest = {
  readonly action: BulkAction;
  readonly filter: BulkFilter;
  readonly until?: string;
  readonly reason: string;
};

type BulkFilter = Pick<BulkOptions, 'state' | 'stuckReason' | 'createdFrom' | 'createdTo'> & {
  readonly orderNos?: readonly string[];
};

/** One order by its number, or many by a filter. */
export const withFilter = (command: Command): Command =>
  withReason(withApiOptions(command))
    .argument('[orderNo]', 'one order; else say which by options', orderNo)
    .option('--state <state>', `all of ${ORDER_STATES.join(', ')}`, wordOf(ORDER_STATES))
    .option('--stuck-reason <reason>', `all with any, ${STUCK_REASONS.join(', ')}`, wordOf(['any', ...STUCK_REASONS]))
    .option('--created-from <time>', 'created then or later', instantOf)
    .option('--created-to <time>', 'created before', instantOf)
    .option('--orders <a,b,c>', 'these orders', orderNos)
    .option('--dry-run', 'only say which and how much')
    .option('--yes', 'do not ask');

/** Throws wrong usage for neither a number nor a filter, and for both. */
export function bulkRequest(action: BulkAction, one: string | undefined, options: BulkOptions): BulkRequest {
  const { state, stuckReason, createdFrom, createdTo, orders, until, reason } = options;
  const given = { state, stuckReason, createdFrom, createdTo, orderNos: orders };
  const chosen = Object.values(given).some((value) => value !== undefined);
  if (one === undefined && !chosen) throw new CliFailure(EXIT.usage, 'name an order, or say which by a filter');
  if (one !== undefined && (chosen || options.dryRun === true)) {
    throw new CliFailure(EXIT.usage, 'name an order or say which by a filter, not both');
  }
  const filter = one === undefined ? defined(given) : { orderNos: [one] };
  return { action, filter, reason, ...(until === undefined ? {} : { until }) };
}

/** Without the fields that were not given. */
function defined({
  state,
  stuckReason,
  createdFrom,
  createdTo,
  orderNos: numbers,
}: Undefinable<BulkFilter>): BulkFilter {
  return {
    ...(state === undefined ? {} : { state }),
    ...(stuckReason === undefined ? {} : { stuckReason }),
    ...(createdFrom === undefined ? {} : { createdFrom }),
    ...(createdTo === undefined ? {} : { createdTo }),
    ...(numbers === undefined ? {} : { orderNos: numbers }),
  };
}

type Undefinable<T> = { readonly [Key in keyof T]?: T[Key] | undefined };
