import { discordActions } from '../actions/discord.ts'
import type { IntegrationDefinition } from '../definition/definition.ts'

export const discord: IntegrationDefinition = {
  displayName: 'Discord',
  docsUrl: 'https://docs.discord.com/developers/topics/oauth2',
  categories: ['communication'],
  baseUrl: 'https://discord.com/api/v10',
  auth: {
    type: 'oauth2',
    grant: 'authorization_code',
    authorizationUrl: 'https://discord.com/oauth2/authorize',
    tokenUrl: 'https://discord.com/api/oauth2/token',
    revocation: { url: 'https://discord.com/api/oauth2/token/revoke' },
    scopes: ['identify', 'guilds'],
  },
  testRequest: { path: '/users/@me' },
  // One page has room for more guilds than a user can join.
  streams: [{ name: 'guilds', path: '/users/@me/guilds', query: { limit: '200' }, primaryKey: [['id']] }],
  actions: discordActions,
}
