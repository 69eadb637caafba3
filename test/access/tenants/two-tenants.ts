import { randomBytes } from 'node:crypto'
import type { Caller } from '../../../src/access/caller.ts'
import type { Database } from '../../../src/db/database.ts'
import { createLocalWakeBus } from '../../../src/db/wake-bus.ts'
import { encodeEventCursor } from '../../../src/events/event-cursor.ts'
import { appendEvents } from '../../../src/events/event-log.ts'
import { encodeGlobalId, type NodeType } from '../../../src/graphql/kernel/global-id.ts'
import { encodeIdCursor } from '../../../src/graphql/kernel/page.ts'
import { newId } from '../../../src/kit/ids.ts'
import { encodeRecordCursor } from '../../../src/sync/records/records.ts'
import {
  actionKeyIdentity,
  initialAccessTokensIdentity,
  webhookEndpointIdentity,
  webhookSecretIdentity,
} from '../../../src/vault/identities.ts'
import type { Vault } from '../../../src/vault/vault.ts'
import { contactsDefinition } from '../../support/records-upstream.ts'

/** The rows of a workspace that belong to one of its end users or to their connection. */
export interface Part {
  endUserId: string
  connectionId: string
  collectionId: string
  syncJobId: string
  connectSessionId: string
  toolSessionId: string
}

export interface Tenant {
  workspaceId: string
  slug: string
  apiKeyId: string
  oidcIssuerId: string
  auditEventId: string
  authProviderId: string
  webhookEndpointId: string
  webhookDeliveryId: string
  integrationId: string
  /** The parts of two end users. The first one may be a caller. */
  own: Part
  others: Part
}

/** A definition with a consent page. */
const CONSENT = {
  displayName: 'Consent',
  baseUrl: 'https://api.example',
  auth: {
    type: 'oauth2',
    grant: 'authorization_code',
    authorizationUrl: 'https://api.example/authorize',
    tokenUrl: 'https://api.example/token',
  },
}

/** A workspace with rows in every table. */
export async function createTenant(database: Database, vault: Vault, slug: string): Promise<Tenant> {
  const { prisma } = database
  const workspaceId = newId()
  await prisma.workspace.create({
    data: { id: workspaceId, name: slug, slug, redirectUrls: [`https://${slug}.example/done`] },
  })
  const [apiKeyId, oidcIssuerId, integrationId] = [newId(), newId(), newId()]
  await prisma.apiKey.create({
    data: { id: apiKeyId, workspaceId, name: 'k', role: 'ADMIN', prefix: 'lk_test', hash: randomBytes(32) },
  })
  await prisma.oidcIssuer.create({
    data: {
      id: oidcIssuerId,
      workspaceId,
      issuer: `https://${slug}.example`,
      audience: slug,
      allowedAlgorithms: ['RS256'],
    },
  })
  await prisma.integration.create({
    data: {
      id: integrationId,
      workspaceId,
      slug: `${slug}-crm`,
      displayName: 'CRM',
      definition: structuredClone<object>(contactsDefinition('https://api.example')),
      oauthClientId: `${slug}-client`,
      oauthScopes: [],
    },
  })
  await prisma.integration.create({
    data: {
      id: newId(),
      workspaceId,
      slug: `${slug}-consent`,
      displayName: 'Consent',
      definition: structuredClone<object>(CONSENT),
      oauthClientId: `${slug}-client`,
      oauthScopes: [],
    },
  })
  const authProviderId = newId()
  await prisma.authProvider.create({
    data: {
      id: authProviderId,
      workspaceId,
      name: `${slug}-vault`,
      kind: 'TOKEN_CALLBACK',
      config: {},
      sealed: vault.seal({}, { workspaceId, rowId: authProviderId, column: 'auth_provider.sealed', version: 1 }),
      keyId: vault.currentKeyId,
    },
  })
  const [webhookEndpointId, webhookDeliveryId] = [newId(), newId()]
  const signing = { secret: `whsec_${randomBytes(32).toString('base64')}`, previous: [], headers: {} }
  await prisma.webhookEndpoint.create({
    data: {
      id: webhookEndpointId,
      workspaceId,
      // Nothing is sent to it.
      enabled: false,
      url: `https://${slug}.example/webhooks`,
      sealed: vault.seal(signing, webhookEndpointIdentity(workspaceId, webhookEndpointId, 1)),
      keyId: vault.currentKeyId,
      position: 0,
    },
  })
  await prisma.webhookDelivery.create({
    data: {
      id: webhookDeliveryId,
      workspaceId,
      endpointId: webhookEndpointId,
      position: 1,
      eventId: newId(),
      body: '{}',
    },
  })
  const identity = { workspaceId, rowId: integrationId, column: 'integration_secret.sealed', version: 1 }
  await prisma.integrationSecret.create({
    data: {
      integrationId,
      workspaceId,
      version: 1,
      sealed: vault.seal({ clientSecret: 's' }, identity),
      keyId: vault.currentKeyId,
    },
  })
  await prisma.integrationPace.create({ data: { integrationId, workspaceId, nextAt: new Date() } })
  await createWebhook(database, vault, { workspaceId, integrationId })
  const auditEventId = newId()
  await prisma.auditEvent.create({
    data: {
      ...{
        id: auditEventId,
        workspaceId,
        actor: `${slug} (lk_test…)`,
        actorKind: 'API_KEY',
        action: 'updateWorkspace',
      },
      ...{ targetType: 'Workspace', targetId: workspaceId, outcome: 'OK', traceId: `${slug}-trace` },
    },
  })
  const tenant = {
    workspaceId,
    slug,
    apiKeyId,
    oidcIssuerId,
    auditEventId,
    authProviderId,
    integrationId,
    webhookEndpointId,
    webhookDeliveryId,
  }
  return {
    ...tenant,
    own: await createPart(database, vault, { ...tenant, name: `${slug}-own` }),
    others: await createPart(database, vault, { ...tenant, name: `${slug}-others` }),
  }
}

