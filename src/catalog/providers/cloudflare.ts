import { choice, flag, input, integer, limit, page, text } from '../action-input.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const zone = { zone_id: text('Id of the zone. The stream zones has it.', { pattern: '^[0-9a-f]{32}$' }) }

const docs = 'https://github.com/cloudflare/cloudflare-docs/blob/production/src/content/docs'

export const provider: ProviderFile = {
  aliases: ['cloud flare', 'dns', 'cdn', 'workers', 'cloudflare dns'],
  logo: 'cloudflare',
  color: '#f38020',
  sources: [
    { url: `${docs}/fundamentals/api/get-started/create-token.mdx`, read: '2026-11-29' },
    { url: `${docs}/notifications/get-started/configure-webhooks.mdx`, read: '2026-11-29' },
    { url: 'https://developers.cloudflare.com/notifications/reference/webhook-payload-schema/', read: '2026-11-29' },
    { url: 'https://developers.cloudflare.com/api/limits', read: '2026-11-29' },
    {
      url: 'https://www.mintlify.com/cloudflare/cloudflare-typescript/api-reference/zones',
      read: '2026-11-29',
      second: true,
    },
    { url: 'https://metacpan.org/pod/Cloudflare::API::Zones', read: '2026-11-29', second: true },
    {
      url: 'https://www.rubydoc.info/gems/acmesmith-cloudflare/Acmesmith/Cloudflare/Client',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://alchemy.run/providers/cloudflare/alerting/notificationwebhook',
      read: '2026-11-29',
      second: true,
    },
  ],
  // The words of errors are not in the pages that were read.
  unverified: ['hints'],
  definition: {
    displayName: 'Cloudflare',
    docsUrl: 'https://developers.cloudflare.com/api/',
    categories: ['developer tools'],
    baseUrl: 'https://api.cloudflare.com/client/v4',
    auth: { type: 'bearer' },
    responseErrors: [
      {
        status: 401,
        path: ['errors', 0, 'message'],
        as: 'auth',
        message: ['errors', 0, 'message'],
        code: ['errors', 0, 'code'],
      },
      { status: 429, as: 'rate_limit', message: ['errors', 0, 'message'], code: ['errors', 0, 'code'] },
      ...[200, 400, 403, 404, 409].map((status) => ({
        ...{ status, path: ['success'], equals: false, as: 'fail' as const },
        ...{ message: ['errors', 0, 'message'], code: ['errors', 0, 'code'] },
      })),
    ],
    // developers.cloudflare.com/notifications
    webhook: {
      verify: { method: 'token', place: { in: 'header', name: 'cf-webhook-auth' } },
      // The test request that Cloudflare sends when the webhook is saved has only a text.
      type: "body.alert_type if body.alert_type is defined else 'test'",
      // Tokens do not tell their account.
      connection: { value: 'body.account_id', equals: 'externalId' },
      sync: [{ where: 'body.alert_type is defined', streams: ['zones'] }],
    },
    testRequest: { path: '/zones?per_page=5' },
    streams: [
      results('accounts', '/accounts'),
      results('zones', '/zones'),
      { ...results('dns_records', '/zones/{{ parent.id }}/dns_records'), parent: { stream: 'zones' } },
    ],
    actions: [
      {
        name: 'list_dns_records',
        title: 'List DNS records',
        description: 'Lists the DNS records of a zone with id, type, name and content. Returns result and result_info.',
        docsUrl: 'https://developers.cloudflare.com/api/resources/dns/subresources/records/methods/list/',
        scopes: ['DNS Read'],
        readOnly: true,
        input: input(zone, {
          type: choice('Only records of this type.', ['A', 'AAAA', 'CNAME', 'MX', 'TXT', 'NS', 'SRV', 'CAA']),
          limit: limit(100, 50),
          page: page(),
        }),
        request: {
          method: 'GET',
          path: '/zones/{{ args.zone_id }}/dns_records',
          query: {
            type: '{{ args.type }}',
            per_page: '{{ args.limit | default(50) }}',
            page: '{{ args.page | default(1) }}',
          },
        },
      },
      {
        name: 'create_dns_record',
        title: 'Create a DNS record',
        description: 'Creates a DNS record in a zone and returns it with its id.',
        docsUrl: 'https://developers.cloudflare.com/api/resources/dns/subresources/records/methods/create/',
        scopes: ['DNS Write'],
        input: input(
          {
            ...zone,
            type: choice('Type of the record.', ['A', 'AAAA', 'CNAME', 'TXT', 'NS']),
            name: text('Complete name, such as www.example.com.'),
            content: text('Content, such as an IP address.'),
          },
          {
            ttl: integer('How many seconds it may be cached; 1: automatic.', { minimum: 1, maximum: 86_400 }),
            proxied: flag('Whether requests pass through Cloudflare.'),
            comment: text('Comment.'),
          },
        ),
        request: {
          method: 'POST',
          path: '/zones/{{ args.zone_id }}/dns_records',
          json: {
            type: '{{ args.type }}',
            name: '{{ args.name }}',
            content: '{{ args.content }}',
            ttl: '{{ args.ttl }}',
            proxied: '{{ args.proxied }}',
            comment: '{{ args.comment }}',
          },
        },
        output: ['result'],
      },
    ],
  },
  guide: {
    key: {
      url: 'https://dash.cloudflare.com/profile/api-tokens/',
      steps: [
        {
          en: 'In the Cloudflare dashboard, open **My Profile** and **API Tokens**; for a token that belongs to no person, **Manage Account** and **API Tokens**. Select **Create Token**.',
          de: 'Öffnen Sie im Cloudflare-Dashboard **My Profile** und **API Tokens**, für ein Token ohne Person **Manage Account** und **API Tokens**. Wählen Sie **Create Token**.',
        },
        {
          en: 'Choose a template or create a custom token. Give it **Zone Read** and **DNS Read**, and choose the zones. **Edit** also allows changes.',
          de: 'Wählen Sie eine Vorlage oder erstellen Sie ein eigenes Token. Geben Sie ihm **Zone Read** und **DNS Read** und wählen Sie die Zonen. **Edit** erlaubt auch Änderungen.',
        },
        {
          en: 'Select **Continue to summary** and **Create Token**, and copy the token at once.',
          de: 'Wählen Sie **Continue to summary** und **Create Token** und kopieren Sie das Token sofort.',
        },
      ],
    },
    webhook: {
      url: 'https://dash.cloudflare.com/?to=/:account/notifications',
      steps: [
        {
          en: 'Make up a long random text and save it here as the webhook secret.',
          de: 'Denken Sie sich einen langen zufälligen Text aus und speichern Sie ihn hier als Webhook-Secret.',
        },
        {
          en: 'In the dashboard, open **Notifications** and **Destinations**. In the card **Webhooks**, select **Create**, enter a name, the webhook URL and the webhook secret as **Secret**, and select **Save and Test**. At least one zone needs a Pro plan.',
          de: 'Öffnen Sie im Dashboard **Notifications** und **Destinations**. Wählen Sie auf der Karte **Webhooks** die Schaltfläche **Create**, geben Sie einen Namen, die Webhook-URL und das Webhook-Secret als **Secret** ein und wählen Sie **Save and Test**. Mindestens eine Zone braucht den Pro-Tarif.',
        },
        {
          en: 'Add the webhook to the notifications that are to be sent. Set the id of the account as the external id of the connection.',
          de: 'Fügen Sie den Webhook den gewünschten Benachrichtigungen hinzu. Setzen Sie die ID des Kontos als externe ID der Verbindung.',
        },
      ],
    },
    events: ['http_alert_origin_error', 'dos_attack_l4', 'dos_attack_l7', 'universal_ssl_event_type'],
    tokens: {
      en: 'A token lives until it is deleted, or until the end that is set as its TTL. It may be limited to IP addresses.',
      de: 'Ein Token gilt, bis es gelöscht wird oder die gesetzte TTL endet. Es kann auf IP-Adressen beschränkt sein.',
    },
    traps: [
      {
        en: 'After the limit is exceeded, all requests are refused for five minutes, those of the dashboard too.',
        de: 'Nach dem Überschreiten der Grenze werden fünf Minuten lang alle Anfragen abgelehnt, auch die des Dashboards.',
      },
      {
        en: 'A token sees only the zones that were chosen for it. Another zone is refused with an error.',
        de: 'Ein Token sieht nur die dafür gewählten Zonen. Eine andere Zone wird mit einem Fehler abgelehnt.',
      },
      {
        en: 'Zones of more than 500 accounts cannot be listed.',
        de: 'Zonen von mehr als 500 Konten lassen sich nicht auflisten.',
      },
    ],
    scopes: {
      'DNS Read': { en: 'read the DNS records of your zones', de: 'die DNS-Einträge Ihrer Zonen lesen' },
      'DNS Write': {
        en: 'create, change and delete the DNS records of your zones',
        de: 'die DNS-Einträge Ihrer Zonen anlegen, ändern und löschen',
      },
    },
    rateLimit: {
      words: {
        en: '1,200 requests in five minutes for each person, over all tokens and the dashboard.',
        de: '1.200 Anfragen in fünf Minuten je Person, über alle Tokens und das Dashboard.',
      },
      url: 'https://developers.cloudflare.com/fundamentals/api/reference/limits/',
    },
    hints: [
      {
        at: 'request',
        statuses: [401, 403],
        messages: ['Invalid API Token', 'Authentication error'],
        cause: {
          en: 'The token is wrong, expired or deleted, or lacks a permission or a zone.',
          de: 'Das Token ist falsch, abgelaufen oder gelöscht, oder ihm fehlt eine Berechtigung oder eine Zone.',
        },
        operator: {
          en: 'Let a token be created with the permissions that are needed.',
          de: 'Lassen Sie ein Token mit den benötigten Berechtigungen erstellen.',
        },
        person: {
          en: 'Create a new token with these permissions and enter it.',
          de: 'Erstellen Sie ein neues Token mit diesen Berechtigungen und geben Sie es ein.',
        },
        url: 'https://developers.cloudflare.com/fundamentals/api/get-started/create-token/',
      },
    ],
  },
}

function results(name: string, path: string): StreamDefinition {
  return {
    name,
    path,
    recordsPath: ['result'],
    primaryKey: [['id']],
    pagination: {
      type: 'page',
      param: 'page',
      sizeParam: 'per_page',
      size: 50,
      totalPages: ['result_info', 'total_pages'],
    },
  }
}
