import { Prisma } from './generated/client.ts'

const FIELDS = {
  api_key: Prisma.ApiKeyScalarFieldEnum,
  audit_event: Prisma.AuditEventScalarFieldEnum,
  auth_provider: Prisma.AuthProviderScalarFieldEnum,
  collection: Prisma.CollectionScalarFieldEnum,
  connect_session: Prisma.ConnectSessionScalarFieldEnum,
  connection: Prisma.ConnectionScalarFieldEnum,
  credential: Prisma.CredentialScalarFieldEnum,
  end_user: Prisma.EndUserScalarFieldEnum,
  integration: Prisma.IntegrationScalarFieldEnum,
  oidc_issuer: Prisma.OidcIssuerScalarFieldEnum,
  stream_state: Prisma.StreamStateScalarFieldEnum,
  sync_job: Prisma.SyncJobScalarFieldEnum,
  sync_job_stream: Prisma.SyncJobStreamScalarFieldEnum,
  webhook_delivery: Prisma.WebhookDeliveryScalarFieldEnum,
  webhook_endpoint: Prisma.WebhookEndpointScalarFieldEnum,
  workspace: Prisma.WorkspaceScalarFieldEnum,
} as const

export type TableName = keyof typeof FIELDS

/**
 * SQL condition that excludes soft-deleted rows which have not been purged yet. A sync job counts as deleted when its
 * connection is, a webhook delivery when its endpoint is.
 */
export function isLive(table: TableName, alias: string): string {
  if (table === 'sync_job') {
    return `EXISTS (SELECT 1 FROM connection live WHERE live.id = ${alias}.connection_id AND live.deleted_at IS NULL)`
  }
  if (table === 'webhook_delivery') {
    return `EXISTS (SELECT 1 FROM webhook_endpoint live WHERE live.id = ${alias}.endpoint_id AND live.deleted_at IS NULL)`
  }
  return 'deletedAt' in FIELDS[table] ? `${alias}.deleted_at IS NULL` : 'true'
}

const lists = new Map<string, string>()

/**
 * The select list that gives the rows of a SQL statement the field names of the Prisma model:
 * `c.workspace_id AS "workspaceId", …`. Every column name is the snake_case of its field.
 * @param without fields to leave out, such as a sealed secret
 */
export function columnsOf(table: TableName, alias: string, without: readonly string[] = []): string {
  const key = `${table} ${alias} ${without.join()}`
  let list = lists.get(key)
  if (list === undefined) {
    list = Object.values(FIELDS[table])
      .filter((field) => !without.includes(field))
      .map((field) => `${alias}.${field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)} AS "${field}"`)
      .join(', ')
    lists.set(key, list)
  }
  return list
}
