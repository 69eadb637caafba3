import { notionActions } from '../actions/notion.ts'
import type { IntegrationDefinition } from '../definition/definition.ts'

const version = '2025-09-03'

export const notion: IntegrationDefinition = {
  displayName: 'Notion',
  docsUrl: 'https://developers.notion.com/guides/get-started/authorization',
  categories: ['knowledge base'],
  baseUrl: 'https://api.notion.com/v1',
  auth: {
    type: 'oauth2',
    grant: 'authorization_code',
    authorizationUrl: 'https://api.notion.com/v1/oauth/authorize',
    authorizationParams: { owner: 'user' },
    tokenUrl: 'https://api.notion.com/v1/oauth/token',
    revocation: { url: 'https://api.notion.com/v1/oauth/revoke', json: { token: '{{ config.access_token }}' } },
    clientAuth: 'client_secret_basic',
    tokenRequest: { format: 'json', headers: { 'Notion-Version': version } },
    tokenResponse: {
      keep: {
        workspace_id: ['workspace_id'],
        workspace_name: ['workspace_name'],
        bot_id: ['bot_id'],
        duplicated_template_id: ['duplicated_template_id'],
      },
    },
  },
  headers: { 'Notion-Version': version },
  // developers.notion.com/reference/webhooks, developers.notion.com/reference/webhooks-events-delivery
  webhook: {
    verify: { method: 'hmac', header: 'X-Notion-Signature', hash: 'sha256', encoding: 'hex', prefix: 'sha256=' },
    // The first request has the key of all signatures. An administrator confirms it in Notion.
    handshake: [{ where: 'body.verification_token', answer: '', secret: 'body.verification_token' }],
    id: 'body.id',
    type: 'body.type',
    connection: { value: 'body.workspace_id', equals: 'kept.workspace_id' },
    sync: [
      { where: "body.entity.type == 'page'", streams: ['pages'] },
      { where: "body.entity.type in ['database', 'data_source']", streams: ['data_sources'] },
    ],
  },
  testRequest: { path: '/users/me' },
  streams: [
    {
      name: 'users',
      path: '/users',
      query: { page_size: '100' },
      recordsPath: ['results'],
      primaryKey: [['id']],
      pagination: { type: 'cursor', path: ['next_cursor'], param: 'start_cursor', hasMore: ['has_more'] },
    },
    {
      name: 'pages',
      path: '/search',
      json: { filter: { property: 'object', value: 'page' }, page_size: 100 },
      recordsPath: ['results'],
      primaryKey: [['id']],
      pagination: { type: 'cursor', path: ['next_cursor'], param: 'start_cursor', in: 'json', hasMore: ['has_more'] },
    },
    {
      name: 'data_sources',
      path: '/search',
      json: { filter: { property: 'object', value: 'data_source' }, page_size: 100 },
      recordsPath: ['results'],
      primaryKey: [['id']],
      pagination: { type: 'cursor', path: ['next_cursor'], param: 'start_cursor', in: 'json', hasMore: ['has_more'] },
    },
  ],
  actions: notionActions,
}
