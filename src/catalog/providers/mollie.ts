import { input, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const reference = 'https://docs.mollie.com/reference'

const actions: ActionDefinition[] = [
  {
    name: 'get_payment',
    title: 'Get a payment',
    description: 'Returns one payment with its status, amount and method.',
    docsUrl: `${reference}/get-payment`,
    scopes: ['payments.read'],
    readOnly: true,
    input: input({ payment_id: text('Id of the payment, such as tr_7UhSN1zuXS.', { pattern: '^tr_[A-Za-z0-9]+$' }) }),
    request: { method: 'GET', path: '/payments/{{ args.payment_id }}' },
  },
  {
    name: 'create_payment',
    title: 'Create a payment',
    description: 'Creates a payment. Returns it with its id, and in _links.checkout.href the page on which it is paid.',
    docsUrl: `${reference}/create-payment`,
    scopes: ['payments.write'],
    input: input(
      {
        profile_id: text('Id of the website profile, such as pfl_QkEhN94Ba.', { pattern: '^pfl_[A-Za-z0-9]+$' }),
        amount: text('Amount with the decimals of the currency, such as 10.00.', {
          pattern: '^[0-9]+(?:\\.[0-9]{1,4})?$',
        }),
        currency: text('Currency as three letters, such as EUR.', { pattern: '^[A-Z]{3}$' }),
        description: text('Description, which the payer sees.'),
        redirect_url: text('Page to which the payer returns after the payment.', {
          format: 'uri',
          pattern: '^https?://',
        }),
      },
      { customer_id: text('Id of the customer who pays, such as cst_8wmqcHMN4U.', { pattern: '^cst_[A-Za-z0-9]+$' }) },
    ),
    request: {
      method: 'POST',
      path: '/payments',
      json: {
        profileId: '{{ args.profile_id }}',
        amount: { currency: '{{ args.currency }}', value: '{{ args.amount }}' },
        description: '{{ args.description }}',
        redirectUrl: '{{ args.redirect_url }}',
        customerId: '{{ args.customer_id }}',
      },
    },
    idempotencyKey: { in: 'header', name: 'Idempotency-Key' },
  },
]

export const provider: ProviderFile = {
  aliases: ['mollie payments', 'mollie connect', 'ideal'],
  logo: null,
  color: '#000000',
  sources: [
    { url: 'https://docs.mollie.com/reference/authorize-endpoint.md', read: '2026-11-29' },
    { url: 'https://docs.mollie.com/docs/authentication-via-oauth.md', read: '2026-11-29' },
    { url: 'https://docs.mollie.com/docs/connect-platforms-setting-up-oauth.md', read: '2026-11-29' },
    { url: 'https://docs.mollie.com/reference/authentication.md', read: '2026-11-29' },
    { url: 'https://docs.mollie.com/overview/pagination', read: '2026-11-29' },
    {
      url: 'https://docs.mollie.com/changelog/fix-oauth-token-endpoints-to-use-basic-authentication.md',
      read: '2026-11-29',
    },
    { url: 'https://github.com/mollie/openapi/blob/main/specs.yaml', read: '2026-11-29' },
    {
      url: 'https://github.com/mollie/mollie-api-typescript/blob/main/docs/sdks/customers/README.md',
      read: '2026-11-29',
    },
    { url: 'https://hexdocs.pm/mollie_api/MollieAPI.Api.OAuthAPI.html', read: '2026-11-29', second: true },
    { url: 'https://hexdocs.pm/mollie/Mollie.Connect.html', read: '2026-11-29', second: true },
  ],
  // The steps of the dashboard, the lifetimes and the limits are not in what could be read.
  unverified: ['app', 'tokens', 'rateLimit', 'hints'],
  definition: {
    displayName: 'Mollie',
    docsUrl: `${reference}/overview`,
    categories: ['payments'],
    baseUrl: 'https://api.mollie.com/v2',
    auth: {
      type: 'oauth2',
      grant: 'authorization_code',
      authorizationUrl: 'https://my.mollie.com/oauth2/authorize',
      authorizationParams: { approval_prompt: 'auto' },
      tokenUrl: 'https://api.mollie.com/oauth2/tokens',
      clientAuth: 'client_secret_basic',
      // Revoking the refresh token revokes all access tokens of the same consent.
      revocation: {
        url: 'https://api.mollie.com/oauth2/tokens',
        method: 'DELETE',
        auth: 'client',
        form: { token_type_hint: 'refresh_token', token: '{{ config.refresh_token }}' },
      },
      scopes: ['organizations.read', 'profiles.read', 'payments.read', 'customers.read', 'settlements.read'],
    },
    responseErrors: [
      { status: 401, path: ['detail'], as: 'auth', message: ['detail'] },
      ...[400, 403, 404, 422].map((status) => ({ status, path: ['detail'], as: 'fail' as const, message: ['detail'] })),
    ],
    testRequest: { path: '/organizations/me' },
    streams: [list('profiles'), ofProfile('payments'), list('customers'), list('settlements')],
    actions,
  },
  guide: {
    app: {
      url: 'https://my.mollie.com/dashboard/developers/applications',
      steps: [
        {
          en: 'Sign in to the Mollie dashboard, open **Developers** and **Your apps**, and select **Create application**.',
          de: 'Melden Sie sich im Mollie-Dashboard an, öffnen Sie **Developers** und **Your apps** und wählen Sie **Create application**.',
        },
        {
          en: 'Enter a name and a description, and paste the callback URL as the redirect URL.',
          de: 'Geben Sie einen Namen und eine Beschreibung ein und fügen Sie die Callback-URL als Redirect-URL ein.',
        },
        {
          en: 'Create the application, and copy the client id, which begins with app_, and the client secret.',
          de: 'Legen Sie die Anwendung an und kopieren Sie die Client-ID, die mit app_ beginnt, und das Client-Secret.',
        },
      ],
    },
    tokens: {
      en: 'An access token lives for one hour. A refresh token lives until the access is revoked.',
      de: 'Ein Access-Token gilt eine Stunde. Ein Refresh-Token gilt, bis der Zugriff widerrufen wird.',
    },
    traps: [
      {
        en: 'Payments belong to a website profile. With a token of OAuth, requests for payments have to name the profileId.',
        de: 'Zahlungen gehören zu einem Website-Profil. Mit einem OAuth-Token müssen Anfragen zu Zahlungen die profileId nennen.',
      },
      {
        en: 'Mollie forbids API keys for integrations with accounts of others.',
        de: 'Für Integrationen mit Konten anderer verbietet Mollie API-Schlüssel.',
      },
    ],
    scopes: {
      'organizations.read': { en: 'see your organization', de: 'Ihre Organisation sehen' },
      'profiles.read': { en: 'see your website profiles', de: 'Ihre Website-Profile sehen' },
      'payments.read': {
        en: 'see your payments, refunds and chargebacks',
        de: 'Ihre Zahlungen, Rückerstattungen und Rückbuchungen sehen',
      },
      'payments.write': { en: 'create and cancel payments', de: 'Zahlungen anlegen und abbrechen' },
      'customers.read': { en: 'see your customers', de: 'Ihre Kundinnen und Kunden sehen' },
      'settlements.read': { en: 'see your settlements', de: 'Ihre Auszahlungen sehen' },
      'balances.read': { en: 'see your balances', de: 'Ihre Guthaben sehen' },
    },
    rateLimit: null,
    hints: [],
  },
}

function list(name: string): StreamDefinition {
  return {
    name,
    path: `/${name}`,
    query: { limit: '250' },
    recordsPath: ['_embedded', name],
    primaryKey: [['id']],
    pagination: { type: 'next_url', path: ['_links', 'next', 'href'] },
  }
}

function ofProfile(name: string): StreamDefinition {
  return {
    ...list(name),
    parent: { stream: 'profiles' },
    query: { profileId: '{{ parent.id }}', limit: '250' },
  }
}