/** What a key that is limited to the integration of a tenant must not see: another integration with a part of its own. */
export interface Elsewhere {
  integrationId: string
  part: Part
}

/** Adds an integration `<slug>-second` with a part `<slug>-elsewhere` to a tenant. */
export async function createElsewhere(
  database: Database,
  vault: Vault,
  { workspaceId, slug }: Pick<Tenant, 'workspaceId' | 'slug'>,
): Promise<Elsewhere> {
  const integrationId = newId()
  await database.prisma.integration.create({
    data: {
      id: integrationId,
      workspaceId,
      slug: `${slug}-second`,
      displayName: 'Second',
      definition: structuredClone<object>(contactsDefinition('https://api.example')),
      oauthScopes: [],
    },
  })
  const identity = { workspaceId, rowId: integrationId, column: 'integration_secret.sealed', version: 1 }
  await database.prisma.integrationSecret.create({
    data: {
      integrationId,
      workspaceId,
      version: 1,
      sealed: vault.seal({ clientSecret: 's' }, identity),
      keyId: vault.currentKeyId,
    },
  })
  await database.prisma.integrationPace.create({ data: { integrationId, workspaceId, nextAt: new Date() } })
  await createWebhook(database, vault, { workspaceId, integrationId })
  return {
    integrationId,
    part: await createPart(database, vault, {
      workspaceId,
      integrationId,
      name: `${slug}-elsewhere`,
      endUser: `${slug}-user`,
    }),
  }
}

/** A secret by which webhooks are verified, an id that was received, and a token that registers OAuth clients. */
async function createWebhook(
  { prisma }: Database,
  vault: Vault,
  { workspaceId, integrationId }: { workspaceId: string; integrationId: string },
): Promise<void> {
  const sealed = vault.seal(
    { secret: 'a-secret', previous: null, pending: null },
    webhookSecretIdentity(workspaceId, integrationId, 1),
  )
  await prisma.webhookSecret.create({
    data: { integrationId, workspaceId, version: 1, sealed, keyId: vault.currentKeyId },
  })
  await prisma.initialAccessTokens.create({
    data: {
      ...{ integrationId, workspaceId, version: 1, keyId: vault.currentKeyId },
      sealed: vault.seal({ '': 'a-token' }, initialAccessTokensIdentity(workspaceId, integrationId, 1)),
    },
  })
  await prisma.webhookReceipt.create({ data: { integrationId, workspaceId, digest: randomBytes(32) } })
}

