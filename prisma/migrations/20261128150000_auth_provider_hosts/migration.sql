-- AlterTable
ALTER TABLE "auth_provider" ADD COLUMN     "hosts" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- Connections that exist keep working: the auth providers of a workspace may send credentials to the hosts at which its connections use
-- accounts now. Which auth provider a connection uses is encrypted, so each gets the hosts of all. A host is either fixed in the base URL
-- or has one value of the connection in it. Providers of the catalogue with a fixed host need nothing.
WITH used AS (
  SELECT c.workspace_id, c.input, regexp_match(
      CASE i.provider WHEN 'chargebee' THEN 'https://{{ input.site }}.chargebee.com' ELSE i.definition ->> 'baseUrl' END,
      '^((?:https?://)?[^/?#{}]*)(?:[{][{][ ]*input[.]([A-Za-z0-9_]+)[ ]*[}][}])?([^/?#{}]*)(?:[/?#]|$)') AS parts
  FROM connection c JOIN credential s ON s.connection_id = c.id JOIN integration i ON i.id = c.integration_id
  WHERE s.type = 'auth_provider' AND c.deleted_at IS NULL
), host AS (
  SELECT DISTINCT workspace_id,
    lower(substring(parts[1] || coalesce(input ->> parts[2], '') || parts[3] FROM '^https?://([^/?#@[:space:]]+)')) AS name
  FROM used
)
UPDATE auth_provider a SET hosts = found.names
FROM (SELECT workspace_id, array_agg(name ORDER BY name) AS names FROM host WHERE name IS NOT NULL GROUP BY workspace_id) found
WHERE found.workspace_id = a.workspace_id;

-- Keys that are limited to integrations concern neither auth providers nor OIDC issuers, which belong to the whole workspace.
SELECT latchkey_limit(t::regclass, 'false') FROM unnest(ARRAY['auth_provider', 'oidc_issuer']) AS t;
