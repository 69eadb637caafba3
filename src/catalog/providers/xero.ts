import { choice, day, email, input, limit, page, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const reference = 'https://developer.xero.com/documentation/api/accounting'

const actions: ActionDefinition[] = [
  {
    name: 'create_contact',
    title: 'Create a contact',
    description:
      'Creates a contact (customer or supplier) and returns it with its ContactID. Xero refuses a second contact with the same name (400).',
    docsUrl: `${reference}/contacts#put-contacts`,
    scopes: ['accounting.contacts'],
    input: input(
      { name: text('Name of the organisation or person. It must be unique.', { maxLength: 255 }) },
      {
        first_name: text('First name of the contact person.', { maxLength: 255 }),
        last_name: text('Last name of the contact person.', { maxLength: 255 }),
        email: email('Email address.'),
        account_number: text('Your own number for the contact.', { maxLength: 50 }),
      },
    ),
    request: {
      method: 'PUT',
      path: '/api.xro/2.0/Contacts',
      json: {
        Contacts: [
          {
            Name: '{{ args.name }}',
            FirstName: '{{ args.first_name }}',
            LastName: '{{ args.last_name }}',
            EmailAddress: '{{ args.email }}',
            AccountNumber: '{{ args.account_number }}',
          },
        ],
      },
    },
    // https://developer.xero.com/documentation/guides/idempotent-requests/idempotency/
    idempotencyKey: { in: 'header', name: 'Idempotency-Key', maxLength: 128 },
    output: ['Contacts', 0],
  },
  {
    name: 'get_contact',
    title: 'Get a contact',
    description: 'Returns one contact with addresses, phone numbers and balances.',
    docsUrl: `${reference}/contacts#get-contacts`,
    scopes: ['accounting.contacts.read'],
    readOnly: true,
    input: input({ contact_id: text('ContactID of the contact.', { format: 'uuid' }) }),
    request: { method: 'GET', path: '/api.xro/2.0/Contacts/{{ args.contact_id }}' },
    output: ['Contacts', 0],
  },
  {
    name: 'list_contacts',
    title: 'List contacts',
    description: 'Lists contacts. A full page means that there may be another one.',
    docsUrl: `${reference}/contacts#get-contacts`,
    scopes: ['accounting.contacts.read'],
    readOnly: true,
    input: input(
      {},
      {
        search: text('Only contacts with this text in name, email address or number.'),
        limit: limit(1000, 100),
        page: page(),
      },
    ),
    request: {
      method: 'GET',
      path: '/api.xro/2.0/Contacts',
      query: {
        searchTerm: '{{ args.search }}',
        pageSize: '{{ args.limit | default(100) }}',
        page: '{{ args.page | default(1) }}',
      },
    },
    output: ['Contacts'],
  },
  {
    name: 'list_invoices',
    title: 'List invoices',
    description: 'Lists invoices and bills, without their lines. A full page means that there may be another one.',
    docsUrl: `${reference}/invoices#get-invoices`,
    scopes: ['accounting.invoices.read'],
    readOnly: true,
    input: input(
      {},
      {
        status: choice('Only invoices with this status.', [
          'DRAFT',
          'SUBMITTED',
          'AUTHORISED',
          'PAID',
          'VOIDED',
          'DELETED',
        ]),
        contact_id: text('Only invoices of this contact.', { format: 'uuid' }),
        modified_since: day('Only invoices that changed on or after this day (UTC), such as 2026-07-01.'),
        limit: limit(1000, 100),
        page: page(),
      },
    ),
    request: {
      method: 'GET',
      path: '/api.xro/2.0/Invoices',
      query: {
        Statuses: '{{ args.status }}',
        ContactIDs: '{{ args.contact_id }}',
        summaryOnly: 'true',
        pageSize: '{{ args.limit | default(100) }}',
        page: '{{ args.page | default(1) }}',
      },
      headers: { 'If-Modified-Since': '{{ args.modified_since }}T00:00:00' },
    },
    output: ['Invoices'],
  },
]

/** If the user granted access to several organisations, the first one is used. */
export const provider: ProviderFile = {
  aliases: ['xero.com'],
  logo: 'xero',
  color: '#13b5ea',
  sources: [
    { url: 'https://developer.xero.com/documentation/guides/oauth2/auth-flow/', read: '2026-11-29' },
    { url: 'https://developer.xero.com/documentation/guides/oauth2/scopes/', read: '2026-11-29' },
    { url: 'https://developer.xero.com/documentation/guides/oauth2/limits/', read: '2026-11-29' },
    { url: 'https://developer.xero.com/documentation/guides/oauth2/troubleshooting/', read: '2026-11-29' },
    { url: 'https://developer.xero.com/documentation/guides/webhooks/overview/', read: '2026-11-29' },
    { url: 'https://developer.xero.com/pricing', read: '2026-11-29' },
    { url: 'https://developer.xero.com/faq/pricing-and-policy-updates', read: '2026-11-29' },
    { url: 'https://developer.xero.com/faq/granular-scopes', read: '2026-11-29' },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
    },
  ],
  unverified: ['scopes'],
  definition: {
    displayName: 'Xero',
    docsUrl: 'https://developer.xero.com/documentation/guides/oauth2/auth-flow/',
    categories: ['accounting'],
    baseUrl: 'https://api.xero.com',
    auth: {
      type: 'oauth2',
      grant: 'authorization_code',
      authorizationUrl: 'https://login.xero.com/identity/connect/authorize',
      tokenUrl: 'https://identity.xero.com/connect/token',
      revocation: { url: 'https://identity.xero.com/connect/revocation' },
      // Apps created since 2 March 2026 cannot use accounting.transactions.read; other apps lose it in September 2027.
      scopes: ['offline_access', 'accounting.contacts.read', 'accounting.invoices.read', 'accounting.settings.read'],
      clientAuth: 'client_secret_basic',
      // A used refresh token is accepted for 30 more minutes, in case the response was lost.
      rotation: 'rotating',
      graceSeconds: 1800,
      // It expires when it is not used for 60 days.
      refreshTokenLifetime: 'P60D',
    },
    // Injected tokens supply it as extra.tenant_id.
    headers: { 'Xero-Tenant-Id': '{{ kept.tenant_id }}' },
    afterConnect: [{ path: '/connections', keep: { tenant_id: [0, 'tenantId'], tenant_name: [0, 'tenantName'] } }],
    responseErrors: [
      // The token lacks a scope (stackoverflow.com/questions/61047303).
      { status: 401, path: ['Detail'], equals: 'AuthorizationUnsuccessful', as: 'fail', message: ['Detail'] },
      { status: 401, path: ['Detail'], as: 'auth', message: ['Detail'] },
      // The user did not grant access to this organisation.
      { status: 403, path: ['Detail'], as: 'auth', message: ['Detail'] },
      // developer.xero.com/documentation/api/accounting/responsecodes
      validation(['Elements', 0, 'ValidationErrors', 0, 'Message']),
      validation(['Message']),
    ],
    // 10,000 calls per minute and app over all organisations. The limit of 60 per organisation is reported with 429
    // (developer.xero.com/documentation/guides/oauth2/limits/).
    rateLimit: { requestsPerSecond: 160 },
    // developer.xero.com/documentation/guides/webhooks/overview. A list without events is Xero's check of the signature (intent to receive).
    webhook: {
      verify: { method: 'hmac', header: 'x-xero-signature', hash: 'sha256', encoding: 'base64' },
      events: ['events'],
      id: "item.resourceId ~ ':' ~ item.eventType ~ ':' ~ item.eventDateUtc",
      type: "item.eventCategory ~ '.' ~ item.eventType",
      connection: { value: 'item.tenantId', equals: 'kept.tenant_id' },
      sync: [
        { where: "item.eventCategory == 'CONTACT'", streams: ['contacts'] },
        { where: "item.eventCategory == 'INVOICE'", streams: ['invoices'] },
      ],
    },
    testRequest: { path: '/api.xro/2.0/Organisation' },
    streams: [
      objects('contacts', 'Contacts', 'ContactID'),
      objects('invoices', 'Invoices', 'InvoiceID'),
      { name: 'accounts', path: '/api.xro/2.0/Accounts', recordsPath: ['Accounts'], primaryKey: [['AccountID']] },
    ],
    actions,
  },
  guide: {
    app: {
      url: 'https://developer.xero.com/app/manage',
      steps: [
        {
          en: 'Select **New app** and enter a name. As integration type, choose **Web app**. Enter the address of your company and paste the callback URL as **Redirect URI**. Accept the terms and select **Create app**.',
          de: 'Wählen Sie **New app** und geben Sie einen Namen ein. Wählen Sie als Integrationstyp **Web app**. Geben Sie die Adresse Ihres Unternehmens ein und fügen Sie die Callback-URL als **Redirect URI** ein. Nehmen Sie die Bedingungen an und wählen Sie **Create app**.',
        },
        {
          en: 'Open **Configuration** and copy **Client id**.',
          de: 'Öffnen Sie **Configuration** und kopieren Sie die **Client id**.',
        },
        {
          en: 'Select **Generate a secret** and copy it at once. It is the client secret.',
          de: 'Wählen Sie **Generate a secret** und kopieren Sie den Wert sofort. Er ist das Client-Secret.',
        },
        {
          en: 'A new app is in the tier **Starter**, which allows 5 connected organisations. Move it to a higher tier before you connect more.',
          de: 'Eine neue App gehört zur Stufe **Starter**, die 5 verbundene Organisationen erlaubt. Wechseln Sie in eine höhere Stufe, bevor Sie mehr verbinden.',
        },
      ],
    },
    webhook: {
      url: 'https://developer.xero.com/app/manage',
      steps: [
        {
          en: 'Open the app and its tab **Webhooks**. Select the categories that you want, paste the webhook URL as the delivery URL, and select **Save**.',
          de: 'Öffnen Sie die App und die Registerkarte **Webhooks**. Wählen Sie die gewünschten Kategorien, fügen Sie die Webhook-URL als Zustell-URL ein und wählen Sie **Save**.',
        },
        {
          en: 'Copy the webhooks key that Xero then shows, and save it here as the webhook secret.',
          de: 'Kopieren Sie den Webhooks Key, den Xero danach anzeigt, und speichern Sie ihn hier als Webhook-Secret.',
        },
        {
          en: 'Back at Xero, send the validation **Intent to receive**. Xero delivers events only after it succeeded.',
          de: 'Senden Sie danach bei Xero die Prüfung **Intent to receive**. Erst wenn sie gelingt, stellt Xero Events zu.',
        },
      ],
    },
    events: ['CONTACT.*', 'INVOICE.*'],
    scopes: {
      offline_access: {
        en: 'keep this access while you are not signed in',
        de: 'diesen Zugriff behalten, auch wenn Sie nicht angemeldet sind',
      },
      'accounting.contacts.read': {
        en: 'see your contacts, such as customers and suppliers',
        de: 'Ihre Kontakte sehen, etwa Kunden und Lieferanten',
      },
      'accounting.contacts': {
        en: 'see, add and change your contacts, such as customers and suppliers',
        de: 'Ihre Kontakte sehen, anlegen und ändern, etwa Kunden und Lieferanten',
      },
      'accounting.invoices.read': {
        en: 'see your invoices and bills, with credit notes, quotes and purchase orders',
        de: 'Ihre Ausgangs- und Eingangsrechnungen sehen, mit Gutschriften, Angeboten und Bestellungen',
      },
      'accounting.settings.read': {
        en: 'see the settings of your organisation, such as its accounts and tax rates',
        de: 'die Einstellungen Ihrer Organisation sehen, etwa Konten und Steuersätze',
      },
    },
    rateLimit: {
      words: {
        en: 'Per organisation: 60 requests a minute, 5 at the same time, and 5,000 a day, or 1,000 a day for apps in the tier Starter. Per app: 10,000 a minute.',
        de: 'Je Organisation: 60 Anfragen pro Minute, 5 gleichzeitig und 5.000 am Tag, für Apps der Stufe Starter 1.000 am Tag. Je App: 10.000 pro Minute.',
      },
      url: 'https://developer.xero.com/documentation/guides/oauth2/limits/',
    },
    hints: [
      {
        at: 'provider_page',
        messages: ['Invalid redirect_uri', 'Invalid scope for client'],
        cause: {
          en: 'Xero shows an error page: the callback URL, a scope or the client ID does not match the app.',
          de: 'Xero zeigt eine Fehlerseite: Callback-URL, ein Scope oder die Client-ID passt nicht zur App.',
        },
        operator: {
          en: 'Read the message on the page. Enter the callback URL as a **Redirect URI** of the app, exactly as it is. Apps created since 2 March 2026 cannot request accounting.transactions or accounting.reports.read.',
          de: 'Lesen Sie die Meldung auf der Seite. Tragen Sie die Callback-URL zeichengenau als **Redirect URI** der App ein. Apps, die seit dem 2. März 2026 angelegt wurden, können accounting.transactions und accounting.reports.read nicht anfordern.',
        },
        url: 'https://developer.xero.com/documentation/guides/oauth2/troubleshooting/',
      },
      {
        at: 'token',
        errors: ['invalid_client'],
        cause: {
          en: 'The client ID or the client secret is wrong.',
          de: 'Client-ID oder Client-Secret ist falsch.',
        },
        operator: {
          en: 'Check the client ID under **Configuration** of the app and generate a new secret if needed.',
          de: 'Prüfen Sie die Client-ID unter **Configuration** der App und erzeugen Sie bei Bedarf ein neues Secret.',
        },
        url: 'https://developer.xero.com/documentation/guides/oauth2/troubleshooting/',
      },
      {
        at: 'token',
        errors: ['invalid_grant'],
        cause: {
          en: 'The access has expired, because it was not used for 60 days, or was revoked.',
          de: 'Der Zugriff ist abgelaufen, weil er 60 Tage nicht genutzt wurde, oder er wurde widerrufen.',
        },
        operator: { en: 'Let the account be reconnected.', de: 'Lassen Sie das Konto neu verbinden.' },
        person: { en: 'Connect the account again.', de: 'Verbinden Sie das Konto neu.' },
        url: 'https://developer.xero.com/documentation/guides/oauth2/troubleshooting/',
      },
      {
        at: 'request',
        messages: ['AuthenticationUnsuccessful'],
        cause: {
          en: 'The access to this organisation was revoked, the role of the user changed, or the organisation is no longer active.',
          de: 'Der Zugriff auf diese Organisation wurde widerrufen, die Rolle des Benutzers wurde geändert, oder die Organisation ist nicht mehr aktiv.',
        },
        operator: {
          en: 'Let the account be reconnected by a user who may connect apps to the organisation.',
          de: 'Lassen Sie das Konto von einer Person neu verbinden, die Apps mit der Organisation verbinden darf.',
        },
        person: {
          en: 'Connect the account again and choose your organisation. If Xero does not offer it, ask its administrator.',
          de: 'Verbinden Sie das Konto neu und wählen Sie Ihre Organisation. Wenn Xero sie nicht anbietet, fragen Sie deren Administration.',
        },
        url: 'https://developer.xero.com/documentation/guides/oauth2/troubleshooting/',
      },
      {
        at: 'request',
        messages: ['AuthorizationUnsuccessful'],
        cause: {
          en: 'The token lacks a scope that this request needs, or the tier of the app does not include the endpoint.',
          de: 'Dem Token fehlt ein Scope, den diese Anfrage braucht, oder die Stufe der App enthält den Endpunkt nicht.',
        },
        operator: {
          en: 'Add the scope to the integration, then let the account be reconnected.',
          de: 'Ergänzen Sie den Scope in der Integration und lassen Sie das Konto dann neu verbinden.',
        },
      },
    ],
  },
}

function validation(message: (string | number)[]) {
  return { status: 400, path: message, as: 'fail' as const, message }
}

function objects(name: string, resource: string, id: string): StreamDefinition {
  return {
    name,
    path: `/api.xro/2.0/${resource}`,
    recordsPath: [resource],
    primaryKey: [[id]],
    // Responses have a `pagination` (model Pagination of xero-node, Xero's own client).
    pagination: {
      type: 'page',
      param: 'page',
      sizeParam: 'pageSize',
      size: 100,
      totalPages: ['pagination', 'pageCount'],
    },
  }
}
