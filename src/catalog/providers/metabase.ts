import type { IntegrationDefinition } from '../definition/definition.ts'

export const metabase: IntegrationDefinition = {
  displayName: 'Metabase',
  docsUrl: 'https://www.metabase.com/docs/latest/api#tag/apisession',
  categories: ['analytics'],
  baseUrl: '{{ input.url }}/api',
  inputFields: [
    {
      name: 'url',
      label: 'URL',
      description: 'Of the Metabase server, without /api.',
      required: true,
      pattern: 'https?://.+',
      example: 'https://metabase.example.com',
    },
  ],
  auth: {
    type: 'session_token',
    login: {
      url: '{{ input.url }}/api/session',
      method: 'POST',
      json: { username: '{{ config.username }}', password: '{{ config.password }}' },
    },
    fields: [
      { name: 'username', label: 'Email address', required: true, example: 'ada@example.com' },
      { name: 'password', label: 'Password', secret: true, required: true },
    ],
    tokenPath: ['id'],
    // The default of MAX_SESSION_AGE is 20,160 minutes.
    lifetime: 'P14D',
    placement: { in: 'header', name: 'X-Metabase-Session' },
  },
  // Refused logins (github.com/metabase/metabase, src/metabase/session/api.clj). `username` says that there were too many of them. For a
  // wrong password it is `password`, whose text is removed like that of every field with such a name.
  responseErrors: [
    { status: 401, path: ['errors', 'username'], as: 'rate_limit', message: ['errors', 'username'] },
    { status: 401, path: ['errors', '_error'], as: 'auth', message: ['errors', '_error'] },
  ],
  testRequest: { path: '/user/current' },
  streams: [
    {
      name: 'users',
      path: '/user',
      recordsPath: ['data'],
      primaryKey: [['id']],
      pagination: { type: 'offset', param: 'offset', limitParam: 'limit', size: 50, total: ['total'] },
    },
    { name: 'cards', path: '/card', primaryKey: [['id']] },
    { name: 'dashboards', path: '/dashboard', primaryKey: [['id']] },
    { name: 'databases', path: '/database', recordsPath: ['data'], primaryKey: [['id']] },
  ],
}
