-- AlterTable
ALTER TABLE "oidc_issuer" ADD COLUMN     "approved_at" TIMESTAMPTZ(3),
ADD COLUMN     "proved_at" TIMESTAMPTZ(3),
ADD COLUMN     "workspace_claim" TEXT;

-- Until now issuer and audience were unique in the deployment, so each of these was the only one that accepted its tokens. Their
-- users do not name a workspace and must still be accepted.
UPDATE "oidc_issuer" SET "proved_at" = now();

-- DropIndex
DROP INDEX "oidc_issuer_issuer_audience_key";

-- CreateIndex
CREATE INDEX "oidc_issuer_issuer_audience_idx" ON "oidc_issuer"("issuer", "audience");

-- CreateIndex
CREATE UNIQUE INDEX "oidc_issuer_workspace_id_issuer_audience_key" ON "oidc_issuer"("workspace_id", "issuer", "audience");
