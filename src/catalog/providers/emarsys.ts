import type { IntegrationDefinition } from '../definition/definition.ts'
import type { StreamDefinition } from '../definition/stream.ts'

export const emarsys: IntegrationDefinition = {
  displayName: 'SAP Emarsys',
  docsUrl: 'https://dev.emarsys.com/docs/emarsys-core-api-guides/b3c3a1eba8515-authentication',
  categories: ['marketing', 'email'],
  baseUrl: 'https://api.emarsys.net/api/v2',
  auth: {
    type: 'signature',
    method: 'wsse',
    fields: [
      { name: 'username', label: 'User name of the API user', required: true, example: 'customer001' },
      { name: 'secret', label: 'Secret of the API user', secret: true, required: true },
    ],
    username: '{{ config.username }}',
    password: '{{ config.secret }}',
    hash: 'sha1',
    // The hexadecimal digits of the hash are encoded, and the nonce is sent as it is.
    digest: 'hex',
    nonceEncoding: 'text',
  },
  responseErrors: [{ status: 401, as: 'auth', message: ['replyText'] }],
  testRequest: { path: '/settings' },
  streams: [
    list('contact_lists', '/contactlist'),
    list('fields', '/field'),
    list('segments', '/filter'),
    list('email_campaigns', '/email'),
    list('events', '/event'),
  ],
}

/** A list that the API returns as a whole. */
function list(name: string, path: string): StreamDefinition {
  return { name, path, recordsPath: ['data'], primaryKey: [['id']] }
}
