import { email, input, limit, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import {
  microsoftAppWith,
  microsoftFields,
  microsoftHints,
  microsoftOAuth,
  microsoftSources,
  microsoftTenant,
} from '../families/microsoft.ts'
import type { ProviderFile } from '../provider-file.ts'

const docs = 'https://learn.microsoft.com/power-apps/developer/data-platform'
const repository = 'https://github.com/MicrosoftDocs/powerapps-docs/blob/main/powerapps-docs/developer/data-platform'

const actions: ActionDefinition[] = [
  {
    name: 'create_contact',
    title: 'Create a contact',
    description: 'Creates a contact and returns it with its contactid.',
    docsUrl: `${docs}/webapi/create-entity-web-api`,
    input: input(
      { last_name: text('Last name.', { maxLength: 50 }) },
      {
        first_name: text('First name.', { maxLength: 50 }),
        email: email('Email address.'),
        phone: text('Business phone number.', { maxLength: 50 }),
        job_title: text('Job title.', { maxLength: 100 }),
      },
    ),
    request: {
      method: 'POST',
      path: '/contacts',
      headers: { Prefer: 'return=representation' },
      json: {
        lastname: '{{ args.last_name }}',
        firstname: '{{ args.first_name }}',
        emailaddress1: '{{ args.email }}',
        telephone1: '{{ args.phone }}',
        jobtitle: '{{ args.job_title }}',
      },
    },
  },
  {
    name: 'create_account',
    title: 'Create an account',
    description: 'Creates an account, which is a company, and returns it with its accountid.',
    docsUrl: `${docs}/webapi/create-entity-web-api`,
    input: input(
      { name: text('Name of the company.', { maxLength: 160 }) },
      { description: text('Description, as plain text.'), phone: text('Main phone number.', { maxLength: 50 }) },
    ),
    request: {
      method: 'POST',
      path: '/accounts',
      headers: { Prefer: 'return=representation' },
      json: {
        name: '{{ args.name }}',
        description: '{{ args.description }}',
        telephone1: '{{ args.phone }}',
      },
    },
  },
  {
    name: 'find_contacts',
    title: 'Find contacts by email address',
    description: 'Lists the contacts with an email address.',
    docsUrl: `${docs}/webapi/query/filter-rows`,
    readOnly: true,
    input: input({ email: email('Email address.') }, { limit: limit(100, 10) }),
    request: {
      method: 'GET',
      path: '/contacts',
      query: {
        $filter: "emailaddress1 eq '{{ args.email | replace(\"'\", \"''\") }}'",
        $top: '{{ args.limit | default(10) }}',
      },
    },
    output: ['value'],
  },
]

/** A table of Dataverse. Each page needs the preference of the first one. */
function rows(name: string, id: string): StreamDefinition {
  return {
    name,
    path: `/${name}`,
    headers: { Prefer: 'odata.maxpagesize=1000' },
    recordsPath: ['value'],
    primaryKey: [[id]],
    pagination: { type: 'next_url', path: ['@odata.nextLink'] },
    incremental: {
      cursorField: ['modifiedon'],
      param: '$filter',
      format: 'modifiedon ge %Y-%m-%dT%H:%M:%SZ',
    },
  }
}

/**
 * The Web API of Dataverse, in which the sales and service apps of Dynamics 365 have their data. The scope names the environment, so it is a
 * parameter with an input in it and no constant.
 */
export const provider: ProviderFile = {
  aliases: [
    'dynamics',
    'dynamics 365',
    'dynamics crm',
    'microsoft dynamics',
    'ms dynamics',
    'd365',
    'dataverse',
    'common data service',
    'dynamics 365 sales',
  ],
  logo: null,
  color: '#0b53ce',
  sources: [
    ...microsoftSources,
    { url: `${repository}/authenticate-oauth.md`, read: '2026-11-29' },
    { url: `${repository}/api-limits.md`, read: '2026-11-29' },
    { url: `${repository}/webapi/compose-http-requests-handle-errors.md`, read: '2026-11-29' },
    { url: `${repository}/webapi/create-entity-web-api.md`, read: '2026-11-29' },
    { url: `${repository}/webapi/query/page-results.md`, read: '2026-11-29' },
    { url: `${repository}/webapi/query/filter-rows.md`, read: '2026-11-29' },
    {
      url: 'https://github.com/airbytehq/airbyte/blob/master/airbyte-integrations/connectors/source-microsoft-dataverse/source_microsoft_dataverse/streams.py',
      read: '2026-11-29',
      second: true,
      differs:
        'It reads by change tracking, whose state is in a URL. The filter by modifiedon needs no such state, but does not tell deletions.',
    },
  ],
  unverified: ['actions'],
  definition: {
    displayName: 'Microsoft Dynamics 365',
    docsUrl: `${docs}/webapi/overview`,
    categories: ['crm', 'sales'],
    baseUrl: 'https://{{ input.environment }}.dynamics.com/api/data/v9.2',
    inputFields: [
      {
        name: 'environment',
        label: 'Environment',
        description: 'The address of the environment without https:// and without .dynamics.com.',
        required: true,
        pattern: '[A-Za-z0-9-]+(\\.api)?\\.crm[0-9]{0,2}',
        example: 'contoso.crm4',
      },
      microsoftTenant,
    ],
    auth: {
      ...microsoftOAuth([]),
      scopes: [],
      authorizationParams: {
        response_mode: 'query',
        scope: 'offline_access https://{{ input.environment }}.dynamics.com/.default',
      },
    },
    headers: { 'OData-MaxVersion': '4.0', 'OData-Version': '4.0' },
    testRequest: { path: '/WhoAmI' },
    streams: [
      rows('accounts', 'accountid'),
      rows('contacts', 'contactid'),
      rows('leads', 'leadid'),
      rows('opportunities', 'opportunityid'),
    ],
    actions,
  },
  guide: {
    app: microsoftAppWith({
      en: 'Open **API permissions**, select **Add a permission**, choose the API of Dataverse, and under **Delegated permissions** add **user_impersonation**, the access to Dynamics 365 as a user of the organization.',
      de: 'Öffnen Sie **API permissions**, wählen Sie **Add a permission** und die API von Dataverse und fügen Sie unter **Delegated permissions** die Berechtigung **user_impersonation** hinzu, den Zugriff auf Dynamics 365 als Person der Organisation.',
    }),
    fields: {
      ...microsoftFields,
      environment: {
        label: 'Umgebung',
        description: 'Die Adresse der Umgebung ohne https:// und ohne .dynamics.com.',
      },
    },
    scopes: {},
    rateLimit: {
      words: {
        en: 'For each person and web server of the environment, 6,000 requests and 20 minutes of processing in 5 minutes, and 52 requests at a time.',
        de: 'Je Person und Webserver der Umgebung 6.000 Anfragen und 20 Minuten Rechenzeit in 5 Minuten sowie 52 gleichzeitige Anfragen.',
      },
      url: `${docs}/api-limits`,
    },
    traps: [
      {
        en: 'The app acts as the person: it sees what the security roles of this person allow.',
        de: 'Die App handelt als die Person: Sie sieht, was deren Sicherheitsrollen erlauben.',
      },
      {
        en: 'Deleted rows are found by a full refresh only.',
        de: 'Gelöschte Zeilen findet nur eine vollständige Synchronisierung.',
      },
      {
        en: 'The address of the environment is in Power Apps under Settings and Developer resources. Environments outside of dynamics.com are not supported.',
        de: 'Die Adresse der Umgebung steht in Power Apps unter Settings und Developer resources. Umgebungen außerhalb von dynamics.com werden nicht unterstützt.',
      },
    ],
    hints: microsoftHints,
  },
}
