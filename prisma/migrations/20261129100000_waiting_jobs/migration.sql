-- AlterTable
ALTER TABLE "sync_job" ADD COLUMN     "clean_attempts" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "host" TEXT,
ADD COLUMN     "integration_id" UUID,
ADD COLUMN     "not_before" TIMESTAMPTZ(3),
ADD COLUMN     "progress_at" TIMESTAMPTZ(3),
ADD COLUMN     "progress_mark" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "requests_per_second" DOUBLE PRECISION,
ADD COLUMN     "wait" JSONB;

UPDATE "sync_job" j SET "integration_id" = c."integration_id" FROM "connection" c
  WHERE c."id" = j."connection_id" AND j."status" IN ('QUEUED', 'RUNNING', 'CANCELLING');
-- Earlier starts of these jobs are in the event log only.
UPDATE "sync_job" SET "clean_attempts" = greatest("attempt" - 1, 0), "progress_mark" = "pages_read" + "records_deleted"
  WHERE "status" IN ('RUNNING', 'CANCELLING');

-- Each write of a running job sets its heartbeat. No index contains it, so that these writes can be HOT updates.
DROP INDEX "sync_job_open_heartbeat";
ALTER TABLE "sync_job" SET (fillfactor = 80);
CREATE INDEX "sync_job_running" ON "sync_job"("workspace_id") WHERE "status" IN ('RUNNING', 'CANCELLING');

-- What a claim chooses from. Jobs that processes of an earlier version created have no integration.
CREATE INDEX "sync_job_ready_first" ON "sync_job"("workspace_id", (coalesce("integration_id", "workspace_id")), "queued_at", "id")
  WHERE "status" = 'QUEUED' AND "not_before" IS NULL AND "trigger" IN ('MANUAL', 'ON_CREATE');
CREATE INDEX "sync_job_ready_later" ON "sync_job"("workspace_id", (coalesce("integration_id", "workspace_id")), "queued_at", "id")
  WHERE "status" = 'QUEUED' AND "not_before" IS NULL AND "trigger" IN ('SCHEDULE', 'WEBHOOK');

-- Jobs that wait, by the time at which their wait ends, and by workspace.
CREATE INDEX "sync_job_waiting" ON "sync_job"("not_before") WHERE "status" = 'QUEUED' AND "not_before" IS NOT NULL;
CREATE INDEX "sync_job_waiting_of_workspace" ON "sync_job"("workspace_id") WHERE "status" = 'QUEUED' AND "not_before" IS NOT NULL;
