import { input, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { ProviderFile } from '../provider-file.ts'

const employeeId = text('Id of the employee, a number.', { pattern: '^[0-9]+$' })

const actions: ActionDefinition[] = [
  {
    name: 'get_employee',
    title: 'Get an employee',
    description:
      'Returns the given fields of one employee. A field that the connected account may not see is left out of the result.',
    docsUrl: 'https://documentation.bamboohr.com/reference/get-employee',
    readOnly: true,
    input: input(
      { employee_id: employeeId },
      {
        fields: text('Names of fields, separated by commas, such as firstName,lastName,workEmail,department.', {
          pattern: '^[\\w.,-]+$',
        }),
      },
    ),
    request: {
      method: 'GET',
      path: '/employees/{{ args.employee_id }}',
      query: { fields: "{{ args.fields | default('firstName,lastName,jobTitle,workEmail,department,status') }}" },
    },
  },
  {
    name: 'create_employee',
    title: 'Create an employee',
    description: 'Creates an employee. BambooHR returns no body; the id is the end of the Location header.',
    docsUrl: 'https://documentation.bamboohr.com/reference/add-employee',
    input: input(
      { first_name: text('First name.'), last_name: text('Last name.') },
      { work_email: text('Email address at work.'), job_title: text('Job title, which has to exist in BambooHR.') },
    ),
    request: {
      method: 'POST',
      path: '/employees',
      json: {
        firstName: '{{ args.first_name }}',
        lastName: '{{ args.last_name }}',
        workEmail: '{{ args.work_email }}',
        jobTitle: '{{ args.job_title }}',
      },
    },
  },
]

const host = 'https://{{ input.company_domain }}.bamboohr.com'

/** Webhooks are left out: each has a private key of its own, which BambooHR makes, and an integration has one secret. */
export const provider: ProviderFile = {
  aliases: ['bamboo hr', 'bamboo', 'bhr'],
  logo: null,
  color: '#599d15',
  sources: [
    { url: 'https://documentation.bamboohr.com/docs', read: '2026-11-29' },
    { url: 'https://documentation.bamboohr.com/docs/api-details', read: '2026-11-29' },
    { url: 'https://documentation.bamboohr.com/docs/planned-changes-to-the-api.md', read: '2026-11-29' },
    { url: 'https://github.com/BambooHR/bhr-api-php/blob/main/docs/Api/EmployeesApi.md', read: '2026-11-29' },
    {
      url: 'https://github.com/BambooHR/bhr-api-php/blob/main/docs/Model/CursorPagesResponse.md',
      read: '2026-11-29',
    },
    {
      url: 'https://github.com/BambooHR/bhr-api-php/blob/main/docs/Api/LastChangeInformationApi.md',
      read: '2026-11-29',
    },
    {
      url: 'https://github.com/BambooHR/bhr-api-php/blob/main/docs/Model/GetEmployeesResponseObject.md',
      read: '2026-11-29',
    },
    { url: 'https://documentation.bamboohr.com/reference/get-changed-employee-ids', read: '2026-11-29' },
    { url: 'https://documentation.bamboohr.com/reference/change-tracking', read: '2026-11-29' },
    { url: 'https://documentation.bamboohr.com/reference/scopes', read: '2026-11-29' },
    {
      url: 'https://www.openlm.com/documentation/cloud/services/data-collection/interfacing-lms/saas-platforms/bamboohr',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://nango.dev/docs/api-integrations/bamboohr/how-to-register-your-own-bamboohr-oauth-app',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
      differs: 'It sends requests to api.bamboohr.com. The documentation names the host of the company.',
    },
  ],
  // Whether a refresh token rotates, and the names of the scopes, were not found: the developer portal shows them.
  unverified: ['scopes', 'hints'],
  definition: {
    displayName: 'BambooHR',
    docsUrl: 'https://documentation.bamboohr.com/docs',
    categories: ['hr'],
    baseUrl: `${host}/api/v1`,
    inputFields: [
      {
        name: 'company_domain',
        label: 'Company domain',
        description: 'What stands before .bamboohr.com in the address of your BambooHR.',
        required: true,
        pattern: '[a-z0-9](?:[a-z0-9-]*[a-z0-9])?',
        example: 'acme',
      },
    ],
    auth: {
      type: 'selective',
      options: [
        {
          key: 'oauth',
          label: 'Sign in with BambooHR',
          auth: {
            type: 'oauth2',
            grant: 'authorization_code',
            authorizationUrl: `${host}/authorize.php`,
            authorizationParams: { request: 'authorize' },
            tokenUrl: `${host}/token.php?request=token`,
            clientHosts: ['*.bamboohr.com'],
            // Without offline_access, BambooHR issues no refresh token.
            scopes: ['email', 'openid', 'offline_access'],
            tokenRequest: { format: 'json' },
            tokenResponse: { keep: { company_domain: ['companyDomain'] } },
          },
        },
        {
          key: 'api_key',
          label: 'API key',
          auth: {
            type: 'basic',
            fields: [{ name: 'api_key', label: 'API key', secret: true, required: true }],
            username: '{{ config.api_key }}',
            // Any text is accepted.
            password: 'x',
          },
        },
      ],
    },
    headers: { Accept: 'application/json' },
    // Rate limits had the status 503 until September 2026, and both statuses have a Retry-After.
    testRequest: { path: '/meta/fields' },
    streams: [
      {
        name: 'employees',
        path: '/employees',
        query: { 'page[limit]': '100' },
        recordsPath: ['data'],
        primaryKey: [['employeeId']],
        pagination: { type: 'cursor', path: ['meta', 'page', 'nextCursor'], param: 'page[after]' },
      },
      {
        // The ids of all employees that were changed or deleted, with the time.
        name: 'employee_changes',
        path: '/employees/changed',
        records: { path: ['employees'], map: true },
        primaryKey: [['id']],
        incremental: {
          cursorField: ['lastChanged'],
          param: 'since',
          // It takes no fractions of a second.
          format: '%Y-%m-%dT%H:%M:%SZ',
          fieldFormat: 'iso8601',
          start: '2000-01-01T00:00:00Z',
        },
        deletes: 'never',
      },
    ],
    actions,
  },
  guide: {
    app: {
      url: 'https://developers.bamboohr.com/',
      steps: [
        {
          en: 'Sign in to the BambooHR developer portal, open **Applications** and select **Add application**. Enter the details that it asks for.',
          de: 'Melden Sie sich im Entwicklerportal von BambooHR an, öffnen Sie **Applications** und wählen Sie **Add application**. Tragen Sie die verlangten Angaben ein.',
        },
        {
          en: 'In the settings of the application, open **App details** and add the callback URL as the **Redirect URI**. BambooHR compares it character by character.',
          de: 'Öffnen Sie in den Einstellungen der Anwendung **App details** und tragen Sie die Callback-URL als **Redirect URI** ein. BambooHR vergleicht sie Zeichen für Zeichen.',
        },
        {
          en: 'Choose **Select scopes** and add each scope that you need. Under **Miscellaneous**, select offline_access; without it, the connection ends after an hour.',
          de: 'Wählen Sie **Select scopes** und ergänzen Sie jeden benötigten Scope. Wählen Sie unter **Miscellaneous** den Scope offline_access; ohne ihn endet die Verbindung nach einer Stunde.',
        },
        {
          en: 'Copy **Client ID** and **Client Secret**.',
          de: 'Kopieren Sie **Client ID** und **Client Secret**.',
        },
      ],
    },
    key: {
      url: 'https://app.bamboohr.com/login/',
      steps: [
        {
          en: 'Sign in to BambooHR, select your picture at the top right, and open **API Keys**.',
          de: 'Melden Sie sich bei BambooHR an, wählen Sie oben rechts Ihr Bild und öffnen Sie **API Keys**.',
        },
        {
          en: 'Select **Add New Key**, enter a name, select **Generate Key**, and copy the key. It is shown only once and has your own permissions.',
          de: 'Wählen Sie **Add New Key**, geben Sie einen Namen ein, wählen Sie **Generate Key** und kopieren Sie den Schlüssel. Er wird nur einmal angezeigt und hat Ihre eigenen Berechtigungen.',
        },
      ],
    },
    fields: {
      company_domain: {
        label: 'Firmendomain',
        description: 'Was in der Adresse Ihres BambooHR vor .bamboohr.com steht.',
      },
      api_key: { label: 'API-Schlüssel' },
    },
    options: { oauth: 'Mit BambooHR anmelden', api_key: 'API-Schlüssel' },
    scopes: {
      email: { en: 'see your email address at BambooHR', de: 'Ihre E-Mail-Adresse bei BambooHR sehen' },
      openid: { en: 'see who you are at BambooHR', de: 'sehen, wer Sie bei BambooHR sind' },
      offline_access: {
        en: 'keep the access until you end it',
        de: 'den Zugriff behalten, bis Sie ihn beenden',
      },
    },
    rateLimit: {
      words: {
        en: 'BambooHR does not publish a number. A response with status 429 (until September 2026: 503) says in Retry-After how long to wait.',
        de: 'BambooHR veröffentlicht keine Zahl. Eine Antwort mit dem Status 429 (bis September 2026: 503) nennt in Retry-After die Wartezeit.',
      },
      url: 'https://documentation.bamboohr.com/docs/planned-changes-to-the-api.md',
    },
    tokens: {
      en: 'An access token lives an hour. A refresh token is issued only with the scope offline_access. An API key ends when it is deleted or its user is disabled.',
      de: 'Ein Access-Token lebt eine Stunde. Ein Refresh-Token gibt es nur mit dem Scope offline_access. Ein API-Schlüssel endet, wenn er gelöscht oder sein Benutzer deaktiviert wird.',
    },
    traps: [
      {
        en: 'Requests have the permissions of the person who connects. Fields and employees that this person may not see are missing without an error.',
        de: 'Anfragen haben die Berechtigungen der verbindenden Person. Felder und Beschäftigte, die sie nicht sehen darf, fehlen ohne Fehlermeldung.',
      },
      {
        en: 'The reason of an error stands in the header X-BambooHR-Error-Message, not in the body.',
        de: 'Der Grund eines Fehlers steht im Header X-BambooHR-Error-Message, nicht im Body.',
      },
    ],
    hints: [
      {
        at: 'request',
        statuses: [401],
        cause: {
          en: 'The API key is missing or wrong, or the token has ended.',
          de: 'Der API-Schlüssel fehlt oder ist falsch, oder das Token ist abgelaufen.',
        },
        operator: { en: 'Let the account be connected again.', de: 'Lassen Sie das Konto neu verbinden.' },
        person: {
          en: 'Create a new API key in BambooHR under **API Keys** and enter it, or sign in again.',
          de: 'Legen Sie in BambooHR unter **API Keys** einen neuen Schlüssel an und geben Sie ihn ein, oder melden Sie sich neu an.',
        },
        url: 'https://documentation.bamboohr.com/docs/api-details',
      },
      {
        at: 'request',
        statuses: [403],
        cause: {
          en: 'The connected account may not do this, or its user is disabled.',
          de: 'Das verbundene Konto darf das nicht, oder sein Benutzer ist deaktiviert.',
        },
        operator: {
          en: 'Let someone with more permissions in BambooHR connect, or add the scope to the application and the integration.',
          de: 'Lassen Sie eine Person mit mehr Berechtigungen in BambooHR verbinden, oder ergänzen Sie den Scope in der Anwendung und der Integration.',
        },
        url: 'https://documentation.bamboohr.com/docs/api-details',
      },
    ],
  },
}