interface PartOf {
  workspaceId: string
  integrationId: string
  name: string
  /** Default: the name. */
  endUser?: string
}

async function createPart(
  database: Database,
  vault: Vault,
  { workspaceId, integrationId, name, endUser = name }: PartOf,
): Promise<Part> {
  const { prisma } = database
  const [endUserId, connectionId, collectionId, syncJobId] = [newId(), newId(), newId(), newId()]
  const connectSessionId = newId()
  const toolSessionId = newId()
  await prisma.endUser.create({ data: { id: endUserId, workspaceId, externalId: endUser, metadata: { plan: 'pro' } } })
  await prisma.collection.create({ data: { id: collectionId, workspaceId, name } })
  await prisma.connection.create({
    data: {
      id: connectionId,
      workspaceId,
      integrationId,
      endUserId,
      collectionId,
      displayName: name,
      externalId: name,
      status: 'ACTIVE',
      method: 'SECRET',
      metadata: { plan: 'pro' },
    },
  })
  const owner = await prisma.apiKey.findFirstOrThrow({ where: { workspaceId }, select: { id: true } })
  await prisma.toolSession.create({
    data: {
      ...{
        id: toolSessionId,
        workspaceId,
        endUserId,
        apiKeyId: owner.id,
        tokenHash: randomBytes(32),
        prefix: 'lkt_test',
      },
      ...{ integrationIds: [integrationId], actions: [], readOnly: false, connects: true },
      expiresAt: new Date(Date.now() + 3_600_000),
    },
  })
  await prisma.connectSession.create({
    data: {
      id: connectSessionId,
      workspaceId,
      endUserId,
      connectionId,
      tokenHash: randomBytes(32),
      status: 'COMPLETED',
      confirmation: 'REQUIRED',
      expiresAt: new Date(Date.now() + 3_600_000),
    },
  })
  const identity = { workspaceId, rowId: connectionId, column: 'credential.sealed', version: 1 }
  await prisma.credential.create({
    data: {
      connectionId,
      workspaceId,
      type: 'bearer',
      sealed: vault.seal({ type: 'bearer', values: { token: 'a-token' } }, identity),
      keyId: vault.currentKeyId,
      scopes: [],
    },
  })
  await createConnecting(database, vault, { workspaceId, integrationId, connectionId })
  const ended = { status: 'SUCCEEDED' as const, recordsRead: 2 }
  await prisma.syncJob.create({
    data: { id: syncJobId, workspaceId, connectionId, trigger: 'MANUAL', ...ended, finishedAt: new Date() },
  })
  await prisma.syncJobStream.create({ data: { syncJobId, workspaceId, name: 'contacts', position: 1, ...ended } })
  const token = { workspaceId, rowId: syncJobId, column: 'sync_job_token.sealed', version: 1 }
  await prisma.syncJobToken.create({
    data: { syncJobId, workspaceId, version: 1, sealed: vault.seal({}, token), keyId: vault.currentKeyId },
  })
  const keyRow = newId()
  await prisma.actionKey.create({
    data: {
      id: keyRow,
      workspaceId,
      connectionId,
      action: 'create_contact',
      keyHash: randomBytes(32),
      sealed: vault.seal({ arguments: '' }, actionKeyIdentity(workspaceId, keyRow, 1)),
      keyId: vault.currentKeyId,
      leasedUntil: new Date(),
    },
  })
  await prisma.parentCursor.create({
    data: { connectionId, workspaceId, stream: 'contacts', recordId: newId(), cursor: 1 },
  })
  await prisma.metRecords.create({
    data: {
      ...{ connectionId, workspaceId, stream: 'contacts', readingId: newId(), number: 1 },
      ...{ firstPosition: 1, lastPosition: 1, positions: randomBytes(6) },
    },
  })
  await prisma.knownPage.create({
    data: {
      ...{ connectionId, workspaceId, stream: 'contacts', number: 1, firstPosition: 1, positions: randomBytes(6) },
      ...{ hash: randomBytes(32), listStart: 8, listBytes: 100, digest: randomBytes(32) },
    },
  })
  for (const key of ['1', '2']) {
    await prisma.record.create({
      data: {
        id: newId(),
        workspaceId,
        connectionId,
        stream: 'contacts',
        primaryKey: [key],
        data: { id: key, name },
        digest: randomBytes(16),
      },
    })
  }
  // As in a sync, after the records: from then on, none has a higher position.
  await prisma.streamState.create({ data: { connectionId, workspaceId, name: 'contacts', recordCount: 2 } })
  await database.bulkTransaction((tx) =>
    appendEvents(tx, createLocalWakeBus(), workspaceId, [
      { type: 'CONNECTION_CREATED', connectionId },
      { type: 'SYNC_QUEUED', connectionId, syncJobId },
      { type: 'SYNC_SUCCEEDED', connectionId, syncJobId },
    ]),
  )
  return { endUserId, connectionId, collectionId, syncJobId, connectSessionId, toolSessionId }
}

