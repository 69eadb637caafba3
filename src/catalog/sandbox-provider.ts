import type { Provider } from './definition/definition.ts'
import { parseDefinition } from './definition/definition.ts'

/**
 * Origin of the sandbox for everything except browsers. The reserved name does not exist (RFC 2606, section 2). Only the egress of a
 * process that runs the sandbox resolves it, so no request can be misdirected.
 */
export const SANDBOX_ORIGIN = 'https://sandbox.latchkey.invalid'
/** Path of the sandbox below the public URL, for browsers. */
export const SANDBOX_PATH = '/sandbox'
/** The only OAuth client of the sandbox. It is a public client (RFC 6749, section 2.1), because its id is in the source. */
export const SANDBOX_CLIENT_ID = 'latchkey'
export const SANDBOX_SCOPE = 'records.read'

let provider: Provider | undefined

/**
 * The provider for trying Latchkey out: an OAuth server and a small records API. Its definition does not depend on the public URL, so an
 * integration with it stays readable where the sandbox does not run.
 */
export function sandboxProvider(): Provider {
  provider ??= { slug: 'sandbox', definition: parseDefinition(definition) }
  return provider
}

/** The URL of a sandbox page for a browser, which cannot resolve the sandbox's origin. */
export function inBrowser(page: string, publicUrl: string): string {
  return page.startsWith(`${SANDBOX_ORIGIN}/`)
    ? `${publicUrl}${SANDBOX_PATH}${page.slice(SANDBOX_ORIGIN.length)}`
    : page
}

const stream = (name: string) => ({
  name,
  path: `/${name}`,
  recordsPath: 'data',
  primaryKey: ['id'],
  pagination: { type: 'offset', param: 'offset', limitParam: 'limit', size: 50, total: 'total' },
  incremental: { cursorField: 'updated_at', param: 'updated_since' },
})

const definition = {
  displayName: 'Sandbox',
  categories: ['development'],
  baseUrl: `${SANDBOX_ORIGIN}/api`,
  auth: {
    type: 'oauth2',
    grant: 'authorization_code',
    issuer: SANDBOX_ORIGIN,
    clientId: SANDBOX_CLIENT_ID,
    clientAuth: 'none',
    authorizationUrl: `${SANDBOX_ORIGIN}/auth`,
    tokenUrl: `${SANDBOX_ORIGIN}/token`,
    revocation: { url: `${SANDBOX_ORIGIN}/token/revocation` },
    scopes: [SANDBOX_SCOPE],
    rotation: 'strict',
  },
  testRequest: { path: '/me' },
  streams: ['users', 'projects', 'tasks'].map(stream),
  actions: [
    {
      name: 'list_tasks',
      title: 'List tasks',
      description: 'Lists the tasks of the account, at most 100 at once.',
      input: {
        type: 'object',
        properties: {
          state: { enum: ['open', 'in_progress', 'done'], description: 'Only tasks in this state.' },
          limit: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
          offset: { type: 'integer', minimum: 0 },
        },
        additionalProperties: false,
      },
      request: {
        method: 'GET',
        path: '/tasks',
        query: { state: '{{ args.state }}', limit: '{{ args.limit }}', offset: '{{ args.offset }}' },
      },
      output: ['data'],
    },
    {
      name: 'get_task',
      title: 'Get a task',
      input: {
        type: 'object',
        properties: { id: { type: 'string', minLength: 1 } },
        required: ['id'],
        additionalProperties: false,
      },
      request: { method: 'GET', path: '/tasks/{{ args.id }}' },
    },
    {
      name: 'create_task',
      title: 'Create a task',
      description: 'Creates a task. The sandbox forgets it when its process ends.',
      input: {
        type: 'object',
        properties: {
          title: { type: 'string', minLength: 1, maxLength: 200 },
          state: { enum: ['open', 'in_progress', 'done'] },
          project_id: { type: ['string', 'null'], description: 'Id of a project. Null: no project.' },
          assignee_id: { type: ['string', 'null'], description: 'Id of a user. Null: nobody.' },
        },
        required: ['title'],
        additionalProperties: false,
      },
      request: {
        method: 'POST',
        path: '/tasks',
        json: {
          title: '{{ args.title }}',
          state: '{{ args.state }}',
          project_id: '{{ args.project_id }}',
          assignee_id: '{{ args.assignee_id }}',
        },
      },
      idempotencyKey: { in: 'header', name: 'Idempotency-Key' },
    },
  ],
}
