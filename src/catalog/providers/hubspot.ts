import { hubspotActions } from '../actions/hubspot.ts'
import type { IntegrationDefinition } from '../definition/definition.ts'
import type { StreamDefinition } from '../definition/stream.ts'

/** Version in the paths. Numbered versions end in 2027 (developers.hubspot.com/docs/api-reference/legacy/migration-guide). */
const version = '2026-03'

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
    tokenUrl: `https://api.hubapi.com/oauth/${version}/token`,
    // Accepts refresh tokens only; access tokens stay valid until they expire.
    revocation: {
      url: `https://api.hubapi.com/oauth/${version}/token/revoke`,
      form: { token: '{{ config.refresh_token }}', token_type_hint: 'refresh_token' },
    },
    scopes: ['oauth', 'crm.objects.contacts.read', 'crm.objects.companies.read', 'crm.objects.deals.read'],
    // Errors follow RFC 6749 and also contain {"status": "BAD_REFRESH_TOKEN", "message": "…"}, which is more precise.
    tokenResponse: { error: ['status'], errorDescription: ['message'] },
    permanentErrors: ['BAD_REFRESH_TOKEN', 'BAD_AUTH_CODE'],
    rotation: 'none',
  },
  afterConnect: [{ path: `/account-info/${version}/details`, keep: { portal_id: ['portalId'] } }],
  // developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation,
  // developers.hubspot.com/docs/api-reference/webhooks-webhooks-v3/guide
  webhook: {
    verify: {
      method: 'hmac',
      header: 'X-HubSpot-Signature-v3',
      hash: 'sha256',
      encoding: 'base64',
      message: '{{ method }}{{ url }}{{ body }}{{ timestamp }}',
      timestamp: { header: 'X-HubSpot-Request-Timestamp', format: 'epoch_ms', tolerance: 'PT5M' },
      secret: 'client',
    },
    // The body is a list of up to 100 events, also of several accounts.
    events: [],
    // HubSpot does not guarantee that eventId is unique.
    id: "item.eventId ~ ':' ~ item.subscriptionId ~ ':' ~ item.occurredAt",
    type: 'item.subscriptionType or item.eventType',
    connection: { value: 'item.portalId', equals: 'kept.portal_id' },
    sync: [
      changes('contacts', 'contact', '0-1'),
      changes('companies', 'company', '0-2'),
      changes('deals', 'deal', '0-3'),
    ],
  },
  testRequest: { path: `/account-info/${version}/details` },
  streams: ['contacts', 'companies', 'deals'].map(objects),
  actions: hubspotActions,
}

/** An event is `contact.creation`, or `object.creation` with the type of the object. */
function changes(name: string, object: string, type: string) {
  return { where: `'${object}.' in item.subscriptionType or item.objectTypeId == '${type}'`, streams: [name] }
}

function objects(name: string): StreamDefinition {
  return {
    name,
    path: `/crm/objects/${version}/${name}`,
    query: { limit: '100' },
    recordsPath: ['results'],
    primaryKey: [['id']],
    pagination: { type: 'cursor', path: ['paging', 'next', 'after'], param: 'after' },
  }
}
