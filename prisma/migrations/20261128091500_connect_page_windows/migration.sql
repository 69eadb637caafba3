-- AlterTable
ALTER TABLE "connect_session" ADD COLUMN     "page_id" UUID,
ADD COLUMN     "page_left_at" TIMESTAMPTZ(3);
