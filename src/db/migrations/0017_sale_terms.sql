ALTER TABLE "attempts" ADD COLUMN "scene_info" jsonb;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "identity" jsonb;--> statement-breakpoint
ALTER TABLE "orders" ADD COLUMN "sale" jsonb;--> statement-breakpoint
ALTER TABLE "refunds" ADD COLUMN "source" jsonb;