/** An OAuth flow, an unconfirmed credential, and a queued revocation. */
async function createConnecting(
  { prisma }: Database,
  vault: Vault,
  { workspaceId, integrationId, connectionId }: { workspaceId: string; integrationId: string; connectionId: string },
): Promise<void> {
  const id = newId()
  const expiresAt = new Date(Date.now() + 3_600_000)
  const sealedAs = (rowId: string, column: string) => ({
    sealed: vault.seal({}, { workspaceId, rowId, column, version: 1 }),
    keyId: vault.currentKeyId,
  })
  await prisma.oAuthFlow.create({
    data: {
      id,
      workspaceId,
      integrationId,
      connectionId,
      stateHash: randomBytes(32),
      ...sealedAs(id, 'oauth_flow.sealed'),
      redirectUri: 'https://latchkey.example/oauth/callback/1',
      clientId: 'client',
      scopes: [],
      authDigest: randomBytes(32),
      expiresAt,
    },
  })
  await prisma.pendingCredential.create({
    data: {
      connectionId,
      workspaceId,
      handleHash: randomBytes(32),
      ...sealedAs(connectionId, 'pending_credential.sealed'),
      expiresAt,
    },
  })
  const revocationId = newId()
  await prisma.revocation.create({
    data: { id: revocationId, workspaceId, integrationId, ...sealedAs(revocationId, 'revocation.sealed') },
  })
}

/** Ids of rows with a global id, by type. */
/** What has an id: tool sessions are no type of the schema. */
export type ThingType = NodeType | 'ToolSession'

export type Things = Partial<Record<ThingType, string>>

/** One id of each type of a tenant. */
export function thingsOf(tenant: Tenant, part: Part = tenant.own): Things {
  return {
    Workspace: tenant.workspaceId,
    ApiKey: tenant.apiKeyId,
    OidcIssuer: tenant.oidcIssuerId,
    AuditEvent: tenant.auditEventId,
    AuthProvider: tenant.authProviderId,
    WebhookEndpoint: tenant.webhookEndpointId,
    WebhookDelivery: tenant.webhookDeliveryId,
    Integration: tenant.integrationId,
    ...thingsOfPart(part),
  }
}

export function thingsOfPart(part: Part): Things {
  const { endUserId, connectionId, collectionId, syncJobId, connectSessionId, toolSessionId } = part
  return {
    EndUser: endUserId,
    Connection: connectionId,
    Collection: collectionId,
    SyncJob: syncJobId,
    ConnectSession: connectSessionId,
    ToolSession: toolSessionId,
  }
}

export function globalId(type: ThingType, things: Things): string {
  const id = things[type]
  if (id === undefined) throw new Error(`A tenant of the tests has no ${type}: create one in createTenant.`)
  return encodeGlobalId(type, id)
}

/** Cursors of every form for these rows. */
export function cursorsOf(things: Things): string[] {
  const { Workspace, EndUser, Connection, Collection, SyncJob } = things
  return [
    ...[EndUser, Connection, SyncJob].flatMap((id) => (id === undefined ? [] : [encodeIdCursor(id)])),
    ...(Workspace === undefined ? [] : [encodeEventCursor(Workspace, 2n)]),
    ...[Connection, Collection].flatMap((id) =>
      id === undefined ? [] : [encodeRecordCursor('list', id, 1n), encodeRecordCursor('change', id, 1n)],
    ),
  ]
}

