-- AlterTable
ALTER TABLE "sync_job" ADD COLUMN     "traceparent" TEXT;
