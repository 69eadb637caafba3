import { flag, input, limit, list, page, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { ProviderFile } from '../provider-file.ts'

/** The domain of each product: Smartsheet, its regions, and Smartsheet Gov (developers.smartsheet.com/api/smartsheet/guides/basics/base-url). */
const domain = "{{ 'smartsheetgov.com' if input.region == 'gov' else 'smartsheet.' ~ (input.region | default('com')) }}"

const reference = 'https://developers.smartsheet.com/api/smartsheet/openapi'

const id = (description: string) => text(description, { pattern: '^[0-9]{1,19}$' })

const sheet = { sheet_id: id('Id of the sheet. list_sheets returns it.') }

const actions: ActionDefinition[] = [
  {
    name: 'list_sheets',
    title: 'List sheets',
    description: 'Lists the sheets that the user can open, with id, name and permalink. Returns data and totalPages.',
    docsUrl: `${reference}/sheets/list-sheets`,
    scopes: ['READ_SHEETS'],
    readOnly: true,
    input: input({}, { limit: limit(100, 100), page: page() }),
    request: {
      method: 'GET',
      path: '/sheets',
      query: { pageSize: '{{ args.limit | default(100) }}', page: '{{ args.page }}' },
    },
  },
  {
    name: 'get_sheet',
    title: 'Get a sheet',
    description: 'Returns one sheet with its columns and a page of its rows. add_row needs the ids of the columns.',
    docsUrl: `${reference}/sheets/getsheet`,
    scopes: ['READ_SHEETS'],
    readOnly: true,
    input: input(sheet, { limit: limit(500, 100), page: page() }),
    request: {
      method: 'GET',
      path: '/sheets/{{ args.sheet_id }}',
      query: { pageSize: '{{ args.limit | default(100) }}', page: '{{ args.page }}' },
    },
  },
  {
    name: 'add_row',
    title: 'Add a row',
    description: 'Adds a row to a sheet and returns it with its id.',
    docsUrl: `${reference}/rows/rows-addtosheet`,
    scopes: ['WRITE_SHEETS'],
    input: input(
      {
        ...sheet,
        cells: list(
          'Values of the row, each with the id of its column. get_sheet returns the ids.',
          {
            type: 'object',
            properties: {
              columnId: { type: 'integer', minimum: 1, description: 'Id of the column.' },
              value: { type: ['string', 'number', 'boolean'], description: 'Value of the cell.' },
            },
            required: ['columnId', 'value'],
            additionalProperties: false,
          },
          { maxItems: 400 },
        ),
      },
      { at_top: flag('Whether the row is added at the top. Default: at the bottom.') },
    ),
    request: {
      method: 'POST',
      path: '/sheets/{{ args.sheet_id }}/rows',
      json: {
        toTop: '{{ args.at_top }}',
        cells: '{{ args.cells }}',
      },
    },
    output: ['result'],
  },
  {
    name: 'get_row',
    title: 'Get a row',
    description: 'Returns one row with its cells and the columns of the sheet.',
    docsUrl: `${reference}/rows/row-get`,
    scopes: ['READ_SHEETS'],
    readOnly: true,
    input: input({ ...sheet, row_id: id('Id of the row.') }),
    request: {
      method: 'GET',
      path: '/sheets/{{ args.sheet_id }}/rows/{{ args.row_id }}',
      query: { include: 'columns' },
    },
  },
]

export const provider: ProviderFile = {
  aliases: ['smart sheet', 'smartsheets'],
  logo: null,
  color: '#003059',
  sources: [
    { url: 'https://developers.smartsheet.com/api/smartsheet/guides/advanced-topics/oauth', read: '2026-11-29' },
    { url: 'https://developers.smartsheet.com/register', read: '2026-11-29' },
    {
      url: 'https://developers.smartsheet.com/api/smartsheet/guides/advanced-topics/scalability-options',
      read: '2026-11-29',
    },
    { url: 'https://developers.smartsheet.com/api/smartsheet/error-codes', read: '2026-11-29' },
    { url: 'https://developers.smartsheet.com/api/smartsheet/guides/basics/base-url', read: '2026-11-29' },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
      differs:
        'Nango has the consent page at app.smartsheet.com for every region. Here it is at the host of the region, as the API is.',
    },
    { url: 'https://github.com/smartsheet/smartsheet-javascript-sdk', read: '2026-11-29', second: true },
  ],
  unverified: ['hints'],
  definition: {
    displayName: 'Smartsheet',
    docsUrl: 'https://developers.smartsheet.com/api/smartsheet/guides/advanced-topics/oauth',
    categories: ['project management'],
    baseUrl: `https://api.${domain}/2.0`,
    inputFields: [
      {
        name: 'region',
        label: 'Region',
        description: 'What the address of your Smartsheet ends in. Default: com.',
        choices: [
          { value: 'com', label: 'smartsheet.com' },
          { value: 'eu', label: 'smartsheet.eu (Europe)' },
          { value: 'au', label: 'smartsheet.au (Australia)' },
          { value: 'gov', label: 'smartsheetgov.com (Smartsheet Gov)' },
        ],
        example: 'eu',
      },
    ],
    auth: {
      type: 'oauth2',
      grant: 'authorization_code',
      authorizationUrl: `https://app.${domain}/b/authorize`,
      tokenUrl: `https://api.${domain}/2.0/token`,
      revocation: { url: `https://api.${domain}/2.0/token`, method: 'DELETE', auth: 'token' },
      clientHosts: ['api.smartsheet.com', 'api.smartsheet.eu', 'api.smartsheet.au', 'api.smartsheetgov.com'],
      scopes: ['READ_SHEETS', 'READ_USERS'],
    },
    responseErrors: [
      // https://developers.smartsheet.com/api/smartsheet/error-codes
      { path: ['errorCode'], equals: 4003, as: 'rate_limit', message: ['message'] },
      { path: ['errorCode'], equals: 4004, as: 'retry', message: ['message'] },
    ],
    testRequest: { path: '/users/me' },
    streams: [
      {
        name: 'sheets',
        path: '/sheets',
        recordsPath: ['data'],
        primaryKey: [['id']],
        pagination: { type: 'page', param: 'page', sizeParam: 'pageSize', size: 100, totalPages: ['totalPages'] },
        incremental: { cursorField: ['modifiedAt'], param: 'modifiedSince', format: 'iso8601' },
      },
      {
        name: 'users',
        path: '/users',
        recordsPath: ['data'],
        primaryKey: [['id']],
        pagination: { type: 'page', param: 'page', sizeParam: 'pageSize', size: 100, totalPages: ['totalPages'] },
      },
    ],
    actions,
  },
  guide: {
    app: {
      url: 'https://developers.smartsheet.com/register',
      steps: [
        {
          en: 'Register the email address of a licensed Smartsheet user on a Business plan or higher, and wait until Smartsheet has activated Developer Tools. An account that belongs to no person is best.',
          de: 'Registrieren Sie die E-Mail-Adresse eines lizenzierten Smartsheet-Benutzers mit Business-Tarif oder höher und warten Sie, bis Smartsheet die Developer Tools freigeschaltet hat. Am besten ist ein Konto, das keiner Person gehört.',
        },
        {
          en: 'In Smartsheet, select your account icon at the bottom left, then **Developer Tools**, and fill in the developer profile.',
          de: 'Wählen Sie in Smartsheet unten links Ihr Kontosymbol und dann **Developer Tools** und füllen Sie das Entwicklerprofil aus.',
        },
        {
          en: 'Select **Create New App**. Fill in the form, paste the callback URL as **App redirect URL**, select **Publish App?**, and select **Save**.',
          de: 'Wählen Sie **Create New App**. Füllen Sie das Formular aus, fügen Sie die Callback-URL als **App redirect URL** ein, wählen Sie **Publish App?** und dann **Save**.',
        },
        {
          en: 'Copy the **App client id** and the **App secret**. Scopes are not set in the app; the integration requests them.',
          de: 'Kopieren Sie die **App client id** und das **App secret**. Scopes werden nicht in der App eingestellt, die Integration fordert sie an.',
        },
      ],
    },
    fields: {
      region: {
        label: 'Region',
        description: 'Womit die Adresse Ihres Smartsheet endet. Standard: com.',
        choices: { eu: 'smartsheet.eu (Europa)', au: 'smartsheet.au (Australien)' },
      },
    },
    scopes: {
      READ_SHEETS: {
        en: 'read your sheets, with their cells, attachments and discussions',
        de: 'Ihre Sheets mit Zellen, Anhängen und Diskussionen lesen',
      },
      WRITE_SHEETS: {
        en: 'add and change data in your sheets, with cells, attachments and discussions',
        de: 'Daten in Ihren Sheets hinzufügen und ändern, mit Zellen, Anhängen und Diskussionen',
      },
      READ_USERS: {
        en: 'see the people and groups of your Smartsheet organization',
        de: 'die Personen und Gruppen Ihrer Smartsheet-Organisation sehen',
      },
    },
    rateLimit: {
      words: {
        en: '300 requests a minute for each token. Some requests, such as those for attachments and the history of a cell, count as 10.',
        de: '300 Anfragen pro Minute je Token. Manche Anfragen, etwa zu Anhängen oder zum Verlauf einer Zelle, zählen zehnfach.',
      },
      url: 'https://developers.smartsheet.com/api/smartsheet/guides/advanced-topics/scalability-options',
    },
    hints: [
      {
        at: 'provider_page',
        cause: {
          en: 'The callback URL is not the one that is registered in the Smartsheet app.',
          de: 'Die Callback-URL stimmt nicht mit der in der Smartsheet-App eingetragenen überein.',
        },
        operator: {
          en: 'Paste the callback URL exactly into **App redirect URL** of the app under **Developer Tools**.',
          de: 'Fügen Sie die Callback-URL unter **Developer Tools** genau so bei **App redirect URL** der App ein.',
        },
        url: 'https://developers.smartsheet.com/api/smartsheet/guides/advanced-topics/oauth',
      },
      {
        at: 'provider_page',
        cause: {
          en: 'The region is not that of the account, or the Smartsheet app is registered in another region.',
          de: 'Die Region ist nicht die des Kontos, oder die Smartsheet-App ist in einer anderen Region eingetragen.',
        },
        operator: {
          en: 'Register an app in the region of the account and create an integration with its client, because each region has apps and tokens of its own.',
          de: 'Tragen Sie in der Region des Kontos eine App ein und legen Sie mit deren Client eine Integration an, da jede Region eigene Apps und Tokens hat.',
        },
        person: {
          en: 'Check the region: it is the end of the address at which you use Smartsheet, such as eu of app.smartsheet.eu.',
          de: 'Prüfen Sie die Region: Sie ist das Ende der Adresse, unter der Sie Smartsheet verwenden, etwa eu bei app.smartsheet.eu.',
        },
      },
      {
        at: 'token',
        errors: ['invalid_grant'],
        messages: ['refresh_token is invalid'],
        cause: {
          en: 'The refresh token is no longer valid.',
          de: 'Das Refresh-Token gilt nicht mehr.',
        },
        operator: {
          en: 'Have the account reconnected.',
          de: 'Lassen Sie das Konto neu verbinden.',
        },
        person: {
          en: 'Connect again.',
          de: 'Verbinden Sie erneut.',
        },
      },
      {
        at: 'request',
        statuses: [403],
        messages: ['You are not authorized to perform this action'],
        cause: {
          en: 'The person lacks the right to do this, or the token lacks a scope.',
          de: 'Der Person fehlt das Recht dazu, oder dem Token fehlt ein Scope.',
        },
        operator: {
          en: 'Add the scope to the integration and have the account reconnected, or ask for an account with more rights.',
          de: 'Ergänzen Sie den Scope in der Integration und lassen Sie das Konto neu verbinden, oder bitten Sie um ein Konto mit mehr Rechten.',
        },
        person: {
          en: 'Ask the owner of the sheet for access, or connect an account that has it.',
          de: 'Bitten Sie die Person, der das Sheet gehört, um Zugriff, oder verbinden Sie ein Konto, das ihn hat.',
        },
        url: 'https://developers.smartsheet.com/api/smartsheet/error-codes',
      },
    ],
  },
}
