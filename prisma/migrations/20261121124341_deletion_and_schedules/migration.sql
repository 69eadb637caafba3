-- DropIndex
DROP INDEX "connection_integration_id_external_id_key";

-- AlterTable
ALTER TABLE "connection" ADD COLUMN     "deleted_at" TIMESTAMPTZ(3),
ADD COLUMN     "next_run_at" TIMESTAMPTZ(3),
ADD COLUMN     "resume_status" "connection_status",
ADD COLUMN     "schedule_cron" TEXT,
ADD COLUMN     "schedule_interval_seconds" INTEGER,
ADD COLUMN     "schedule_paused" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "schedule_timezone" TEXT;

-- AlterTable
ALTER TABLE "integration" ADD COLUMN     "deleted_at" TIMESTAMPTZ(3);

-- What the model cannot say.

-- The external id of a deleted connection is free. It is also no key in the eyes of row locks: marking a connection as
-- deleted waits for nobody who writes its records.
CREATE UNIQUE INDEX "connection_integration_id_external_id_key" ON "connection"("integration_id", "external_id") WHERE "deleted_at" IS NULL;

-- Finds what is left to remove.
CREATE INDEX "connection_deleted" ON "connection"("workspace_id", "id") WHERE "deleted_at" IS NOT NULL;
CREATE INDEX "integration_deleted" ON "integration"("workspace_id") WHERE "deleted_at" IS NOT NULL;

-- Finds schedules that are due.
CREATE INDEX "connection_next_run_at" ON "connection"("next_run_at") WHERE "next_run_at" IS NOT NULL;

ALTER TABLE "connection" ADD CONSTRAINT "connection_one_kind_of_schedule" CHECK ("schedule_cron" IS NULL OR "schedule_interval_seconds" IS NULL);
