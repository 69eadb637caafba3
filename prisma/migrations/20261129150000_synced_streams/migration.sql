-- AlterTable
ALTER TABLE "sync_job_stream" ADD COLUMN     "changed_from" BIGINT;
