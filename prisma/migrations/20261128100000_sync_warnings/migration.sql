-- AlterTable
ALTER TABLE "stream_state" ADD COLUMN     "definition" TEXT;

-- AlterTable
ALTER TABLE "sync_job" ADD COLUMN     "confirm_deletes" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "warnings" JSONB NOT NULL DEFAULT '[]';
