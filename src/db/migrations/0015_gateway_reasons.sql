ALTER TABLE "attempts" ADD COLUMN "gateway" jsonb;--> statement-breakpoint
ALTER TABLE "gateway_calls" ADD COLUMN "gateway" jsonb;--> statement-breakpoint
ALTER TABLE "refunds" ADD COLUMN "channel" text;--> statement-breakpoint
ALTER TABLE "refunds" ADD COLUMN "received_account" text;--> statement-breakpoint
ALTER TABLE "refunds" ADD COLUMN "accepted_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "refunds" ADD COLUMN "gateway" jsonb;