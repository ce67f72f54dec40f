ALTER TABLE "bulks" DROP CONSTRAINT "bulks_action_known";--> statement-breakpoint
ALTER TABLE "operator_actions" DROP CONSTRAINT "operator_actions_action_known";--> statement-breakpoint
ALTER TABLE "orders" DROP CONSTRAINT "orders_stuck_reason_known";--> statement-breakpoint
ALTER TABLE "orders" DROP CONSTRAINT "orders_own_stuck_reason_known";--> statement-breakpoint
DROP INDEX "orders_sweep_stalled";--> statement-breakpoint
DROP INDEX "refunds_sweep_stalled";--> statement-breakpoint
ALTER TABLE "bulks" ADD CONSTRAINT "bulks_action_known" CHECK ("bulks"."action" in ('hold', 'release', 'recheck', 'extend', 'rescue'));--> statement-breakpoint
ALTER TABLE "operator_actions" ADD CONSTRAINT "operator_actions_action_known" CHECK ("operator_actions"."action" in ('close', 'extend', 'hold', 'release', 'recheck', 'resolve', 'refund', 'fulfilment', 'resend', 'abnormalRefund', 'reissue', 'paidOffline', 'externalRefund', 'redrive', 'rescue'));--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_stuck_reason_known" CHECK ("orders"."stuck_reason" in ('stalled', 'merchant_config', 'gateway_unreachable', 'close_unconfirmed', 'not_written', 'review', 'merchant_balance', 'refund_failed', 'shop_unreachable', 'refunded_elsewhere'));--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_own_stuck_reason_known" CHECK ("orders"."own_stuck_reason" in ('stalled', 'merchant_config', 'gateway_unreachable', 'close_unconfirmed', 'not_written', 'review', 'merchant_balance', 'refund_failed', 'shop_unreachable', 'refunded_elsewhere'));