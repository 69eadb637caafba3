import type { ServerResponse } from 'node:http'
import { Webhook } from 'standardwebhooks'
import type { Database } from '../../../src/db/database.ts'
import { createLocalWakeBus } from '../../../src/db/wake-bus.ts'
import { appendEvents } from '../../../src/events/event-log.ts'
import type { NewEvent } from '../../../src/events/event-types.ts'
import { parseGlobalId } from '../../../src/graphql/kernel/global-id.ts'
import type { TestApp } from '../../support/app.ts'
import { type ProviderRequestSeen, type ProviderServer, startProvider } from '../../support/provider-server.ts'

export interface WebhookBody {
  type: string
  timestamp: string
  // biome-ignore lint/suspicious/noExplicitAny: the fields depend on the type; the tests assert them
  data: any
}

type Answer = (response: ServerResponse, request: ProviderRequestSeen) => void

/** The product's HTTP server, with any number of endpoints by path. */
export interface Receiver extends ProviderServer {
  /** What a path answers. Default: 204. */
  answers: Map<string, Answer>
  /** The requests to a path, in order of arrival. */
  seen(path: string): ProviderRequestSeen[]
}

export async function startReceiver(): Promise<Receiver> {
  const answers = new Map<string, Answer>()
  const server = await startProvider((request, response) => {
    const answer = answers.get(request.url.pathname) ?? ((each) => void each.writeHead(204).end())
    answer(response, request)
  })
  return {
    ...server,
    answers,
    seen: (path) => server.requests.filter(({ url }) => url.pathname === path),
  }
}

export const status =
  (code: number, body = '', headers: Record<string, string> = {}): Answer =>
  (response) =>
    void response.writeHead(code, headers).end(body)

/** The body of a delivery, verified by the npm package `standardwebhooks`. Throws when the signature is wrong. */
export function verified(request: ProviderRequestSeen | undefined, secret: string): WebhookBody {
  if (request === undefined) throw new Error('Nothing was received.')
  return new Webhook(secret).verify(request.body, request.headers as Record<string, string>) as WebhookBody
}

export const CREATE = `mutation ($input: CreateWebhookEndpointInput!) { createWebhookEndpoint(input: $input) { __typename
  ... on CreateWebhookEndpointPayload { secret webhookEndpoint { id url description types enabled disabledReason headerNames createdAt } }
  ... on Error { code message } ... on InvalidInputError { fields { path message } } } }`

export interface CreatedEndpoint {
  id: string
  secret: string
}

export async function createEndpoint(
  app: TestApp,
  workspace: { id: string; key: string },
  input: Record<string, unknown>,
): Promise<CreatedEndpoint> {
  const { secret, webhookEndpoint } = await app.mutate(CREATE, { workspaceId: workspace.id, ...input }, workspace.key)
  return { id: webhookEndpoint.id, secret }
}

/** Appends events as the product of other parts would. The worker finds them by its poll. */
export function append(database: Database, workspaceId: string, events: readonly NewEvent[]): Promise<void> {
  return database.bulkTransaction((tx) =>
    appendEvents(tx, createLocalWakeBus(), parseGlobalId(workspaceId)?.id ?? '', events),
  )
}

export const rowId = (globalId: string): string => parseGlobalId(globalId)?.id ?? ''
