-- AlterTable
ALTER TABLE "integration" ADD COLUMN     "oauth_client_hosts" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- AlterTable
ALTER TABLE "revocation" ADD COLUMN     "origin" TEXT;
