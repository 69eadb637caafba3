-- AlterTable
ALTER TABLE "auth_provider" ADD COLUMN     "hosts" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- Keys that are limited to integrations concern neither auth providers nor OIDC issuers, which belong to the whole workspace.
SELECT latchkey_limit(t::regclass, 'false') FROM unnest(ARRAY['auth_provider', 'oidc_issuer']) AS t;
