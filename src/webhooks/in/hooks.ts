import { definitionOf } from '../../catalog/catalog.ts'
import type { IntegrationDefinition } from '../../catalog/definition/definition.ts'
import type { Webhook } from '../../catalog/definition/webhook.ts'
import { openWebhookSecrets, validWebhookSecrets } from '../../connections/webhook-secret.ts'
import { oauthClientOf } from '../../credentials/credential-store.ts'
import type { Database } from '../../db/database.ts'
import type { Row } from '../../db/sql.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import { createSingleFlight } from '../../kit/single-flight.ts'
import type { Vault } from '../../vault/vault.ts'

/** Path of the webhooks. The integration's id follows. */
export const WEBHOOK_PATH = '/webhooks/'

/** The URL to register with the provider. */
export function webhookUrlOf({ id }: { id: string }, publicUrl: string): string {
  return `${publicUrl}${WEBHOOK_PATH}${id}`
}

/** What is needed to handle the webhooks of an integration. */
export interface Hook {
  integrationId: string
  workspaceId: string
  slug: string
  definition: IntegrationDefinition
  webhook: Webhook
  /** The secrets of which one must have signed. Never log them. */
  secrets: readonly string[]
  /** Id of the OAuth client; null: there is none. */
  clientId: string | null
  /** What the clock of the database is ahead of that of this process, in milliseconds. */
  aheadMs: number
}

/** `gone`: the integration was deleted and its rows are not purged yet. `unknown`: there is none, or it has no webhook. */
type FoundHook = Hook | 'gone' | 'unknown'

export interface Hooks {
  find(integrationId: string): Promise<FoundHook>
}

interface HookRow extends Row {
  workspace_id: string
  integration_id: string
  integration_updated_at: Date
  slug: string
  provider: string | null
  definition: unknown
  gone: boolean
  oauth_client_id: string | null
  oauth_client_hosts: string[]
  client_sealed: Uint8Array | null
  client_version: number | null
  webhook_sealed: Uint8Array | null
  webhook_version: number | null
  now: Date
}

const READ_HOOK = `
  SELECT i.workspace_id, i.id AS integration_id, i.updated_at AS integration_updated_at, i.slug, i.provider, i.definition,
         i.deleted_at IS NOT NULL OR w.deleted_at IS NOT NULL AS gone, i.oauth_client_id, i.oauth_client_hosts,
         s.sealed AS client_sealed, s.version AS client_version, h.sealed AS webhook_sealed, h.version AS webhook_version,
         clock_timestamp() AS now
  FROM integration i JOIN workspace w ON w.id = i.workspace_id
  LEFT JOIN integration_secret s ON s.integration_id = i.id LEFT JOIN webhook_secret h ON h.integration_id = i.id
  WHERE i.id = $1::uuid`

/** How long an integration is remembered, in milliseconds. A change of it has an effect within this time. */
const REMEMBER_MS = 5_000

/**
 * Finds what belongs to an id of an integration. Both what is found and that there is nothing are remembered for 5 seconds, so that a
 * flood of requests causes few statements.
 */
export function createHooks(
  { database, vault }: { database: Pick<Database, 'sql'>; vault: Vault },
  { rememberMs = REMEMBER_MS } = {},
): Hooks {
  // Apart, so that requests with random ids do not displace integrations that exist.
  const hooks = new BoundedMap<string, Hook>({ max: 1_000, ttlMs: rememberMs, erase: true })
  const absent = new BoundedMap<string, 'gone' | 'unknown'>({ max: 10_000, ttlMs: rememberMs })
  const reads = createSingleFlight<FoundHook>()

  async function read(integrationId: string): Promise<FoundHook> {
    const [row] = await database.sql.query<HookRow>(READ_HOOK, [integrationId])
    const found = row === undefined ? 'unknown' : row.gone ? 'gone' : hookOf(vault, row)
    if (typeof found === 'string') absent.set(integrationId, found)
    else hooks.set(integrationId, found)
    return found
  }

  return {
    find: async (integrationId) =>
      hooks.get(integrationId) ??
      absent.get(integrationId) ??
      (await reads.run(integrationId, () => read(integrationId))),
  }
}

/** @throws CredentialCorruptError, UnknownKeyError */
function hookOf(vault: Vault, row: HookRow): Hook | 'unknown' {
  const { workspace_id: workspaceId, integration_id: integrationId, slug, provider, definition: stored, now } = row
  const definition = definitionOf({
    id: integrationId,
    updatedAt: row.integration_updated_at,
    provider,
    definition: stored,
  })
  const { webhook } = definition
  if (webhook === undefined) return 'unknown'
  const { webhook_sealed: sealed, webhook_version: version } = row
  const secrets =
    sealed === null || version === null
      ? []
      : validWebhookSecrets(openWebhookSecrets(vault, { workspaceId, integrationId, version, sealed }), now)
  const usesClient = 'secret' in webhook.verify && webhook.verify.secret === 'client' && secrets.length === 0
  const clientSecret = usesClient ? oauthClientOf(vault, row)?.clientSecret : undefined
  return {
    integrationId,
    workspaceId,
    slug,
    definition,
    webhook,
    secrets: clientSecret === undefined ? secrets : [clientSecret],
    clientId: row.oauth_client_id,
    aheadMs: now.getTime() - Date.now(),
  }
}
