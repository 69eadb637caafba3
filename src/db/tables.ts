import { Prisma } from './generated/client.ts'

const FIELDS = {
  api_key: Prisma.ApiKeyScalarFieldEnum,
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
  workspace: Prisma.WorkspaceScalarFieldEnum,
} as const

export type TableName = keyof typeof FIELDS

/**
 * What a row must be to be found: one that is marked as deleted is not, although it is there until its turn to go comes.
 * A sync job goes with its connection.
 */
export function isLive(table: TableName, alias: string): string {
  if (table === 'sync_job') {
    return `EXISTS (SELECT 1 FROM connection live WHERE live.id = ${alias}.connection_id AND live.deleted_at IS NULL)`
  }
  return 'deletedAt' in FIELDS[table] ? `${alias}.deleted_at IS NULL` : 'true'
}

const lists = new Map<string, string>()

/**
 * The select list that makes a row of typed SQL look as the model's: `c.workspace_id AS "workspaceId", …`.
 * Every column is the snake_case of its field.
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
