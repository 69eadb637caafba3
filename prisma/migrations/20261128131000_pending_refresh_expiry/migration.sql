-- AlterTable
ALTER TABLE "pending_credential" ADD COLUMN     "refresh_expires_at" TIMESTAMPTZ(3);
