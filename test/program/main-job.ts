import { randomBytes } from 'node:crypto'
import { documents } from '../graphql/documents.ts'
import { createGraphQLClient, type GraphQLClient } from '../support/graphql-client.ts'
import { contactsDefinition, type RecordsUpstream } from '../support/records-upstream.ts'

/** Environment that all processes of a deployment share. */
export function sharedEnv(): Record<string, string> {
  return {
    LATCHKEY_OPERATOR_KEY: `operator-${randomBytes(24).toString('hex')}`,
    LATCHKEY_ENCRYPTION_KEYS: newKey('k1'),
    LATCHKEY_EGRESS_ALLOW: '127.0.0.1',
  }
}

export function newKey(id: string): string {
  return `${id}:${randomBytes(32).toString('base64')}`
}

interface Payload {
  __typename: string
  workspace: { id: string }
  connection: { id: string }
  syncJob: { id: string }
}

async function mutate(client: GraphQLClient, document: string, input: Record<string, unknown>): Promise<Payload> {
  const [payload] = Object.values(await client.request<Record<string, Payload>, object>(document, { input }))
  if (payload === undefined || payload.__typename.endsWith('Error')) throw new Error(JSON.stringify(payload))
  return payload
}

/** Creates a workspace, an integration that reads `upstream`, and a connection whose first sync is triggered. */
export async function connectContacts(
  graphqlUrl: string,
  key: string,
  upstream: RecordsUpstream,
): Promise<{ syncJobId: string; connectionId: string; workspaceId: string }> {
  const client = createGraphQLClient({ url: graphqlUrl, key })
  try {
    const { workspace } = await mutate(client, documents.createWorkspace, { name: 'Acme' })
    const workspaceId = workspace.id
    const definition = contactsDefinition(upstream.url)
    await mutate(client, documents.createIntegration, { workspaceId, slug: 'contacts', definition })
    const { connection, syncJob } = await mutate(client, documents.createConnection, {
      workspaceId,
      integration: 'contacts',
      credential: { secretText: upstream.token },
      syncImmediately: true,
    })
    return { syncJobId: syncJob.id, connectionId: connection.id, workspaceId }
  } finally {
    await client.close()
  }
}

/** Subscribes to a job's events until it ends. @returns their types */
export async function followJob(graphqlUrl: string, key: string, syncJobId: string): Promise<string[]> {
  const client = createGraphQLClient({ url: graphqlUrl, key })
  const types: string[] = []
  try {
    const events = client.subscribe<{ syncJobEvents: { type: string } }, object>(documents.syncJobEvents, { syncJobId })
    for await (const { syncJobEvents } of events) types.push(syncJobEvents.type)
  } finally {
    await client.close()
  }
  return types
}

export interface SyncJobState {
  status: string
  attempt: number
  recordsRead: number
  recordsWritten: number
}

export async function readJob(graphqlUrl: string, key: string, id: string): Promise<SyncJobState> {
  const client = createGraphQLClient({ url: graphqlUrl, key })
  try {
    return (await client.request<{ node: SyncJobState }, object>(documents.syncJob, { id })).node
  } finally {
    await client.close()
  }
}
