import { email, flag, input, list, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { ProviderFile } from '../provider-file.ts'

/** Fields of the built-in sections, by their ids. Bob leaves out those that the service user may not see. */
const FIELDS = [
  ...['root.id', 'root.email', 'root.firstName', 'root.surname', 'root.displayName', 'root.creationDateTime'],
  ...['work.title', 'work.department', 'work.site', 'work.startDate', 'work.reportsTo', 'work.employeeIdInCompany'],
  ...['internal.status', 'internal.lifecycleStatus', 'internal.terminationDate'],
]

const DEFAULT_FIELDS = ['root.id', 'root.email', 'root.displayName', 'work.title', 'work.department', 'work.site']
const wanted = `{{ args.fields | default([${DEFAULT_FIELDS.map((field) => `'${field}'`).join(', ')}]) }}`

const fields = list('Ids of fields, such as work.title. Default: names, email address and work.', {
  type: 'string',
  minLength: 1,
})

const actions: ActionDefinition[] = [
  {
    name: 'search_employees',
    title: 'Search employees',
    description: 'Returns all employees that the service user may see, with the given fields. There are no pages.',
    docsUrl: 'https://apidocs.hibob.com/reference/post_people-search',
    readOnly: true,
    input: input({}, { fields, include_inactive: flag('Whether former employees are returned too. Default: false.') }),
    request: {
      method: 'POST',
      path: '/people/search',
      json: { fields: wanted, showInactive: '{{ args.include_inactive }}' },
    },
    output: ['employees'],
  },
  {
    name: 'get_employee',
    title: 'Get an employee',
    description: 'Returns the given fields of one employee, by id or email address.',
    docsUrl: 'https://apidocs.hibob.com/reference/post_people-identifier',
    readOnly: true,
    input: input({ identifier: text('Id or email address of the employee.', { pattern: '^[^/\\s]+$' }) }, { fields }),
    request: { method: 'POST', path: '/people/{{ args.identifier }}', json: { fields: wanted } },
  },
  {
    name: 'create_employee',
    title: 'Create an employee',
    description:
      'Creates an employee. The site has to exist in Bob. It can take some seconds until the employee is found.',
    docsUrl: 'https://apidocs.hibob.com/reference/post_people',
    input: input({
      first_name: text('First name.'),
      surname: text('Last name.'),
      email: email('Email address at work.'),
      site: text('Name of the site where the employee works.'),
      start_date: text('First day, such as 2026-09-01.', { pattern: '^\\d{4}-\\d{2}-\\d{2}$' }),
    }),
    request: {
      method: 'POST',
      path: '/people',
      json: {
        firstName: '{{ args.first_name }}',
        surname: '{{ args.surname }}',
        email: '{{ args.email }}',
        work: { site: '{{ args.site }}', startDate: '{{ args.start_date }}' },
      },
    },
  },
]

export const provider: ProviderFile = {
  aliases: ['bob', 'hi bob', 'bob hr', 'hibob hris'],
  logo: 'hibob',
  color: '#e42c51',
  sources: [
    { url: 'https://apidocs.hibob.com/docs/people-read-api-contract', read: '2026-11-29' },
    { url: 'https://apidocs.hibob.com/reference/post_people-search.md', read: '2026-11-29' },
    { url: 'https://apidocs.hibob.com/reference/get_people-id-work.md', read: '2026-11-29' },
    { url: 'https://apidocs.hibob.com/reference/pagination-1.md', read: '2026-11-29' },
    { url: 'https://apidocs.hibob.com/docs/working-with-webhooks', read: '2026-11-29' },
    { url: 'https://apidocs.hibob.com/reference/post_people.md', read: '2026-11-29' },
    { url: 'https://apidocs.hibob.com/docs/create-employee', read: '2026-11-29' },
    { url: 'https://apidocs.hibob.com/reference/rate-limiting.md', read: '2026-11-29' },
    {
      url: 'https://github.com/airbytehq/airbyte/blob/master/airbyte-integrations/connectors/source-hibob/manifest.yaml',
      read: '2026-11-29',
      second: true,
      differs: 'It uses the former host app.hibob.com. The documentation names api.hibob.com.',
    },
    {
      url: 'https://developers.frontegg.com/agen-for-work/connectors/marketplace/hibob.md',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://docs.estuary.dev/reference/Connectors/capture-connectors/hibob/',
      read: '2026-11-29',
      second: true,
    },
  ],
  // The bodies of errors and the lifetime of a token were not found.
  unverified: ['hints', 'tokens'],
  definition: {
    displayName: 'HiBob',
    docsUrl: 'https://apidocs.hibob.com/reference/getting-started-with-bob-api',
    categories: ['hr'],
    baseUrl: "https://{{ 'api.sandbox.hibob.com' if input.environment == 'sandbox' else 'api.hibob.com' }}/v1",
    inputFields: [
      {
        name: 'environment',
        label: 'Environment',
        description: 'Default: production.',
        choices: [
          { value: 'production', label: 'Production' },
          { value: 'sandbox', label: 'Sandbox' },
        ],
        example: 'production',
      },
    ],
    auth: {
      type: 'basic',
      fields: [
        { name: 'service_user_id', label: 'Service user ID', required: true, example: 'SERVICE-1234' },
        { name: 'token', label: 'Token', secret: true, required: true },
      ],
      username: '{{ config.service_user_id }}',
      password: '{{ config.token }}',
    },
    // apidocs.hibob.com/docs/working-with-webhooks
    webhook: {
      verify: { method: 'hmac', header: 'Bob-Signature', hash: 'sha512', encoding: 'base64' },
      // Sent on request of an administrator, as text or JSON.
      handshake: [{ where: "body == 'Ping test' or body.text == 'Ping test'", answer: 'ok' }],
      type: 'body.type',
      // Bob's webhooks name the company by an id that the API does not return.
      connection: { value: 'query.external_id', equals: 'externalId' },
      sync: [{ where: "'employee.' in body.type", streams: ['employees'] }],
    },
    // Needs no permission for data of employees.
    testRequest: { path: '/company/people/fields' },
    streams: [
      {
        name: 'employees',
        method: 'POST',
        path: '/people/search',
        json: { fields: FIELDS, showInactive: true },
        recordsPath: ['employees'],
        primaryKey: [['id']],
      },
      {
        name: 'work_history',
        parent: { stream: 'employees', concurrency: 2 },
        path: '/people/{{ parent.id }}/work',
        recordsPath: ['values'],
        primaryKey: [['id']],
      },
      {
        name: 'employee_fields',
        path: '/company/people/fields',
        primaryKey: [['id']],
      },
    ],
    actions,
  },
  guide: {
    key: {
      url: 'https://app.hibob.com/',
      steps: [
        {
          en: 'Sign in to Bob as an administrator, open **System settings** and **Integrations**, and select **Manage** in the tile **Service users**.',
          de: 'Melden Sie sich als Administrator bei Bob an, öffnen Sie **System settings** und **Integrations** und wählen Sie in der Kachel **Service users** die Schaltfläche **Manage**.',
        },
        {
          en: 'Select **Create service user**, enter a name, and copy the ID and the token. The token is shown only once.',
          de: 'Wählen Sie **Create service user**, geben Sie einen Namen ein und kopieren Sie die ID und das Token. Das Token wird nur einmal angezeigt.',
        },
        {
          en: 'A new service user may see nothing. Add it to a permission group that allows the sections of employees’ data that are needed.',
          de: 'Ein neuer Service User darf nichts sehen. Fügen Sie ihn einer Berechtigungsgruppe hinzu, die die benötigten Bereiche der Beschäftigtendaten erlaubt.',
        },
      ],
    },
    webhook: {
      url: 'https://app.hibob.com/',
      steps: [
        {
          en: 'With an API key of the workspace, give the connection an external id, and append it to the webhook URL as **?external_id=…**.',
          de: 'Geben Sie der Verbindung mit einem API-Schlüssel des Workspace eine externe ID und hängen Sie diese als **?external_id=…** an die Webhook-URL an.',
        },
        {
          en: 'In Bob, open **System settings**, **Integrations** and **Webhooks**, select **Manage** and **Add**, paste the webhook URL as the **Endpoint URL**, and choose the events.',
          de: 'Öffnen Sie in Bob **System settings**, **Integrations** und **Webhooks**, wählen Sie **Manage** und **Add**, fügen Sie die Webhook-URL als **Endpoint URL** ein und wählen Sie die Events.',
        },
        {
          en: 'Copy the secret of the webhook and save it here as the webhook secret. Create only one webhook for this integration.',
          de: 'Kopieren Sie das Secret des Webhooks und speichern Sie es hier als Webhook-Secret. Legen Sie nur einen Webhook für diese Integration an.',
        },
      ],
    },
    events: ['employee.created', 'employee.updated', 'employee.deleted'],
    fields: {
      environment: {
        label: 'Umgebung',
        description: 'Standard: Produktion.',
        choices: { production: 'Produktion', sandbox: 'Sandbox' },
      },
      service_user_id: { label: 'ID des Service Users' },
    },
    scopes: {},
    rateLimit: {
      words: {
        en: 'Each endpoint has a limit of its own. The search of employees allows 50 requests a minute.',
        de: 'Jeder Endpunkt hat eine eigene Begrenzung. Die Suche nach Beschäftigten erlaubt 50 Anfragen pro Minute.',
      },
      url: 'https://apidocs.hibob.com/reference/rate-limiting',
    },
    traps: [
      {
        en: 'A search returns all employees in one answer. Fields that the service user may not see are missing without an error.',
        de: 'Eine Suche liefert alle Beschäftigten in einer Antwort. Felder, die der Service User nicht sehen darf, fehlen ohne Fehlermeldung.',
      },
      {
        en: 'The API does not tell which employees have changed, so every sync reads all of them.',
        de: 'Die API sagt nicht, welche Beschäftigten sich geändert haben; daher liest jede Synchronisierung alle.',
      },
      {
        en: 'Bob blocks programs whose requests fail again and again because of wrong credentials or missing permissions.',
        de: 'Bob sperrt Programme, deren Anfragen wegen falscher Zugangsdaten oder fehlender Berechtigungen immer wieder scheitern.',
      },
      {
        en: 'Lists such as departments and sites appear as ids of their items.',
        de: 'Listen wie Abteilungen und Standorte erscheinen als IDs ihrer Einträge.',
      },
    ],
    hints: [
      {
        at: 'request',
        statuses: [401],
        cause: {
          en: 'The ID or the token of the service user is wrong, or belongs to another environment.',
          de: 'ID oder Token des Service Users ist falsch oder gehört zu einer anderen Umgebung.',
        },
        operator: {
          en: 'Let the ID and the token be entered again, or let a new token be made.',
          de: 'Lassen Sie ID und Token noch einmal eingeben oder ein neues Token anlegen.',
        },
        person: {
          en: 'Copy both values again from **Service users** in Bob. Create a new token if you no longer have it.',
          de: 'Kopieren Sie beide Werte noch einmal aus **Service users** in Bob. Legen Sie ein neues Token an, wenn Sie es nicht mehr haben.',
        },
      },
      {
        at: 'request',
        statuses: [403],
        cause: {
          en: 'The service user lacks the permission for this data.',
          de: 'Dem Service User fehlt die Berechtigung für diese Daten.',
        },
        operator: {
          en: 'Ask an administrator of Bob to add the permission to the group of the service user.',
          de: 'Bitten Sie die Administration von Bob, die Berechtigung in der Gruppe des Service Users zu ergänzen.',
        },
        person: {
          en: 'Add the missing permission to the permission group of the service user.',
          de: 'Ergänzen Sie die fehlende Berechtigung in der Berechtigungsgruppe des Service Users.',
        },
      },
    ],
  },
}
