import { email, input, limit, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const docs = 'https://docs.customer.io/integrations/api/app/'

const actions: ActionDefinition[] = [
  {
    name: 'send_transactional_email',
    title: 'Send a transactional email',
    description:
      'Sends a transactional message to a person, who is identified by an email address. Returns the delivery_id.',
    docsUrl: `${docs}#operation/sendEmail`,
    input: input(
      {
        transactional_message_id: text('Id or trigger name of the transactional message.'),
        to: email('Email address of the recipient.'),
      },
      {
        message_data: {
          type: 'object',
          description: 'Values that the message reads as trigger, by name.',
          additionalProperties: true,
        },
      },
    ),
    request: {
      method: 'POST',
      path: '/send/email',
      json: {
        transactional_message_id: '{{ args.transactional_message_id }}',
        to: '{{ args.to }}',
        identifiers: { email: '{{ args.to }}' },
        message_data: '{{ args.message_data }}',
      },
    },
  },
  {
    name: 'find_people',
    title: 'Find people by email address',
    description: 'Returns the people with an email address, with their ids.',
    docsUrl: `${docs}#operation/getPeopleEmail`,
    readOnly: true,
    input: input({ email: email('Email address.') }),
    request: { method: 'GET', path: '/customers', query: { email: '{{ args.email }}' } },
    output: ['results'],
  },
  {
    name: 'list_newsletters',
    title: 'List newsletters',
    description: 'Lists newsletters. Returns newsletters and next, which is the start of the next page.',
    docsUrl: `${docs}#operation/listNewsletters`,
    readOnly: true,
    input: input(
      {},
      { limit: limit(100, 50), start: text('next of the previous result. Leave it out for the first page.') },
    ),
    request: {
      method: 'GET',
      path: '/newsletters',
      query: { limit: '{{ args.limit | default(50) }}', start: '{{ args.start }}' },
    },
  },
]

export const provider: ProviderFile = {
  aliases: ['customerio', 'cio', 'customer io journeys', 'journeys'],
  logo: null,
  color: '#00ecbb',
  sources: [
    { url: 'https://docs.customer.io/integrations/api/app/?gad_source=11', read: '2026-11-29' },
    { url: 'https://docs.customer.io/api/webhooks', read: '2026-11-29' },
    { url: 'https://docs.customer.io/journeys/webhooks/', read: '2026-11-29' },
    {
      url: 'https://github.com/airbytehq/airbyte/blob/master/airbyte-integrations/connectors/source-customer-io/manifest.yaml',
      read: '2026-11-29',
      second: true,
    },
    { url: 'https://docs.n8n.io/integrations/builtin/credentials/customerio.md', read: '2026-11-29', second: true },
    { url: 'https://www.skills.sh/hookdeck/webhook-skills/customerio-webhooks', read: '2026-11-29', second: true },
  ],
  // The bodies of errors were not found. What actions send was read in public code. What is signed was read there too, in the same form
  // in several receivers that do not depend on each other.
  unverified: ['actions', 'hints'],
  definition: {
    displayName: 'Customer.io',
    docsUrl: docs,
    categories: ['marketing', 'email', 'communication'],
    baseUrl: "https://{{ 'api-eu' if input.region == 'eu' else 'api' }}.customer.io/v1",
    inputFields: [
      {
        name: 'region',
        label: 'Region',
        description: 'Where the account is. Admins see it under Account Settings, Data and Privacy. Default: US.',
        choices: [
          { value: 'us', label: 'US' },
          { value: 'eu', label: 'EU' },
        ],
        example: 'eu',
      },
    ],
    auth: {
      type: 'bearer',
      fields: [{ name: 'app_api_key', label: 'App API key', secret: true, required: true }],
      token: '{{ config.app_api_key }}',
    },
    responseErrors: [
      { status: 401, path: ['errors', 0, 'detail'], as: 'auth', message: ['errors', 0, 'detail'] },
      ...[400, 403, 404].map((status) => ({
        status,
        path: ['errors', 0, 'detail'],
        as: 'fail' as const,
        message: ['errors', 0, 'detail'],
      })),
    ],
    testRequest: { path: '/newsletters?limit=1' },
    rateLimit: { requestsPerSecond: 10 },
    webhook: {
      verify: {
        method: 'hmac',
        header: 'X-CIO-Signature',
        hash: 'sha256',
        encoding: 'hex',
        message: 'v0:{{ timestamp }}:{{ body }}',
        timestamp: { header: 'X-CIO-Timestamp', tolerance: 'PT5M' },
      },
      id: 'body.event_id',
      type: "body.object_type ~ ' ' ~ body.metric",
      // An event does not name its account. The webhook's URL has to.
      connection: { value: 'query.external_id', equals: 'externalId' },
      sync: [{ where: "body.metric == 'sent' and body.data.newsletter_id", streams: ['newsletters'] }],
    },
    streams: [
      records('campaigns'),
      {
        ...records('newsletters'),
        query: { limit: '100' },
        pagination: { type: 'cursor', path: ['next'], param: 'start' },
      },
      records('segments'),
      records('broadcasts'),
    ],
    actions,
  },
  guide: {
    key: {
      url: 'https://fly.customer.io/settings/api_credentials?keyType=app',
      steps: [
        {
          en: 'In Customer.io, open **Account Settings** and **API Credentials**, and there **App API Keys**.',
          de: 'Öffnen Sie in Customer.io **Account Settings** und **API Credentials** und dort **App API Keys**.',
        },
        {
          en: 'Create an App API key for the workspace and copy it. Customer.io shows it only now. A Track API key does not work.',
          de: 'Erstellen Sie einen App-API-Schlüssel für den Workspace und kopieren Sie ihn. Customer.io zeigt ihn nur jetzt. Ein Track-API-Schlüssel funktioniert nicht.',
        },
      ],
    },
    webhook: {
      url: 'https://fly.customer.io/',
      steps: [
        {
          en: 'Open **Data & Integrations**, **Integrations** and **Reporting Webhooks**, and select **Add Reporting Webhook**.',
          de: 'Öffnen Sie **Data & Integrations**, **Integrations** und **Reporting Webhooks** und wählen Sie **Add Reporting Webhook**.',
        },
        {
          en: 'Under **Webhook Endpoint**, paste the webhook URL with ?external_id= and the external ID of the connection behind it. Select the events, and select **Save and Enable Webhook**.',
          de: 'Fügen Sie unter **Webhook Endpoint** die Webhook-URL ein, dahinter ?external_id= und die externe ID der Verbindung. Wählen Sie die Events und dann **Save and Enable Webhook**.',
        },
        {
          en: 'Copy the signing key of the webhook and save it here as the webhook secret. Customer.io makes it, so each workspace needs an integration of its own.',
          de: 'Kopieren Sie den Signaturschlüssel des Webhooks und speichern Sie ihn hier als Webhook-Secret. Customer.io erzeugt ihn, daher braucht jeder Workspace eine eigene Integration.',
        },
      ],
    },
    fields: {
      region: {
        label: 'Region',
        description: 'Wo das Konto liegt. Admins sehen es unter Account Settings, Data and Privacy. Standard: USA.',
        choices: { us: 'USA', eu: 'EU' },
      },
      app_api_key: { label: 'App-API-Schlüssel' },
    },
    events: ['email *', 'sms *', 'push *', 'customer *'],
    scopes: {},
    tokens: {
      en: 'An App API key does not expire. It belongs to one workspace, and its scope says what it may read.',
      de: 'Ein App-API-Schlüssel läuft nicht ab. Er gehört zu einem Workspace, und sein Scope bestimmt, was er lesen darf.',
    },
    traps: [
      {
        en: 'A key of the other region is refused with 401, as a wrong one is. So is a request from an IP address that the account does not allow.',
        de: 'Ein Schlüssel der anderen Region wird wie ein falscher mit 401 abgelehnt, ebenso eine Anfrage von einer IP-Adresse, die das Konto nicht zulässt.',
      },
    ],
    rateLimit: {
      words: {
        en: '10 requests a second. A broadcast can be triggered once in 10 seconds.',
        de: '10 Anfragen pro Sekunde. Ein Broadcast lässt sich einmal in 10 Sekunden auslösen.',
      },
      url: docs,
    },
    hints: [],
  },
}

/** The whole list is one page. */
function records(name: string): StreamDefinition {
  return { name, path: `/${name}`, recordsPath: [name], primaryKey: [['id']] }
}
