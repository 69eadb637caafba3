import { mailchimpActions } from '../actions/mailchimp.ts'
import type { IntegrationDefinition } from '../definition/definition.ts'

export const mailchimp: IntegrationDefinition = {
  displayName: 'Mailchimp',
  docsUrl: 'https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/',
  categories: ['marketing', 'email'],
  // The login host returns the account's data centre. Injected tokens supply it as extra.dc.
  baseUrl: 'https://{{ kept.dc }}.api.mailchimp.com/3.0',
  auth: {
    type: 'oauth2',
    grant: 'authorization_code',
    authorizationUrl: 'https://login.mailchimp.com/oauth2/authorize',
    // Tokens do not expire; `expires_in` is 0.
    tokenUrl: 'https://login.mailchimp.com/oauth2/token',
  },
  afterConnect: [
    { path: 'https://login.mailchimp.com/oauth2/metadata', keep: { dc: ['dc'], account_name: ['accountname'] } },
  ],
  testRequest: { path: '/ping' },
  streams: [
    {
      name: 'lists',
      path: '/lists',
      recordsPath: ['lists'],
      primaryKey: [['id']],
      pagination: { type: 'offset', param: 'offset', limitParam: 'count', size: 1000, total: ['total_items'] },
    },
    {
      name: 'campaigns',
      path: '/campaigns',
      query: { sort_field: 'create_time', sort_dir: 'ASC' },
      recordsPath: ['campaigns'],
      primaryKey: [['id']],
      pagination: { type: 'offset', param: 'offset', limitParam: 'count', size: 1000, total: ['total_items'] },
    },
  ],
  actions: mailchimpActions,
}
