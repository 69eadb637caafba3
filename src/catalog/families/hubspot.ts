import type { IntegrationDefinition } from '../definition/definition.ts'
import type { OAuth2 } from '../definition/oauth2.ts'
import type { Webhook } from '../definition/webhook.ts'

/** Version in the paths. Numbered versions end in 2027 (developers.hubspot.com/docs/api-reference/legacy/migration-guide). */
export const hubspotVersion = '2026-03'

/** OAuth of HubSpot's public apps (https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/oauth/working-with-oauth). */
export function hubspotOAuth(scopes: string[]): OAuth2 {
  return {
    type: 'oauth2',
    grant: 'authorization_code',
    authorizationUrl: 'https://app.hubspot.com/oauth/authorize',
    tokenUrl: `https://api.hubapi.com/oauth/${hubspotVersion}/token`,
    // Accepts refresh tokens only; access tokens stay valid until they expire.
    revocation: {
      url: `https://api.hubapi.com/oauth/${hubspotVersion}/token/revoke`,
      form: { token: '{{ config.refresh_token }}', token_type_hint: 'refresh_token' },
    },
    scopes: ['oauth', ...scopes],
    // Errors follow RFC 6749 and also contain {"status": "BAD_REFRESH_TOKEN", "message": "…"}, which is more precise.
    tokenResponse: { error: ['status'], errorDescription: ['message'] },
    permanentErrors: ['BAD_REFRESH_TOKEN', 'BAD_AUTH_CODE'],
    rotation: 'none',
  }
}

/** The account, by which events are assigned. */
export const hubspotAccount: NonNullable<IntegrationDefinition['afterConnect']> = [
  { path: `/account-info/${hubspotVersion}/details`, keep: { portal_id: ['portalId'] } },
]

/** Events of an app, which HubSpot signs with the client secret. */
export function hubspotWebhook(sync: Webhook['sync']): Webhook {
  return {
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
    sync,
  }
}
