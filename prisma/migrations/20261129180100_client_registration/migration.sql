-- AlterTable
ALTER TABLE "integration" ADD COLUMN     "oauth_registration" JSONB;
