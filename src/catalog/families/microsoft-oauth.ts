import type { Field } from '../definition/field.ts'
import type { OAuth2 } from '../definition/oauth2.ts'
import type { Webhook } from '../definition/webhook.ts'

/** Restricts login to one organisation, by its id or domain. */
export const microsoftTenant: Field = {
  name: 'tenant',
  label: 'Tenant',
  description: 'Id or domain of the directory, or one of common, organizations and consumers. Default: common.',
  pattern: '[A-Za-z0-9.-]+',
  example: 'contoso.onmicrosoft.com',
}

/**
 * OAuth of the Microsoft identity platform (https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow).
 * Each refresh returns a new refresh token and keeps the previous one valid. There is no revocation endpoint.
 */
export function microsoftOAuth(scopes: string[]): OAuth2 {
  return {
    type: 'oauth2',
    grant: 'authorization_code',
    authorizationUrl: `${login}/authorize`,
    authorizationParams: { response_mode: 'query' },
    tokenUrl: `${login}/token`,
    // Without offline_access Microsoft issues no refresh token.
    scopes: ['offline_access', ...scopes],
    rotation: 'rotating',
    graceSeconds: 86_400,
    // Each refresh token lives for 90 days (learn.microsoft.com/entra/identity-platform/refresh-tokens).
    refreshTokenLifetime: 'P90D',
  }
}

const login = "https://login.microsoftonline.com/{{ input.tenant | default('common') }}/oauth2/v2.0"

/**
 * Change notifications of Microsoft Graph (https://learn.microsoft.com/graph/change-notifications-delivery-webhooks). Each subscription
 * has the secret as its clientState, and Graph repeats the query of its notificationUrl. The notifications of one request belong to
 * several subscriptions, and those of a drive do not name their user.
 */
export function microsoftWebhook(sync: Webhook['sync']): Webhook {
  return {
    verify: { method: 'token', place: { in: 'json', name: ['value', '*', 'clientState'] } },
    handshake: [{ where: 'query.validationToken', answer: '{{ query.validationToken }}' }],
    events: ['value'],
    id: 'item.id',
    type: 'item.changeType or item.lifecycleEvent',
    connection: { value: 'query.external_id', equals: 'externalId' },
    drop: [['clientState']],
    sync,
  }
}
