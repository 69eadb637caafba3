import { choice, email, input, limit, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import { salesforceDomain, salesforceErrors, salesforceOAuth } from '../families/salesforce.ts'
import type { ProviderFile } from '../provider-file.ts'

const reference = 'https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest'

const recordId = (object: string) =>
  text(`Id of the ${object}: 15 or 18 letters and digits.`, { pattern: '^[A-Za-z0-9]{15}([A-Za-z0-9]{3})?$' })

const person = {
  first_name: text('First name.', { maxLength: 40 }),
  email: email('Email address.'),
  phone: text('Phone number.', { maxLength: 40 }),
  title: text('Job title.', { maxLength: 128 }),
  description: text('Description.', { maxLength: 32_000 }),
}

const fields = {
  FirstName: '{{ args.first_name }}',
  LastName: '{{ args.last_name }}',
  Email: '{{ args.email }}',
  Phone: '{{ args.phone }}',
  Title: '{{ args.title }}',
  Description: '{{ args.description }}',
}

const lastName = text('Last name.', { maxLength: 80 })

const actions: ActionDefinition[] = [
  {
    name: 'create_lead',
    title: 'Create a lead',
    description:
      'Creates a lead and returns its id. An organization may require further fields, which Salesforce then names in its response.',
    docsUrl: `${reference}/dome_sobject_create.htm`,
    scopes: ['api'],
    input: input(
      { last_name: lastName, company: text('Name of the company.', { maxLength: 255 }) },
      { ...person, status: text('Status, such as Open - Not Contacted.'), lead_source: text('Source, such as Web.') },
    ),
    request: {
      method: 'POST',
      path: '/sobjects/Lead',
      json: {
        ...fields,
        Company: '{{ args.company }}',
        Status: '{{ args.status }}',
        LeadSource: '{{ args.lead_source }}',
      },
    },
  },
  {
    name: 'create_contact',
    title: 'Create a contact',
    description: 'Creates a contact, in an account if you give one, and returns its id.',
    docsUrl: `${reference}/dome_sobject_create.htm`,
    scopes: ['api'],
    input: input({ last_name: lastName }, { ...person, account_id: recordId('account') }),
    request: {
      method: 'POST',
      path: '/sobjects/Contact',
      json: { ...fields, AccountId: '{{ args.account_id }}' },
    },
  },
  {
    name: 'get_lead',
    title: 'Get a lead',
    description: 'Returns one lead with all fields that the user can see.',
    docsUrl: `${reference}/dome_get_field_values.htm`,
    scopes: ['api'],
    readOnly: true,
    input: input({ lead_id: recordId('lead') }),
    request: { method: 'GET', path: '/sobjects/Lead/{{ args.lead_id }}' },
  },
  {
    name: 'get_contact',
    title: 'Get a contact',
    description: 'Returns one contact with all fields that the user can see.',
    docsUrl: `${reference}/dome_get_field_values.htm`,
    scopes: ['api'],
    readOnly: true,
    input: input({ contact_id: recordId('contact') }),
    request: { method: 'GET', path: '/sobjects/Contact/{{ args.contact_id }}' },
  },
  {
    name: 'list_leads',
    title: 'List leads',
    description: 'Lists leads that are not converted, the newest first.',
    docsUrl: `${reference}/dome_query.htm`,
    scopes: ['api'],
    readOnly: true,
    input: input({}, { limit: limit(2000, 50) }),
    request: {
      method: 'GET',
      path: '/query',
      query: {
        q: 'SELECT Id, FirstName, LastName, Company, Email, Phone, Status, LeadSource, OwnerId, CreatedDate FROM Lead WHERE IsConverted = false ORDER BY CreatedDate DESC LIMIT {{ args.limit | default(50) }}',
      },
    },
    output: ['records'],
  },
  {
    name: 'search',
    title: 'Search records',
    description:
      'Searches records of one object by words in any of their fields. Returns Id and Name, or for cases CaseNumber and Subject.',
    docsUrl: `${reference}/resources_search_parameterized.htm`,
    scopes: ['api'],
    readOnly: true,
    input: input(
      {
        query: text('Words to search for, at least two characters.', { minLength: 2 }),
        object: choice('Which records to search.', ['Account', 'Contact', 'Lead', 'Opportunity', 'Case']),
      },
      { limit: limit(2000, 20) },
    ),
    request: {
      method: 'GET',
      path: '/parameterizedSearch',
      query: {
        q: '{{ args.query }}',
        sobject: '{{ args.object }}',
        fields: "{{ 'Id,CaseNumber,Subject' if args.object == 'Case' else 'Id,Name' }}",
        overallLimit: '{{ args.limit | default(20) }}',
      },
    },
    output: ['searchRecords'],
  },
]

export const provider: ProviderFile = {
  aliases: ['sfdc', 'sales force', 'sales cloud', 'salesforce crm', 'force.com'],
  logo: null,
  color: '#00a1e0',
  sources: [
    { url: 'https://help.salesforce.com/s/articleView?id=xcloud.external_client_apps.htm&type=5', read: '2026-11-29' },
    {
      url: 'https://help.salesforce.com/s/articleView?id=xcloud.create_a_local_external_client_app.htm&type=5',
      read: '2026-11-29',
    },
    {
      url: 'https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_tokens_scopes.htm&type=5',
      read: '2026-11-29',
    },
    {
      url: 'https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_flow_errors.htm&type=5',
      read: '2026-11-29',
    },
    {
      url: 'https://help.salesforce.com/s/articleView?id=xcloud.eca_limit_idle_refresh_token_ttl.htm&type=5',
      read: '2026-11-29',
    },
    {
      url: 'https://developer.salesforce.com/docs/platform/isvforce/guide/secure-code-ac-eca.html',
      read: '2026-11-29',
    },
    {
      url: 'https://developer.salesforce.com/docs/platform/hosted-mcp-servers/guide/create-external-client-app.html',
      read: '2026-11-29',
    },
    {
      url: 'https://developer.salesforce.com/docs/platform/salesforce-app-limits-cheatsheet/guide/salesforce-app-limits-platform-api.html',
      read: '2026-11-29',
    },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
      differs:
        'Nango requests offline_access, another name of refresh_token, and always asks for consent again. Airweave requests what the file requests.',
    },
    { url: 'https://github.com/airweave-ai/airweave', read: '2026-11-29', second: true },
  ],
  definition: {
    displayName: 'Salesforce',
    docsUrl: 'https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_web_server_flow.htm',
    categories: ['crm'],
    // Each organisation has its own host, which the token response returns. Injected tokens supply it as extra.instance_url.
    baseUrl: '{{ kept.instance_url }}/services/data/v62.0',
    inputFields: [salesforceDomain],
    auth: salesforceOAuth(['api']),
    responseErrors: salesforceErrors,
    testRequest: { path: '/limits' },
    streams: [
      objects('accounts', 'Account', 'Name, Type, Industry, Website, Phone, OwnerId'),
      objects('contacts', 'Contact', 'AccountId, FirstName, LastName, Email, Phone, Title, OwnerId'),
      objects(
        'opportunities',
        'Opportunity',
        'AccountId, Name, StageName, Amount, CloseDate, IsClosed, IsWon, OwnerId',
      ),
      objects('leads', 'Lead', 'FirstName, LastName, Company, Email, Phone, Status, LeadSource, OwnerId'),
    ],
    actions,
  },
  guide: {
    app: {
      url: 'https://login.salesforce.com/',
      steps: [
        {
          en: 'Sign in to your organization and open **Setup**. Search for **External Client App Manager** in **Quick Find** and select **New External Client App**. Enter a name and a contact email address. As **Distribution State**, choose **Local** for your own organization only, or **Packaged** to connect other organizations.',
          de: 'Melden Sie sich bei Ihrer Organisation an und öffnen Sie **Setup**. Suchen Sie in **Quick Find** nach **External Client App Manager** und wählen Sie **New External Client App**. Geben Sie einen Namen und eine E-Mail-Adresse für Rückfragen ein. Wählen Sie als **Distribution State** den Wert **Local**, wenn nur Ihre eigene Organisation verbunden wird, oder **Packaged** für andere Organisationen.',
        },
        {
          en: 'Expand **API (Enable OAuth Settings)**, select **Enable OAuth**, and paste the callback URL as **Callback URL**.',
          de: 'Klappen Sie **API (Enable OAuth Settings)** auf, wählen Sie **Enable OAuth** und fügen Sie die Callback-URL als **Callback URL** ein.',
        },
        {
          en: 'Under **OAuth Scopes**, add **Manage user data via APIs (api)** and **Perform requests at any time (refresh_token, offline_access)**.',
          de: 'Fügen Sie unter **OAuth Scopes** die Einträge **Manage user data via APIs (api)** und **Perform requests at any time (refresh_token, offline_access)** hinzu.',
        },
        {
          en: 'Under **Security**, keep **Require secret for Web Server Flow**, **Require secret for Refresh Token Flow** and **Require Proof Key for Code Exchange (PKCE)** selected. If customers connect more than two production organizations, Salesforce also requires **Enable Refresh Token Rotation**, a limit of 30 days for unused refresh tokens, and a list of the IP addresses from which your server sends requests. Select **Create**.',
          de: 'Lassen Sie unter **Security** die Optionen **Require secret for Web Server Flow**, **Require secret for Refresh Token Flow** und **Require Proof Key for Code Exchange (PKCE)** ausgewählt. Verbinden Kunden mehr als zwei Produktionsorganisationen, verlangt Salesforce außerdem **Enable Refresh Token Rotation**, eine Grenze von 30 Tagen für unbenutzte Refresh-Tokens und eine Liste der IP-Adressen, von denen Ihr Server Anfragen sendet. Wählen Sie **Create**.',
        },
        {
          en: 'On the **Settings** tab of the app, under **OAuth Settings**, select **Consumer Key and Secret**. The **Consumer Key** is the client ID, the **Consumer Secret** is the client secret.',
          de: 'Wählen Sie auf der Registerkarte **Settings** der App unter **OAuth Settings** die Schaltfläche **Consumer Key and Secret**. Der **Consumer Key** ist die Client-ID, das **Consumer Secret** das Client-Secret.',
        },
        {
          en: 'On the **Policies** tab, select **Edit**. As **Refresh Token Policy**, choose any but **Immediately expire refresh token**, and under **Permitted Users** choose who may use the app.',
          de: 'Wählen Sie auf der Registerkarte **Policies** die Schaltfläche **Edit**. Wählen Sie als **Refresh Token Policy** einen anderen Wert als **Immediately expire refresh token** und legen Sie unter **Permitted Users** fest, wer die App nutzen darf.',
        },
        {
          en: 'For other organizations, put the app into a package with the Salesforce CLI. An administrator of each organization installs the package before anybody there can connect.',
          de: 'Für andere Organisationen verpacken Sie die App mit der Salesforce CLI in ein Package. In jeder Organisation installiert eine Administratorin oder ein Administrator das Package, bevor dort jemand eine Verbindung herstellen kann.',
        },
      ],
    },
    fields: {
      domain: {
        label: 'Anmelde-Domain',
        description:
          'Was vor .salesforce.com steht: login, test für eine Sandbox oder Ihre eigene Domain. Ohne Angabe: login.',
      },
    },
    traps: [
      {
        en: "The token response has no expiry: the organization's session settings decide it, two hours by default.",
        de: 'Die Token-Antwort nennt keinen Ablauf: Die Sitzungseinstellungen der Organisation bestimmen ihn, standardmäßig zwei Stunden.',
      },
    ],
    scopes: {
      api: {
        en: 'read, create, change and delete the Salesforce data that you have access to',
        de: 'die Salesforce-Daten, auf die Sie Zugriff haben, lesen, anlegen, ändern und löschen',
      },
      refresh_token: {
        en: 'keep this access while you are not signed in',
        de: 'diesen Zugriff behalten, auch wenn Sie nicht angemeldet sind',
      },
      offline_access: {
        en: 'keep this access while you are not signed in',
        de: 'diesen Zugriff behalten, auch wenn Sie nicht angemeldet sind',
      },
    },
    rateLimit: {
      words: {
        en: 'Per organization in 24 hours: 100,000 requests plus 1,000 for each user licence (Enterprise Edition) or 5,000 (Unlimited Edition). At most 25 requests that take 20 seconds or longer may run at once.',
        de: 'Je Organisation in 24 Stunden: 100.000 Anfragen und zusätzlich 1.000 je Benutzerlizenz (Enterprise Edition) oder 5.000 (Unlimited Edition). Höchstens 25 Anfragen, die 20 Sekunden oder länger dauern, dürfen gleichzeitig laufen.',
      },
      url: 'https://developer.salesforce.com/docs/platform/salesforce-app-limits-cheatsheet/guide/salesforce-app-limits-platform-api.html',
    },
    hints: [
      {
        at: 'provider_page',
        errors: ['redirect_uri_mismatch'],
        cause: {
          en: 'The callback URL is not registered in the Salesforce app.',
          de: 'Die Callback-URL ist in der Salesforce-App nicht eingetragen.',
        },
        operator: {
          en: 'Enter the callback URL under **Callback URL** of the app, to the character.',
          de: 'Tragen Sie die Callback-URL zeichengenau unter **Callback URL** der App ein.',
        },
        url: 'https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_flow_errors.htm&type=5',
      },
      {
        at: 'consent',
        messages: ['Cross-org OAuth flows are not supported', 'External client app is not installed in this org'],
        cause: {
          en: 'The Salesforce app is not installed in the organization of this account.',
          de: 'Die Salesforce-App ist in der Organisation dieses Kontos nicht installiert.',
        },
        operator: {
          en: 'Set **Distribution State** of the app to **Packaged** and have its package installed in that organization. If the person wanted another organization, let them sign out of Salesforce and connect again.',
          de: 'Stellen Sie **Distribution State** der App auf **Packaged** und lassen Sie das Package in dieser Organisation installieren. War eine andere Organisation gemeint, soll sich die Person bei Salesforce abmelden und neu verbinden.',
        },
        person: {
          en: 'Check that you are signed in to the right Salesforce organization. If so, ask your Salesforce administrator to install the app.',
          de: 'Prüfen Sie, ob Sie bei der richtigen Salesforce-Organisation angemeldet sind. Wenn ja, bitten Sie Ihre Salesforce-Administration, die App zu installieren.',
        },
      },
      {
        at: 'consent',
        errors: ['OAUTH_APP_ACCESS_DENIED'],
        cause: {
          en: 'The organization allows only users whom an administrator approved to use the app.',
          de: 'Die Organisation erlaubt die App nur Benutzern, die eine Administratorin oder ein Administrator freigegeben hat.',
        },
        operator: {
          en: 'An administrator of the organization has to assign the app to a profile or permission set of the user, or set **Permitted Users** of the app to **All users may self-authorize**.',
          de: 'Die Salesforce-Administration muss die App einem Profil oder Berechtigungssatz des Benutzers zuweisen oder **Permitted Users** der App auf **All users may self-authorize** stellen.',
        },
        person: {
          en: 'Ask your Salesforce administrator to allow the app for you.',
          de: 'Bitten Sie Ihre Salesforce-Administration, die App für Sie freizugeben.',
        },
      },
      {
        at: 'token',
        errors: ['invalid_client_id', 'invalid_client'],
        cause: {
          en: 'Salesforce does not know the client ID, or the client secret is wrong.',
          de: 'Salesforce kennt die Client-ID nicht, oder das Client-Secret ist falsch.',
        },
        operator: {
          en: 'Copy **Consumer Key** and **Consumer Secret** again. A new app is accepted only some minutes after it was created.',
          de: 'Kopieren Sie **Consumer Key** und **Consumer Secret** noch einmal. Eine neue App wird erst einige Minuten nach dem Anlegen angenommen.',
        },
        url: 'https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_flow_errors.htm&type=5',
      },
      {
        at: 'token',
        messages: ['expired access/refresh token'],
        cause: {
          en: 'The access was revoked in Salesforce, or the refresh token policy of the app let it expire.',
          de: 'Der Zugriff wurde in Salesforce widerrufen oder ist nach der Refresh Token Policy der App abgelaufen.',
        },
        operator: {
          en: 'Let the account be reconnected. If it happens again, check **Refresh Token Policy** of the app in that organization.',
          de: 'Lassen Sie das Konto neu verbinden. Wenn es wieder vorkommt, prüfen Sie **Refresh Token Policy** der App in dieser Organisation.',
        },
        person: { en: 'Connect the account again.', de: 'Verbinden Sie das Konto neu.' },
        url: 'https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_flow_errors.htm&type=5',
      },
      {
        at: 'request',
        messages: [
          'REST API is not enabled for this Organization',
          'API is not enabled for this Organization or Partner',
        ],
        cause: {
          en: 'The edition of the organization or the profile of the user does not include the API.',
          de: 'Die Edition der Organisation oder das Profil des Benutzers enthält die API nicht.',
        },
        operator: {
          en: 'The organization needs an edition with API access, and the user the permission **API Enabled**.',
          de: 'Die Organisation braucht eine Edition mit API-Zugriff und der Benutzer die Berechtigung **API Enabled**.',
        },
        person: {
          en: 'Ask your Salesforce administrator for the permission **API Enabled**.',
          de: 'Bitten Sie Ihre Salesforce-Administration um die Berechtigung **API Enabled**.',
        },
      },
    ],
  },
}

function objects(name: string, object: string, fields: string): StreamDefinition {
  return {
    name,
    path: '/query',
    query: { q: `SELECT Id, ${fields}, CreatedDate, SystemModstamp FROM ${object} ORDER BY Id` },
    recordsPath: ['records'],
    primaryKey: [['Id']],
    pagination: { type: 'next_url', path: ['nextRecordsUrl'] },
  }
}
