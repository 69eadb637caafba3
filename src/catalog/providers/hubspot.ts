import type { IntegrationDefinition } from '../definition.ts'
import type { StreamDefinition } from '../definition-stream.ts'

export const hubspot: IntegrationDefinition = {
  displayName: 'HubSpot',
  docsUrl:
    'https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/oauth/working-with-oauth',
  categories: ['crm', 'marketing'],
  baseUrl: 'https://api.hubapi.com',
  auth: {
    type: 'oauth2',
    grant: 'authorization_code',
    authorizationUrl: 'https://app.hubspot.com/oauth/authorize',
    tokenUrl: 'https://api.hubapi.com/oauth/v1/token',
    revocation: {
      url: 'https://api.hubapi.com/oauth/v1/refresh-tokens/{{ config.refresh_token }}',
      method: 'DELETE',
      auth: 'token',
    },
    scopes: ['oauth', 'crm.objects.contacts.read', 'crm.objects.companies.read', 'crm.objects.deals.read'],
    // Errors are not those of RFC 6749: {"status": "BAD_REFRESH_TOKEN", "message": "…"}.
    tokenResponse: { error: ['status'], errorDescription: ['message'] },
    permanentErrors: ['BAD_REFRESH_TOKEN', 'BAD_AUTH_CODE'],
    rotation: 'none',
  },
  afterConnect: [{ path: '/account-info/v3/details', keep: { portal_id: ['portalId'] } }],
  testRequest: { path: '/account-info/v3/details' },
  streams: ['contacts', 'companies', 'deals'].map(objects),
}

function objects(name: string): StreamDefinition {
  return {
    name,
    path: `/crm/v3/objects/${name}`,
    query: { limit: '100' },
    recordsPath: ['results'],
    primaryKey: [['id']],
    pagination: { type: 'cursor', path: ['paging', 'next', 'after'], param: 'after' },
  }
}
