import { email, input, integer, limit, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import { intuitEnvironment, intuitOAuth } from '../families/intuit.ts'
import type { ProviderFile } from '../provider-file.ts'

const reference = 'https://developer.intuit.com/app/developer/qbo/docs/api/accounting/all-entities'

const id = (description: string) => text(description, { pattern: '^[0-9]+$' })

const start = integer('Number of the first result. Default: 1.', { minimum: 1, default: 1 })

const select = (entity: string) =>
  `select * from ${entity} startposition {{ args.start | default(1) }} maxresults {{ args.limit | default(100) }}`

const actions: ActionDefinition[] = [
  {
    name: 'create_customer',
    title: 'Create a customer',
    description:
      'Creates a customer and returns it with its Id. QuickBooks refuses a display name that a customer, vendor or employee has already (400).',
    docsUrl: `${reference}/customer#create-a-customer`,
    scopes: ['com.intuit.quickbooks.accounting'],
    input: input(
      { display_name: text('Name by which the customer is shown. It must be unique.', { maxLength: 500 }) },
      {
        given_name: text('First name.', { maxLength: 100 }),
        family_name: text('Last name.', { maxLength: 100 }),
        company_name: text('Name of the company.', { maxLength: 100 }),
        email: email('Email address.'),
        phone: text('Phone number.', { maxLength: 30 }),
        notes: text('Notes about the customer.', { maxLength: 2000 }),
      },
    ),
    request: {
      method: 'POST',
      path: '/customer',
      json: {
        DisplayName: '{{ args.display_name }}',
        GivenName: '{{ args.given_name }}',
        FamilyName: '{{ args.family_name }}',
        CompanyName: '{{ args.company_name }}',
        PrimaryEmailAddr: { Address: '{{ args.email }}' },
        PrimaryPhone: { FreeFormNumber: '{{ args.phone }}' },
        Notes: '{{ args.notes }}',
      },
    },
    // https://developer.intuit.com/app/developer/qbo/docs/learn/rest-api-features#request-id
    idempotencyKey: { in: 'query', name: 'requestid', maxLength: 50 },
    output: ['Customer'],
  },
  {
    name: 'get_customer',
    title: 'Get a customer',
    description: 'Returns one customer with addresses and balance.',
    docsUrl: `${reference}/customer#read-a-customer`,
    scopes: ['com.intuit.quickbooks.accounting'],
    readOnly: true,
    input: input({ customer_id: id('Id of the customer.') }),
    request: { method: 'GET', path: '/customer/{{ args.customer_id }}' },
    output: ['Customer'],
  },
  {
    name: 'list_customers',
    title: 'List customers',
    description: 'Lists the active customers. The list is missing when there are none.',
    docsUrl: `${reference}/customer#query-a-customer`,
    scopes: ['com.intuit.quickbooks.accounting'],
    readOnly: true,
    input: input({}, { limit: limit(1000, 100), start }),
    request: { method: 'GET', path: '/query', query: { query: select('Customer') } },
    output: ['QueryResponse', 'Customer'],
  },
  {
    name: 'list_invoices',
    title: 'List invoices',
    description: 'Lists invoices with their lines. The list is missing when there are none.',
    docsUrl: `${reference}/invoice#query-an-invoice`,
    scopes: ['com.intuit.quickbooks.accounting'],
    readOnly: true,
    input: input({}, { limit: limit(1000, 100), start }),
    request: { method: 'GET', path: '/query', query: { query: select('Invoice') } },
    output: ['QueryResponse', 'Invoice'],
  },
]

/** No streams, because lists use a query language with paging inside the query. */
export const provider: ProviderFile = {
  aliases: ['qbo', 'quick books', 'intuit quickbooks'],
  logo: 'quickbooks',
  color: '#2ca01c',
  sources: [
    { url: 'https://developer.intuit.com/app/developer/qbo/docs/get-started/app-settings', read: '2026-11-29' },
    {
      url: 'https://developer.intuit.com/app/developer/qbo/docs/develop/authentication-and-authorization/set-redirect-uri',
      read: '2026-11-29',
    },
    {
      url: 'https://developer.intuit.com/app/developer/qbo/docs/get-started/get-client-id-and-client-secret',
      read: '2026-11-29',
    },
    { url: 'https://developer.intuit.com/app/developer/qbo/docs/go-live/publish-app', read: '2026-11-29' },
    {
      url: 'https://developer.intuit.com/app/developer/qbo/docs/develop/webhooks/configure-webhooks',
      read: '2026-11-29',
    },
    {
      url: 'https://developer.intuit.com/app/developer/qbo/docs/develop/troubleshooting/oauth-errors',
      read: '2026-11-29',
    },
    { url: 'https://developer.intuit.com/app/developer/qbo/docs/learn/scopes', read: '2026-11-29' },
    { url: 'https://developer.intuit.com/app/developer/qbo/docs/learn/limits-and-throttles', read: '2026-11-29' },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
    },
  ],
  definition: {
    displayName: 'QuickBooks Online',
    docsUrl: 'https://developer.intuit.com/app/developer/qbo/docs/develop/authentication-and-authorization/oauth-2.0',
    categories: ['accounting'],
    // The callback returns the company. Injected tokens supply it as extra.realm_id.
    baseUrl:
      "https://{{ 'sandbox-quickbooks' if input.environment == 'sandbox' else 'quickbooks' }}.api.intuit.com/v3/company/{{ kept.realm_id }}",
    inputFields: [intuitEnvironment],
    auth: intuitOAuth(['com.intuit.quickbooks.accounting']),
    responseErrors: [
      { status: 401, path: ['fault', 'error', 0, 'detail'], as: 'auth', message: ['fault', 'error', 0, 'detail'] },
      // Without a detail, the token is not for this company (help.developer.intuit.com/s/article/3100-message-AuthorizationFailed-errorCode-003100-statusCode-403).
      { status: 403, path: ['fault', 'error', 0, 'detail'], as: 'fail', message: ['fault', 'error', 0, 'detail'] },
      { status: 403, path: ['fault', 'error', 0, 'message'], as: 'fail', message: ['fault', 'error', 0, 'message'] },
      { status: 400, path: ['Fault', 'Error', 0, 'Detail'], as: 'fail', message: ['Fault', 'Error', 0, 'Detail'] },
    ],
    // A browser brings the company of the callback, so this request has to prove that the user has access to it.
    afterConnect: [
      { path: '/companyinfo/{{ kept.realm_id }}', keep: { company_name: ['CompanyInfo', 'CompanyName'] } },
    ],
    // developer.intuit.com/app/developer/qbo/docs/develop/webhooks. The body is a list of CloudEvents, also of several companies.
    webhook: {
      verify: { method: 'hmac', header: 'intuit-signature', hash: 'sha256', encoding: 'base64' },
      events: [],
      id: 'item.id',
      type: 'item.type',
      connection: { value: 'item.intuitaccountid', equals: 'kept.realm_id' },
    },
    testRequest: { path: '/companyinfo/{{ kept.realm_id }}' },
    actions,
  },
  guide: {
    app: {
      url: 'https://developer.intuit.com/dashboard',
      steps: [
        {
          en: 'Open **My Hub** and **App dashboard**, and add an app for **QuickBooks Online and Payments**. Enter a name and select the permission **com.intuit.quickbooks.accounting**.',
          de: 'Öffnen Sie **My Hub** und **App dashboard** und legen Sie eine App für **QuickBooks Online and Payments** an. Geben Sie einen Namen ein und wählen Sie die Berechtigung **com.intuit.quickbooks.accounting**.',
        },
        {
          en: 'Open the app, **Settings** and the tab **Redirect URIs**. Choose **Production**, select **Add URI**, paste the callback URL, and save it.',
          de: 'Öffnen Sie die App, **Settings** und die Registerkarte **Redirect URIs**. Wählen Sie **Production** und **Add URI**, fügen Sie die Callback-URL ein und speichern Sie.',
        },
        {
          en: 'Open **Keys and credentials**, choose **Production**, and fill in **App Details**: licence agreement, privacy policy, host domain, launch URL, categories and regions.',
          de: 'Öffnen Sie **Keys and credentials**, wählen Sie **Production** und füllen Sie **App Details** aus: Lizenzvertrag, Datenschutzerklärung, Host-Domain, Launch-URL, Kategorien und Regionen.',
        },
        {
          en: 'Select **Compliance**, then **Start Questionnaire**. Intuit approves the app by your answers.',
          de: 'Wählen Sie **Compliance** und dann **Start Questionnaire**. Anhand Ihrer Antworten gibt Intuit die App frei.',
        },
        {
          en: 'After the approval, turn on **Show Credentials** under **Production** and copy **Client ID** and **Client secret**. Those under **Development** work with sandbox companies only: for them, use an integration of its own and connect with the environment sandbox.',
          de: 'Schalten Sie nach der Freigabe unter **Production** **Show Credentials** ein und kopieren Sie **Client ID** und **Client secret**. Die Werte unter **Development** gelten nur für Sandbox-Unternehmen: Verwenden Sie für diese eine eigene Integration und verbinden Sie mit der Umgebung sandbox.',
        },
      ],
    },
    webhook: {
      url: 'https://developer.intuit.com/dashboard',
      steps: [
        {
          en: 'Open the app under **My Hub** and **App dashboard**, then **Webhooks**, and choose **Production**.',
          de: 'Öffnen Sie die App unter **My Hub** und **App dashboard**, dann **Webhooks**, und wählen Sie **Production**.',
        },
        {
          en: 'Paste the webhook URL as the endpoint URL, select the events that you want, and save. It can take up to five minutes until the first event arrives.',
          de: 'Fügen Sie die Webhook-URL als Endpunkt-URL ein, wählen Sie die gewünschten Events und speichern Sie. Bis zum ersten Event kann es fünf Minuten dauern.',
        },
        {
          en: 'If the page asks for the format of the payload, choose **CloudEvents**.',
          de: 'Wenn die Seite nach dem Format der Nutzdaten fragt, wählen Sie **CloudEvents**.',
        },
        {
          en: 'Show the verifier token, copy it, and save it here as the webhook secret. It is not the client secret.',
          de: 'Blenden Sie das Verifier Token ein, kopieren Sie es und speichern Sie es hier als Webhook-Secret. Es ist nicht das Client-Secret.',
        },
      ],
    },
    fields: {
      environment: {
        label: 'Umgebung',
        description: 'Sandbox ist für die Testunternehmen eines Entwicklerkontos. Standard: Produktion.',
        choices: { production: 'Produktion' },
      },
    },
    events: ['qbo.*'],
    traps: [
      {
        en: 'The company is named only in the callback, as realmId. A token that is supplied another way needs it as extra.',
        de: 'Das Unternehmen steht nur im Callback, als realmId. Ein Token, das auf anderem Weg kommt, braucht es als extra.',
      },
    ],
    scopes: {
      'com.intuit.quickbooks.accounting': {
        en: 'read, create, change and delete the accounting data of your QuickBooks company',
        de: 'die Buchhaltungsdaten Ihres QuickBooks-Unternehmens lesen, anlegen, ändern und löschen',
      },
    },
    rateLimit: {
      words: {
        en: 'Per company: 500 requests a minute. Per company and app: 10 a second. Apps in the Builder tier have 500,000 CorePlus calls a month.',
        de: 'Je Unternehmen: 500 Anfragen pro Minute. Je Unternehmen und App: 10 pro Sekunde. Apps der Stufe Builder haben 500.000 CorePlus-Aufrufe im Monat.',
      },
      url: 'https://developer.intuit.com/app/developer/qbo/docs/learn/limits-and-throttles',
    },
    hints: [
      {
        at: 'provider_page',
        messages: ['The redirect_uri query parameter value is invalid'],
        cause: {
          en: 'The callback URL is not registered for the keys of this client ID.',
          de: 'Die Callback-URL ist für die Schlüssel dieser Client-ID nicht eingetragen.',
        },
        operator: {
          en: 'Add the callback URL under **Settings** and **Redirect URIs**, for **Production**, exactly as it is.',
          de: 'Tragen Sie die Callback-URL zeichengenau unter **Settings** bei **Redirect URIs** für **Production** ein.',
        },
        url: 'https://developer.intuit.com/app/developer/qbo/docs/get-started/app-settings',
      },
      {
        at: 'provider_page',
        cause: {
          en: 'The list of companies is empty: the app has another permission, or the subscription of the company has expired.',
          de: 'Die Liste der Unternehmen ist leer: Die App hat eine andere Berechtigung, oder das Abonnement des Unternehmens ist abgelaufen.',
        },
        operator: {
          en: 'Open **Permissions** of the app and select **com.intuit.quickbooks.accounting**. Ask the person to check their subscription.',
          de: 'Öffnen Sie **Permissions** der App und wählen Sie **com.intuit.quickbooks.accounting**. Bitten Sie die Person, ihr Abonnement zu prüfen.',
        },
        person: {
          en: 'Sign in to QuickBooks Online and check that the subscription of your company has not expired.',
          de: 'Melden Sie sich bei QuickBooks Online an und prüfen Sie, ob das Abonnement Ihres Unternehmens noch läuft.',
        },
        url: 'https://developer.intuit.com/app/developer/qbo/docs/develop/troubleshooting/oauth-errors',
      },
      {
        at: 'token',
        errors: ['invalid_client'],
        cause: {
          en: 'The client ID or the client secret is wrong.',
          de: 'Client-ID oder Client-Secret ist falsch.',
        },
        operator: {
          en: 'Copy both again from **Keys and credentials** of the app, under **Production**.',
          de: 'Kopieren Sie beide noch einmal aus **Keys and credentials** der App, unter **Production**.',
        },
      },
      {
        at: 'token',
        errors: ['invalid_grant'],
        cause: {
          en: 'The access was revoked in QuickBooks, or the refresh token has expired.',
          de: 'Der Zugriff wurde in QuickBooks widerrufen, oder das Refresh-Token ist abgelaufen.',
        },
        operator: { en: 'Let the account be reconnected.', de: 'Lassen Sie das Konto neu verbinden.' },
        person: { en: 'Connect the account again.', de: 'Verbinden Sie das Konto neu.' },
        url: 'https://developer.intuit.com/app/developer/qbo/docs/develop/authentication-and-authorization/faq',
      },
      {
        at: 'request',
        messages: ['AuthorizationFailed'],
        cause: {
          en: 'The token does not give access to this company: it belongs to the other environment (production or sandbox), or the app was disconnected there.',
          de: 'Das Token gibt keinen Zugriff auf dieses Unternehmen: Es gehört zur anderen Umgebung (Produktion oder Sandbox), oder die App wurde dort getrennt.',
        },
        operator: {
          en: 'Use the client of **Production** for companies, and that of **Development** for sandbox companies, which are connected with the environment sandbox. Then let the account be reconnected.',
          de: 'Verwenden Sie für Unternehmen den Client aus **Production** und für Sandbox-Unternehmen, die mit der Umgebung sandbox verbunden werden, den aus **Development**. Lassen Sie das Konto dann neu verbinden.',
        },
        person: {
          en: 'Connect the account again and choose your company.',
          de: 'Verbinden Sie das Konto neu und wählen Sie Ihr Unternehmen.',
        },
      },
    ],
  },
}