/** An unused id with almost the same time: lists are ordered by id. */
export function neighbourOf(id: string): string {
  return `${id.slice(0, 24)}${randomBytes(6).toString('hex')}`
}

/** Callers of a tenant, by their token. */
export function callersOf(tenant: Tenant): Record<string, Caller> {
  const base = {
    workspaceId: tenant.workspaceId,
    endUserId: null,
    apiKeyId: null,
    connectSessionId: null,
    expiresAt: null,
  }
  const { apiKeyId } = tenant
  const endUser = { ...base, role: 'READER' as const, endUserId: tenant.own.endUserId }
  return {
    admin: { ...base, kind: 'API_KEY', role: 'ADMIN', apiKeyId },
    reader: { ...base, kind: 'API_KEY', role: 'READER', apiKeyId },
    'end-user': { ...endUser, kind: 'FEDERATED_USER' },
    limited: { ...base, kind: 'API_KEY', role: 'ADMIN', apiKeyId, integrationIds: [tenant.integrationId] },
    'connect-session': { ...endUser, kind: 'CONNECT_SESSION', connectSessionId: tenant.own.connectSessionId },
  }
}

/**
 * One hash for each table with tenant data, over the rows that the caller must not change: those of another workspace, for a
 * caller that acts for an end user those of other end users, and for a key that is limited to integrations those of others.
 */
export async function fingerprint(database: Database, mine: Scoped): Promise<Record<string, string>> {
  const statements = (await tablesOf(database)).flatMap(({ name, columns }) => {
    const key = name === 'workspace' ? 'id' : 'workspace_id'
    if (!columns.includes(key)) return []
    return [
      `SELECT '${name}' AS name, concat(count(*), ' rows: ', md5(string_agg(t::text, '|' ORDER BY t::text))) AS hash
       FROM ${name} t WHERE t.${key} IS DISTINCT FROM $1::uuid OR ${strangersRows(name, columns)}
         OR ($3::uuid[] IS NOT NULL AND ${rowsElsewhere(name, columns)})`,
    ]
  })
  const rows = await database.sql.query<{ name: string; hash: string }>(statements.join(' UNION ALL '), [
    mine.workspaceId,
    mine.endUserId,
    mine.integrationIds ?? null,
  ])
  return Object.fromEntries(rows.map(({ name, hash }) => [name, hash]))
}

type TableColumns = Promise<{ name: string; columns: string[] }[]>

const tableColumns = new WeakMap<Database, TableColumns>()

/** The tables of a database. They do not change during a test, so they are read once. */
function tablesOf(database: Database): TableColumns {
  const known =
    tableColumns.get(database) ??
    database.sql.query<{ name: string; columns: string[] }>(
      `SELECT c.table_name AS name, array_agg(c.column_name::text) AS columns
       FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
       WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' GROUP BY 1 ORDER BY 1`,
    )
  tableColumns.set(database, known)
  return known
}

interface Scoped {
  workspaceId: string | null
  endUserId: string | null
  integrationIds?: readonly string[] | undefined
}

/** Rows in the caller's own workspace that an end user must not change. $2 is null for other callers. */
function strangersRows(name: string, columns: readonly string[]): string {
  if (name === 'end_user') return 't.id <> $2::uuid'
  if (columns.includes('end_user_id')) return 't.end_user_id <> $2::uuid'
  if (!columns.includes('connection_id')) return '$2::uuid IS NOT NULL AND false'
  return 't.connection_id IN (SELECT id FROM connection WHERE end_user_id <> $2::uuid)'
}

/** Rows in the caller's own workspace that a key which is limited to the integrations $3 must not change. */
function rowsElsewhere(name: string, columns: readonly string[]): string {
  if (name === 'integration') return 't.id <> ALL($3::uuid[])'
  // Written for sessions and connections of all integrations.
  if (name === 'event') return 'false'
  if (columns.includes('integration_id')) return 't.integration_id <> ALL($3::uuid[])'
  if (!columns.includes('connection_id')) return 'false'
  return 't.connection_id IN (SELECT id FROM connection WHERE integration_id <> ALL($3::uuid[]))'
}
