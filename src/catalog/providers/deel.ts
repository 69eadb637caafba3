import { input, limit, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { ProviderFile } from '../provider-file.ts'

const actions: ActionDefinition[] = [
  {
    name: 'list_people',
    title: 'List people',
    description: 'Lists the workers of the organization, also those who match the given words.',
    docsUrl: 'https://developer.deel.com/api/reference',
    scopes: ['people:read'],
    readOnly: true,
    input: input({}, { search: text('Words to search for, such as a name.'), limit: limit(100, 50) }),
    request: {
      method: 'GET',
      path: '/people',
      query: { search: '{{ args.search }}', limit: '{{ args.limit | default(50) }}' },
    },
    output: ['data'],
  },
  {
    name: 'get_person',
    title: 'Get a person',
    description: 'Returns one worker with job, manager, contracts and dates.',
    docsUrl: 'https://developer.deel.com/api/reference',
    scopes: ['people:read'],
    readOnly: true,
    input: input({ person_id: text('Id of the worker, a UUID.') }),
    request: { method: 'GET', path: '/people/{{ args.person_id }}' },
    output: ['data'],
  },
  {
    name: 'get_contract',
    title: 'Get a contract',
    description: 'Returns one contract with its terms and status.',
    docsUrl: 'https://developer.deel.com/api/reference',
    scopes: ['contracts:read'],
    readOnly: true,
    input: input({ contract_id: text('Id of the contract.') }),
    request: { method: 'GET', path: '/contracts/{{ args.contract_id }}' },
    output: ['data'],
  },
]

/**
 * With an API token of an organization. OAuth is left out: its requests need the client ID of the application in the header x-client-id,
 * which no template of a request reads.
 */
export const provider: ProviderFile = {
  aliases: ['letsdeel', 'lets deel', 'deel hr', 'deel payroll', 'eor'],
  logo: null,
  color: '#15357a',
  sources: [
    { url: 'https://developer.deel.com/api/authentication.mdx', read: '2026-11-29' },
    { url: 'https://developer.deel.com/v2.1.51/docs/api-tokens-1', read: '2026-11-29' },
    { url: 'https://developer.deel.com/v2.1.112/docs/webhooks-get-started', read: '2026-11-29' },
    { url: 'https://developer.deel.com/docs/webhooks-get-started', read: '2026-11-29' },
    { url: 'https://developer.deel.com/api/webhooks/quickstart', read: '2026-11-29' },
    { url: 'https://developer.deel.com/api/rate-limits', read: '2026-11-29' },
    { url: 'https://developer.deel.com/api/webhooks/events', read: '2026-11-29' },
    { url: 'https://www.lava.so/docs/gateway/providers/pipedream-deel.md', read: '2026-11-29', second: true },
    {
      url: 'https://kestra.io/plugins/plugin-deel/deel-webhooks/io.kestra.plugin.deel.webhooks.webhooktrigger',
      read: '2026-11-29',
      second: true,
    },
    { url: 'https://www.skills.sh/vm0-ai/vm0-skills/deel', read: '2026-11-29', second: true },
    {
      url: 'https://kestra.io/plugins/plugin-deel/deel-people/io.kestra.plugin.deel.people.peoplelist',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://kestra.io/plugins/plugin-deel/deel-contracts/io.kestra.plugin.deel.contracts.contractslist',
      read: '2026-11-29',
      second: true,
    },
  ],
  // The bodies of errors, the lifetime of an API token and the reference of the actions were not found.
  unverified: ['hints', 'tokens', 'actions'],
  definition: {
    displayName: 'Deel',
    docsUrl: 'https://developer.deel.com/api/authentication',
    categories: ['hr'],
    baseUrl:
      "https://{{ 'api-sandbox.demo.deel.com' if input.environment == 'sandbox' else 'api.letsdeel.com' }}/rest/v2",
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
      type: 'bearer',
      fields: [{ name: 'token', label: 'Token', secret: true, required: true }],
      token: '{{ config.token }}',
    },
    responseErrors: [
      { status: 401, path: ['errors', 0, 'message'], as: 'auth', message: ['errors', 0, 'message'] },
      ...[400, 403, 404, 422].map((status) => ({
        status,
        path: ['errors', 0, 'message'],
        as: 'fail' as const,
        message: ['errors', 0, 'message'],
      })),
    ],
    // developer.deel.com/docs/webhooks-get-started. An event does not name the organization in a documented place.
    webhook: {
      verify: {
        method: 'hmac',
        header: 'x-deel-signature',
        hash: 'sha256',
        encoding: 'hex',
        message: 'POST{{ body }}',
      },
      type: 'body.data.meta.event_type',
      connection: { value: 'query.external_id', equals: 'externalId' },
      sync: [
        { where: "'contract.' in body.data.meta.event_type", streams: ['contracts', 'people'] },
        { where: "'employee.' in body.data.meta.event_type", streams: ['people'] },
      ],
    },
    testRequest: { path: '/people?limit=1' },
    streams: [
      {
        name: 'people',
        path: '/people',
        recordsPath: ['data'],
        primaryKey: [['id']],
        pagination: { type: 'offset', param: 'offset', limitParam: 'limit', size: 100, total: ['page', 'total_rows'] },
      },
      {
        name: 'contracts',
        path: '/contracts',
        query: { limit: '100' },
        recordsPath: ['data'],
        primaryKey: [['id']],
        pagination: { type: 'cursor', path: ['page', 'cursor'], param: 'after_cursor' },
      },
    ],
    actions,
  },
  guide: {
    key: {
      url: 'https://app.deel.com/',
      steps: [
        {
          en: 'Sign in to Deel, open **More** and **Developer**, and select the tab **Access Tokens**.',
          de: 'Melden Sie sich bei Deel an, öffnen Sie **More** und **Developer** und wählen Sie den Reiter **Access Tokens**.',
        },
        {
          en: 'Select **Generate new token**, enter a label, and choose an organization token. A personal token sees only what you see.',
          de: 'Wählen Sie **Generate new token**, geben Sie eine Bezeichnung ein und wählen Sie ein Organisationstoken. Ein persönliches Token sieht nur, was Sie selbst sehen.',
        },
        {
          en: 'Select the scopes people:read and contracts:read, finish, and copy the token.',
          de: 'Wählen Sie die Scopes people:read und contracts:read, schließen Sie ab und kopieren Sie das Token.',
        },
      ],
    },
    webhook: {
      url: 'https://app.deel.com/',
      steps: [
        {
          en: 'With an API key of the workspace, give the connection an external id, and append it to the webhook URL as **?external_id=…**.',
          de: 'Geben Sie der Verbindung mit einem API-Schlüssel des Workspace eine externe ID und hängen Sie diese als **?external_id=…** an die Webhook-URL an.',
        },
        {
          en: 'In Deel, open **More** and **Developer**, select the tab **Webhooks**, and create a webhook with this URL and the events that you need.',
          de: 'Öffnen Sie in Deel **More** und **Developer**, wählen Sie den Reiter **Webhooks** und legen Sie einen Webhook mit dieser URL und den benötigten Events an.',
        },
        {
          en: 'Copy the signing key and save it here as the webhook secret. Each subscription has a key of its own, so an integration receives the events of one subscription.',
          de: 'Kopieren Sie den Signaturschlüssel und speichern Sie ihn hier als Webhook-Secret. Jedes Abonnement hat einen eigenen Schlüssel; eine Integration empfängt daher die Events eines Abonnements.',
        },
      ],
    },
    events: ['contract.*', 'employee.*', 'eor.*', 'tax.*'],
    fields: {
      environment: {
        label: 'Umgebung',
        description: 'Standard: Produktion.',
        choices: { production: 'Produktion', sandbox: 'Sandbox' },
      },
    },
    scopes: {
      'people:read': { en: 'read the workers of your organization', de: 'die Beschäftigten Ihrer Organisation lesen' },
      'contracts:read': { en: 'read the contracts of your organization', de: 'die Verträge Ihrer Organisation lesen' },
    },
    rateLimit: {
      words: {
        en: '5 requests a second for each organization, which all of its tokens share. The answers say nothing of it before it is reached.',
        de: '5 Anfragen pro Sekunde je Organisation, die sich alle ihre Token teilen. Dass die Begrenzung bald erreicht ist, zeigen die Antworten nicht an.',
      },
      url: 'https://developer.deel.com/api/rate-limits',
    },
    traps: [
      {
        en: 'People are listed with an offset, contracts with a cursor.',
        de: 'Personen werden mit einem Offset aufgelistet, Verträge mit einem Cursor.',
      },
      {
        en: 'The sandbox has accounts, tokens and addresses of its own.',
        de: 'Die Sandbox hat eigene Konten, Token und Adressen.',
      },
    ],
    hints: [
      {
        at: 'request',
        statuses: [401],
        cause: {
          en: 'The token is wrong, was revoked, or belongs to the other environment.',
          de: 'Das Token ist falsch, wurde widerrufen oder gehört zur anderen Umgebung.',
        },
        operator: {
          en: 'Let the account be connected with a new token.',
          de: 'Lassen Sie das Konto mit einem neuen Token verbinden.',
        },
        person: {
          en: 'Generate a new token in Deel under **Developer** and **Access Tokens**, and check the environment.',
          de: 'Erzeugen Sie in Deel unter **Developer** und **Access Tokens** ein neues Token und prüfen Sie die Umgebung.',
        },
      },
      {
        at: 'request',
        statuses: [403],
        cause: {
          en: 'The token lacks a scope that this request needs.',
          de: 'Dem Token fehlt ein Scope, den diese Anfrage braucht.',
        },
        operator: {
          en: 'Let a token with the missing scope be generated and entered.',
          de: 'Lassen Sie ein Token mit dem fehlenden Scope erzeugen und eingeben.',
        },
      },
    ],
  },
}
