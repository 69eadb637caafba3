import { sendgridActions } from '../actions/sendgrid.ts'
import type { IntegrationDefinition } from '../definition/definition.ts'
import type { StreamDefinition } from '../definition/stream.ts'

export const sendgrid: IntegrationDefinition = {
  displayName: 'SendGrid',
  docsUrl: 'https://www.twilio.com/docs/sendgrid/for-developers/sending-email/authentication',
  categories: ['email', 'marketing'],
  baseUrl: 'https://api.sendgrid.com/v3',
  auth: {
    type: 'bearer',
    fields: [{ name: 'api_key', label: 'API key', secret: true, required: true }],
    token: '{{ config.api_key }}',
  },
  testRequest: { path: '/scopes' },
  streams: [
    {
      name: 'lists',
      path: '/marketing/lists',
      query: { page_size: '1000' },
      recordsPath: ['result'],
      primaryKey: [['id']],
      pagination: { type: 'next_url', path: ['_metadata', 'next'] },
    },
    suppressions('bounces'),
    suppressions('blocks'),
    suppressions('spam_reports'),
  ],
  actions: sendgridActions,
}

function suppressions(name: string): StreamDefinition {
  return {
    name,
    path: `/suppression/${name}`,
    primaryKey: [['email']],
    pagination: { type: 'offset', param: 'offset', limitParam: 'limit', size: 500 },
    incremental: { cursorField: ['created'], param: 'start_time', format: 'epoch' },
  }
}
