import { parseDefinition } from './definition/definition.ts'
import type { ProviderGuide } from './guide.ts'
import type { ProviderFile } from './provider-file.ts'

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
export const SANDBOX_SLUG = 'sandbox'

let file: ProviderFile | undefined

/**
 * The provider for trying Latchkey out: an OAuth server and a small records API. Its definition does not depend on the public URL, so an
 * integration with it stays readable where the sandbox does not run.
 */
export function sandboxFile(): ProviderFile {
  const facts = { aliases: ['demo', 'test', 'playground'], logo: null, color: '#0f766e', sources: [] }
  file ??= { ...facts, definition: parseDefinition(definition), guide }
  return file
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

/** The sandbox is part of Latchkey, and its client is part of its definition: there is nothing to register. */
const guide: ProviderGuide = {
  scopes: {
    'records.read': {
      en: 'read the users and projects of the account, and read and create tasks',
      de: 'die Benutzer und Projekte des Kontos lesen sowie Aufgaben lesen und anlegen',
    },
  },
  rateLimit: null,
  hints: [
    {
      at: 'consent',
      errors: ['access_denied'],
      cause: {
        en: 'Access was declined on the page of the sandbox.',
        de: 'Der Zugriff wurde auf der Seite der Sandbox abgelehnt.',
      },
      operator: {
        en: 'Connect again and select **Allow**.',
        de: 'Verbinden Sie das Konto erneut und wählen Sie **Allow**.',
      },
      person: {
        en: 'Connect again and select **Allow**.',
        de: 'Verbinden Sie das Konto erneut und wählen Sie **Allow**.',
      },
    },
    {
      at: 'token',
      errors: ['invalid_grant'],
      cause: {
        en: 'The sandbox no longer knows this account. It keeps accounts in memory and forgets them when Latchkey restarts.',
        de: 'Die Sandbox kennt dieses Konto nicht mehr. Sie hält Konten im Speicher und vergisst sie, wenn Latchkey neu startet.',
      },
      operator: { en: 'Connect the account again.', de: 'Verbinden Sie das Konto erneut.' },
      person: { en: 'Connect the account again.', de: 'Verbinden Sie das Konto erneut.' },
    },
  ],
}
