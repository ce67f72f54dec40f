import { APPROVAL_STATUSES } from '../approvals/rules/approval.js';
import { BULK_ACTIONS } from '../bulk/rules/bulk.js';
import { INBOX_STATUSES } from '../inbox/rules/notify.js';
import { H5_TYPES, PRODUCTS } from '../orders/rules/product.js';
import {
  ATTEMPT_STATES,
  CLOSED_REASONS,
  ENDINGS,
  FULFILMENT_STATES,
  ORDER_STATES,
  REVIEW_REASONS,
  STUCK_REASONS,
} from '../orders/rules/states.js';
import { BILL_KINDS } from '../reconciliation/rules/bill-line.js';
import {
  CLASSES,
  DISCREPANCY_CLASSES,
  DISCREPANCY_STATUSES,
  REPAIRS,
  SUBJECTS,
} from '../reconciliation/rules/classes.js';
import { BILL_DISTRUSTS, DAY_FAILURES, DAY_STATES, DAY_WAITS } from '../reconciliation/rules/day.js';
import { REFUND_CAUSES, REFUND_STATES } from '../refunds/rules/states.js';
import { EVENT_STATUSES, MERCHANT_EVENT_TYPES } from '../shop-events/rules/event.js';
import { GROUPINGS } from '../statements/rules/statement.js';
import { ERRORS } from './kit/api-error.js';

/** The lists of words that stand in several places of the document, or beside `null`: one schema each, by this name. */
export const WORDS = {
  ErrorCode: Object.keys(ERRORS),
  Product: PRODUCTS,
  H5Type: H5_TYPES,
  OrderState: ORDER_STATES,
  ClosedReason: CLOSED_REASONS,
  ReviewReason: REVIEW_REASONS,
  Ending: ENDINGS,
  StuckReason: STUCK_REASONS,
  StuckReasonOrAny: [...STUCK_REASONS, 'any'],
  AttemptState: ATTEMPT_STATES,
  FulfilmentState: FULFILMENT_STATES,
  RefundState: REFUND_STATES,
  RefundCause: REFUND_CAUSES,
  MerchantEventType: MERCHANT_EVENT_TYPES,
  InboxStatus: INBOX_STATUSES,
  BulkAction: BULK_ACTIONS,
  BillKind: BILL_KINDS,
  BillDistrust: BILL_DISTRUSTS,
  DayState: DAY_STATES,
  DayFailure: DAY_FAILURES,
  DayWait: DAY_WAITS,
  LineClass: CLASSES,
  LineSubject: SUBJECTS,
  DiscrepancyClass: DISCREPANCY_CLASSES,
  DiscrepancyStatus: DISCREPANCY_STATUSES,
  Repair: REPAIRS,
  Grouping: GROUPINGS,
  ApprovalStatus: APPROVAL_STATUSES,
  EventStatus: EVENT_STATUSES,
} as const satisfies Record<string, readonly string[]>;
