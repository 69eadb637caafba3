-- AlterTable
ALTER TABLE "stream_state" ADD COLUMN     "purge_mark" BIGINT NOT NULL DEFAULT 0,
ADD COLUMN     "purged_to" BIGINT NOT NULL DEFAULT 0;

-- What the model cannot say.

-- Finds deleted records that have been kept for long enough.
CREATE INDEX "record_deleted" ON "record"("changed_at") WHERE "deleted";
