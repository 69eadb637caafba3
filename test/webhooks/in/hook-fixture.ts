import { createHmac } from 'node:crypto'
import { newId } from '../../../src/kit/ids.ts'
import type { GraphQLResult, TestApp } from '../../support/app.ts'
import { rowId } from '../out/receiver.ts'

export const SECRET = 'a secret of the webhook'

/** Signed as GitHub does, and attributed by what an input has. */
export const WEBHOOK = {
  verify: { method: 'hmac', header: 'X-Signature', hash: 'sha256', encoding: 'hex', prefix: 'sha256=' },
  handshake: [{ where: "body.type == 'url_verification'", answer: '{{ body.challenge }}' }],
  id: "headers['x-delivery']",
  type: "headers['x-event']",
  connection: { value: 'body.account.id', equals: 'input.account' },
}

export function definitionWith(webhook: object, more: object = {}): object {
  return {
    displayName: 'Acme',
    baseUrl: 'https://api.example.com',
    auth: { type: 'bearer' },
    inputFields: [{ name: 'account' }],
    webhook,
    ...more,
  }
}

export interface Hooked {
  id: string
  /** Path of the URL to which the provider sends. */
  path: string
  slug: string
}

export async function createHook(
  app: TestApp,
  workspace: { id: string; key: string },
  {
    definition = definitionWith(WEBHOOK),
    ...input
  }: { definition?: object; webhookSecret?: string | null; slug?: string; oauthClient?: object } = {},
): Promise<Hooked> {
  const { integration } = await app.mutate(
    `mutation ($input: CreateIntegrationInput!) { createIntegration(input: $input) {
      __typename ... on CreateIntegrationPayload { integration { id slug webhookUrl } }
      ... on InvalidInputError { message fields { path message } } ... on Error { message } } }`,
    { workspaceId: workspace.id, slug: 'acme', webhookSecret: SECRET, ...input, definition },
    workspace.key,
  )
  return { ...integration, path: new URL(integration.webhookUrl).pathname }
}

export async function createAccount(
  app: TestApp,
  workspace: { id: string; key: string },
  input: object,
): Promise<string> {
  const { connection } = await app.mutate(
    `mutation ($input: CreateConnectionInput!) { createConnection(input: $input) {
      __typename ... on CreateConnectionPayload { connection { id } }
      ... on InvalidInputError { message fields { path message } } ... on Error { message } } }`,
    { workspaceId: workspace.id, integration: 'acme', credential: { secretText: 'token-of-account' }, ...input },
    workspace.key,
  )
  return connection.id
}

export function sign(body: string | Buffer, secret = SECRET): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
}

/** Sends a signed event. @returns the status */
export async function deliver(
  app: Pick<TestApp, 'url'>,
  { path }: Pick<Hooked, 'path'>,
  body: unknown,
  { secret = SECRET, id = newId(), type = 'push', headers = {} } = {} as {
    secret?: string
    id?: string
    type?: string
    headers?: Record<string, string>
  },
): Promise<number> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const response = await fetch(app.url + path, {
    method: 'POST',
    headers: {
      ...{ 'content-type': 'application/json', 'x-signature': sign(text, secret) },
      ...{ 'x-delivery': id, 'x-event': type, ...headers },
    },
    body: text,
  })
  await response.text()
  return response.status
}

const EVENTS = `query ($id: ID!, $after: String) { workspace(id: $id) {
  events(first: 100, after: $after, types: [PROVIDER_EVENT_RECEIVED]) { pageInfo { hasNextPage endCursor } nodes {
    type connection { id }
    ... on ProviderEventReceived { integration { slug } providerEventId providerEventType body } } } } }`

/** The provider's events in the log, as a key sees them. */
export async function eventsOf(app: TestApp, workspaceId: string, key: string) {
  const events = []
  let after: string | null = null
  for (;;) {
    const { data, errors }: GraphQLResult = await app.request(EVENTS, { id: workspaceId, after }, key)
    if (errors !== undefined) throw new Error(JSON.stringify(errors))
    const { pageInfo, nodes } = data.workspace.events
    events.push(...nodes)
    if (!pageInfo.hasNextPage) return events
    after = pageInfo.endCursor
  }
}

/** Rows of tables that a webhook may write. */
export async function countRows(app: Pick<TestApp, 'database'>, workspaceId: string) {
  const [row] = await app.database.sql.query<{ events: number; receipts: number; requests: number }>(
    `SELECT (SELECT count(*)::int FROM event WHERE workspace_id = $1::uuid AND type = 'PROVIDER_EVENT_RECEIVED') AS events,
       (SELECT count(*)::int FROM webhook_receipt WHERE workspace_id = $1::uuid) AS receipts,
       (SELECT count(*)::int FROM sync_request WHERE workspace_id = $1::uuid) AS requests`,
    [rowId(workspaceId)],
  )
  return row
}
