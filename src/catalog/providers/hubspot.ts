import { cursor, EMAIL, email, input, limit, list, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import { hubspotAccount, hubspotOAuth, hubspotVersion, hubspotWebhook } from '../families/hubspot.ts'
import type { ProviderFile } from '../provider-file.ts'

const contacts = `/crm/objects/${hubspotVersion}/contacts`

const reference = 'https://developers.hubspot.com/docs/api-reference/2026-03/crm/objects/contacts'

const details = {
  firstname: text('First name.'),
  lastname: text('Last name.'),
  phone: text('Phone number.'),
  company: text('Name of the company.'),
  jobtitle: text('Job title.'),
  website: text('Website.'),
  lifecyclestage: text('Internal name of the lifecycle stage, such as lead, opportunity or customer.'),
}

const properties = {
  email: '{{ args.email }}',
  ...Object.fromEntries(Object.keys(details).map((name) => [name, `{{ args.${name} }}`])),
}

const contactId = text('Id of the contact.', { pattern: '^[0-9]+$' })

const read = list('Names of the properties to return. Default: those that HubSpot chooses.', { type: 'string' })

const actions: ActionDefinition[] = [
  {
    name: 'create_contact',
    title: 'Create a contact',
    description:
      'Creates a contact and returns it with its id. HubSpot refuses a second contact with the same email address (409).',
    docsUrl: `${reference}/create-contact`,
    scopes: ['crm.objects.contacts.write'],
    input: input({ email: email('Email address.') }, details),
    request: { method: 'POST', path: contacts, json: { properties } },
  },
  {
    name: 'update_contact',
    title: 'Update a contact',
    description: 'Changes the given properties of a contact and leaves the others. Returns the contact.',
    docsUrl: `${reference}/update-contact`,
    scopes: ['crm.objects.contacts.write'],
    destructive: true,
    input: {
      ...input({ contact_id: contactId }, { email: email('New email address.'), ...details }),
      minProperties: 2,
    },
    request: { method: 'PATCH', path: `${contacts}/{{ args.contact_id }}`, json: { properties } },
  },
  {
    name: 'get_contact',
    title: 'Get a contact',
    description: 'Returns one contact with its properties.',
    docsUrl: `${reference}/get-contact`,
    scopes: ['crm.objects.contacts.read'],
    readOnly: true,
    input: input({ contact_id: contactId }, { properties: read }),
    request: {
      method: 'GET',
      path: `${contacts}/{{ args.contact_id }}`,
      query: { properties: "{{ args.properties | join(',') }}" },
    },
  },
  {
    name: 'list_contacts',
    title: 'List contacts',
    description: 'Lists contacts. Returns results; paging.next.after is the cursor of the next page.',
    docsUrl: `${reference}/get-contacts`,
    scopes: ['crm.objects.contacts.read'],
    readOnly: true,
    input: input({}, { properties: read, limit: limit(100, 10), cursor: cursor('paging.next.after') }),
    request: {
      method: 'GET',
      path: contacts,
      query: {
        properties: "{{ args.properties | join(',') }}",
        limit: '{{ args.limit | default(10) }}',
        after: '{{ args.cursor }}',
      },
    },
  },
  {
    name: 'search_contacts',
    title: 'Search contacts',
    description:
      'Searches contacts by words in name, email address, phone number and company. Returns total and results; paging.next.after is the cursor of the next page. A new contact is found after some seconds.',
    docsUrl: `${reference}/search-contacts`,
    scopes: ['crm.objects.contacts.read'],
    readOnly: true,
    input: input(
      { query: text('Words to search for.', { maxLength: 3000 }) },
      { properties: read, limit: limit(200, 10), cursor: cursor('paging.next.after') },
    ),
    request: {
      method: 'POST',
      path: `${contacts}/search`,
      json: {
        query: '{{ args.query }}',
        properties: '{{ args.properties }}',
        limit: '{{ args.limit | default(10) }}',
        after: '{{ args.cursor }}',
      },
    },
  },
  {
    name: 'find_contacts',
    title: 'Find contacts by email address',
    description: 'Returns the contacts with one of these email addresses, as results.',
    docsUrl: `${reference}/search-contacts`,
    scopes: ['crm.objects.contacts.read'],
    readOnly: true,
    input: input({ emails: list('Email addresses.', EMAIL, { maxItems: 100 }) }, { properties: read }),
    request: {
      method: 'POST',
      path: `${contacts}/search`,
      json: {
        filterGroups: [{ filters: [{ propertyName: 'email', operator: 'IN', values: '{{ args.emails }}' }] }],
        properties: '{{ args.properties }}',
        limit: 100,
      },
    },
    output: ['results'],
  },
]

export const provider: ProviderFile = {
  aliases: ['hub spot', 'hubspot crm'],
  logo: 'hubspot',
  color: '#ff7a59',
  sources: [
    { url: 'https://developers.hubspot.com/docs/apps/developer-platform/build-apps/create-an-app', read: '2026-11-29' },
    {
      url: 'https://developers.hubspot.com/docs/apps/developer-platform/build-apps/app-configuration',
      read: '2026-11-29',
    },
    {
      url: 'https://developers.hubspot.com/docs/apps/developer-platform/build-apps/manage-apps-in-hubspot',
      read: '2026-11-29',
    },
    {
      url: 'https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/oauth/working-with-oauth',
      read: '2026-11-29',
    },
    {
      url: 'https://developers.hubspot.com/docs/apps/developer-platform/add-features/configure-webhooks',
      read: '2026-11-29',
    },
    { url: 'https://developers.hubspot.com/changelog/legacy-public-app-creation-sunset', read: '2026-11-29' },
    { url: 'https://developers.hubspot.com/docs/apps/legacy-apps/public-apps/overview', read: '2026-11-29' },
    { url: 'https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines', read: '2026-11-29' },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
      differs: 'Nango still has version 1 of the token endpoint. The documentation has the version 2026-03.',
    },
    {
      url: 'https://github.com/HubSpot/hubspot-api-nodejs',
      read: '2026-11-29',
      second: true,
      differs: 'It still has version 1 of the token endpoint. It signs webhooks as the documentation says.',
    },
  ],
  definition: {
    displayName: 'HubSpot',
    docsUrl:
      'https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/oauth/working-with-oauth',
    categories: ['crm', 'marketing'],
    baseUrl: 'https://api.hubapi.com',
    auth: hubspotOAuth(['crm.objects.contacts.read', 'crm.objects.companies.read', 'crm.objects.deals.read']),
    afterConnect: hubspotAccount,
    // developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation,
    // developers.hubspot.com/docs/api-reference/webhooks-webhooks-v3/guide
    webhook: hubspotWebhook([
      changes('contacts', 'contact', '0-1'),
      changes('companies', 'company', '0-2'),
      changes('deals', 'deal', '0-3'),
    ]),
    testRequest: { path: `/account-info/${hubspotVersion}/details` },
    streams: ['contacts', 'companies', 'deals'].map(objects),
    actions,
  },
  guide: {
    app: {
      url: 'https://developers.hubspot.com/docs/apps/developer-platform/build-apps/create-an-app',
      steps: [
        {
          en: 'Install HubSpot’s command line with npm install -g @hubspot/cli, sign in with hs account auth, and run hs project create --project-base app. Choose the distribution **marketplace** and the authentication **oauth**. HubSpot creates apps only this way since June 2026; in a legacy public app, use the tab **Auth**.',
          de: 'Installieren Sie die Befehlszeile von HubSpot mit npm install -g @hubspot/cli, melden Sie sich mit hs account auth an und führen Sie hs project create --project-base app aus. Wählen Sie die Verteilung **marketplace** und die Authentifizierung **oauth**. HubSpot erstellt Apps seit Juni 2026 nur noch so; in einer älteren öffentlichen App verwenden Sie den Reiter **Auth**.',
        },
        {
          en: 'In src/app/app-hsmeta.json, enter the callback URL under **redirectUrls**, and each scope that is listed here under **requiredScopes**.',
          de: 'Tragen Sie in src/app/app-hsmeta.json die Callback-URL unter **redirectUrls** und jeden hier genannten Scope unter **requiredScopes** ein.',
        },
        {
          en: 'Run hs project upload, and wait until the build is deployed.',
          de: 'Führen Sie hs project upload aus und warten Sie, bis der Build bereitgestellt ist.',
        },
        {
          en: 'In HubSpot, open **Development** and **Projects**, your project, the app under **Project Components**, and its tab **Auth**. Copy the client id and the client secret.',
          de: 'Öffnen Sie in HubSpot **Development** und **Projects**, Ihr Projekt, die App unter **Project Components** und deren Reiter **Auth**. Kopieren Sie die Client-ID und das Client-Secret.',
        },
        {
          en: 'At most 25 HubSpot accounts can connect to an app that is not listed in the HubSpot Marketplace. Apply for the listing before you need more.',
          de: 'Mit einer App, die nicht im HubSpot Marketplace gelistet ist, können sich höchstens 25 HubSpot-Konten verbinden. Beantragen Sie die Aufnahme in den Marketplace, bevor Sie mehr brauchen.',
        },
      ],
    },
    webhook: {
      url: 'https://developers.hubspot.com/docs/apps/developer-platform/add-features/configure-webhooks',
      steps: [
        {
          en: 'In the project of the app, create src/app/webhooks/webhooks-hsmeta.json with the type **webhooks**, and enter the webhook URL there as **targetUrl** of the **settings**, with **maxConcurrentRequests**, such as 10. HubSpot signs with the client secret, so no other secret has to be saved.',
          de: 'Legen Sie im Projekt der App src/app/webhooks/webhooks-hsmeta.json mit dem Typ **webhooks** an und tragen Sie dort unter **settings** die Webhook-URL als **targetUrl** ein sowie **maxConcurrentRequests**, zum Beispiel 10. HubSpot signiert mit dem Client-Secret, daher ist kein weiteres Secret zu speichern.',
        },
        {
          en: 'Under **subscriptions** and **crmObjects**, list the events, each with a **subscriptionType** such as object.creation, an **objectType** (contact, company or deal), and **active** set to true.',
          de: 'Führen Sie unter **subscriptions** und **crmObjects** die Events auf, jeweils mit einem **subscriptionType** wie object.creation, einem **objectType** (contact, company oder deal) und **active** gleich true.',
        },
        {
          en: 'Run hs project upload. In a legacy public app, enter the URL on the tab **Webhooks** as the **Target URL** instead.',
          de: 'Führen Sie hs project upload aus. In einer älteren öffentlichen App tragen Sie die URL stattdessen auf dem Reiter **Webhooks** als **Target URL** ein.',
        },
      ],
    },
    events: ['contact.*', 'company.*', 'deal.*', 'object.*'],
    traps: [
      {
        en: 'Only refresh tokens can be revoked. An access token stays valid until it expires.',
        de: 'Nur Refresh-Tokens lassen sich widerrufen. Ein Access-Token gilt, bis es abläuft.',
      },
    ],
    scopes: {
      oauth: {
        en: 'connect to your HubSpot account and see its basic details',
        de: 'sich mit Ihrem HubSpot-Konto verbinden und dessen Grunddaten sehen',
      },
      'crm.objects.contacts.read': { en: 'read your contacts', de: 'Ihre Kontakte lesen' },
      'crm.objects.contacts.write': {
        en: 'create, change and delete contacts',
        de: 'Kontakte anlegen, ändern und löschen',
      },
      'crm.objects.companies.read': { en: 'read your companies', de: 'Ihre Unternehmen lesen' },
      'crm.objects.deals.read': { en: 'read your deals', de: 'Ihre Deals lesen' },
    },
    rateLimit: {
      words: {
        en: '110 requests in 10 seconds for each HubSpot account that is connected, and 5 searches a second.',
        de: '110 Anfragen in 10 Sekunden je verbundenem HubSpot-Konto und 5 Suchen pro Sekunde.',
      },
      url: 'https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines',
    },
    hints: [
      {
        at: 'provider_page',
        cause: {
          en: 'The callback URL is not among the redirect URLs of the app.',
          de: 'Die Callback-URL gehört nicht zu den Redirect-URLs der App.',
        },
        operator: {
          en: 'Add the callback URL to **redirectUrls** in app-hsmeta.json, to the character, and run hs project upload.',
          de: 'Fügen Sie die Callback-URL in app-hsmeta.json zeichengenau zu **redirectUrls** hinzu und führen Sie hs project upload aus.',
        },
        url: 'https://developers.hubspot.com/docs/apps/developer-platform/build-apps/app-configuration',
      },
      {
        at: 'provider_page',
        messages: ['mismatch between the scopes'],
        cause: {
          en: 'The scopes of the integration and those of the HubSpot app differ.',
          de: 'Die Scopes der Integration und die der HubSpot-App unterscheiden sich.',
        },
        operator: {
          en: 'Request every scope of **requiredScopes**, and no scope that the app does not have. Then run hs project upload.',
          de: 'Fordern Sie jeden Scope aus **requiredScopes** an und keinen, den die App nicht hat. Führen Sie dann hs project upload aus.',
        },
        url: 'https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/oauth/working-with-oauth',
      },
      {
        at: 'provider_page',
        cause: {
          en: 'The person may not install apps in this HubSpot account.',
          de: 'Die Person darf in diesem HubSpot-Konto keine Apps installieren.',
        },
        operator: {
          en: 'The account has to be connected by a Super Admin, or by a user with the permission **HubSpot Marketplace Access**.',
          de: 'Das Konto muss ein Super Admin verbinden oder jemand mit der Berechtigung **HubSpot Marketplace Access**.',
        },
        person: {
          en: 'Ask a Super Admin of your HubSpot account to connect it, or to give you the permission **HubSpot Marketplace Access**.',
          de: 'Bitten Sie einen Super Admin Ihres HubSpot-Kontos, es zu verbinden oder Ihnen die Berechtigung **HubSpot Marketplace Access** zu geben.',
        },
        url: 'https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/oauth/working-with-oauth',
      },
      {
        at: 'token',
        errors: ['BAD_CLIENT_ID', 'BAD_CLIENT_SECRET', 'invalid_client'],
        cause: {
          en: 'The client id or the client secret is wrong.',
          de: 'Die Client-ID oder das Client-Secret ist falsch.',
        },
        operator: {
          en: 'Copy both again from the tab **Auth** of the app.',
          de: 'Kopieren Sie beide erneut vom Reiter **Auth** der App.',
        },
      },
      {
        at: 'token',
        errors: ['BAD_REFRESH_TOKEN'],
        cause: {
          en: 'The app was uninstalled from the HubSpot account, or its access was revoked.',
          de: 'Die App wurde aus dem HubSpot-Konto entfernt, oder ihr Zugriff wurde widerrufen.',
        },
        operator: { en: 'Let the account be reconnected.', de: 'Lassen Sie das Konto neu verbinden.' },
        person: { en: 'Connect your HubSpot account again.', de: 'Verbinden Sie Ihr HubSpot-Konto neu.' },
      },
      {
        at: 'request',
        statuses: [403],
        messages: ["hasn't been granted all required scopes"],
        cause: {
          en: 'The account was connected without a scope that this request needs.',
          de: 'Das Konto wurde ohne einen Scope verbunden, den diese Anfrage braucht.',
        },
        operator: {
          en: 'Add the scope to the HubSpot app and to the integration, then let the account be reconnected.',
          de: 'Ergänzen Sie den Scope in der HubSpot-App und in der Integration und lassen Sie das Konto dann neu verbinden.',
        },
      },
    ],
  },
}

/** An event is `contact.creation`, or `object.creation` with the type of the object. */
function changes(name: string, object: string, type: string) {
  return { where: `'${object}.' in item.subscriptionType or item.objectTypeId == '${type}'`, streams: [name] }
}

function objects(name: string): StreamDefinition {
  return {
    name,
    path: `/crm/objects/${hubspotVersion}/${name}`,
    query: { limit: '100' },
    recordsPath: ['results'],
    primaryKey: [['id']],
    pagination: { type: 'cursor', path: ['paging', 'next', 'after'], param: 'after' },
  }
}
