import { choice, day, email, input, limit, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const authHost = "https://{{ 'account-d.docusign.com' if input.environment == 'demo' else 'account.docusign.com' }}"
const reference = 'https://developers.docusign.com/docs/esign-rest-api/reference/envelopes'

const actions: ActionDefinition[] = [
  {
    name: 'send_template',
    title: 'Send a template for signature',
    description:
      'Creates an envelope from a template and sends it to one person, or keeps it as a draft. Returns its id.',
    docsUrl: `${reference}/envelopes/create/`,
    scopes: ['signature'],
    input: input(
      {
        template_id: text('Id of the template.'),
        role: text('Name of the role in the template, such as Signer.'),
        name: text('Name of the person who signs.'),
        email: email('Email address of the person who signs.'),
      },
      {
        subject: text('Subject of the email.', { maxLength: 100 }),
        status: choice('sent sends it at once, created keeps a draft. Default: sent.', ['sent', 'created']),
      },
    ),
    request: {
      method: 'POST',
      path: '/envelopes',
      json: {
        templateId: '{{ args.template_id }}',
        templateRoles: [{ roleName: '{{ args.role }}', name: '{{ args.name }}', email: '{{ args.email }}' }],
        emailSubject: '{{ args.subject }}',
        status: "{{ args.status | default('sent') }}",
      },
    },
  },
  {
    name: 'list_envelopes',
    title: 'List envelopes',
    description: 'Lists envelopes whose status changed since a day, all or only those with the given statuses.',
    docsUrl: `${reference}/envelopes/liststatuschanges/`,
    scopes: ['signature'],
    readOnly: true,
    input: input(
      { from_day: day('Only envelopes that changed on or after this day.') },
      { status: text('Statuses, separated by commas, such as sent,completed.'), limit: limit(1000, 100) },
    ),
    request: {
      method: 'GET',
      path: '/envelopes',
      query: {
        from_date: '{{ args.from_day }}',
        status: '{{ args.status }}',
        count: '{{ args.limit | default(100) }}',
      },
    },
  },
  {
    name: 'get_envelope',
    title: 'Get an envelope',
    description: 'Returns one envelope with its status, dates and recipients.',
    docsUrl: `${reference}/envelopes/get/`,
    scopes: ['signature'],
    readOnly: true,
    input: input({ envelope_id: text('Id of the envelope.') }),
    request: { method: 'GET', path: '/envelopes/{{ args.envelope_id }}', query: { include: 'recipients' } },
  },
]

export const provider: ProviderFile = {
  aliases: ['docu sign', 'esign', 'e-signature', 'esignature'],
  logo: null,
  color: '#4c00ff',
  sources: [
    { url: 'https://developers.docusign.com/platform/auth/authcode.md', read: '2026-11-29' },
    { url: 'https://www.docusign.com/blog/developers/authorization-code-grant-refresh-tokens', read: '2026-11-29' },
    { url: 'https://docs.docusign.com/esign/guide/authentication/oa2_auth_code.html', read: '2026-11-29' },
    { url: 'https://developers.docusign.com/docs/platform/webhooks/connect/validate', read: '2026-11-29' },
    { url: 'https://www.rubydoc.info/gems/docusign_esign/7.0.0/DocuSign_eSign/OAuth', read: '2026-11-29' },
    { url: 'https://developers.docusign.com/platform/resource-limits', read: '2026-11-29' },
    { url: 'https://www.npmjs.com/package/docusign-esign/v/10.0.0', read: '2026-11-29' },
    { url: 'https://nango.dev/docs/api-integrations/docusign-sandbox/webhooks', read: '2026-11-29', second: true },
    { url: 'https://www.skills.sh/hookdeck/webhook-skills/docusign-webhooks', read: '2026-11-29', second: true },
    {
      url: 'https://developers.qodex.ai/docusign-s-public/docusign-esignature-rest-api/envelopes-2/gets-status-changes-for-one-or-more-envelopes',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://docs.workato.com/en/connectors/docusign/action-list-envelopes-batch',
      read: '2026-11-29',
      second: true,
    },
  ],
  // The bodies of errors and the names of some buttons were not read anew.
  unverified: ['app', 'hints'],
  definition: {
    displayName: 'Docusign',
    docsUrl: 'https://developers.docusign.com/docs/esign-rest-api/',
    categories: ['documents'],
    // Each account has its own host, which the user info returns. Injected tokens supply both as extra.
    baseUrl: '{{ kept.instance_url }}/restapi/v2.1/accounts/{{ kept.account_id }}',
    inputFields: [
      {
        name: 'environment',
        label: 'Environment',
        description: 'Default: production.',
        choices: [
          { value: 'production', label: 'Production' },
          { value: 'demo', label: 'Demo (developer account)' },
        ],
        example: 'production',
      },
    ],
    auth: {
      type: 'oauth2',
      grant: 'authorization_code',
      authorizationUrl: `${authHost}/oauth/auth`,
      tokenUrl: `${authHost}/oauth/token`,
      clientHosts: ['account.docusign.com', 'account-d.docusign.com'],
      clientAuth: 'client_secret_basic',
      // With extended, each renewal returns a refresh token that lives 30 days again.
      scopes: ['signature', 'extended'],
      refreshTokenLifetime: 'P30D',
    },
    hosts: ['account.docusign.com', 'account-d.docusign.com'],
    afterConnect: [
      {
        path: `${authHost}/oauth/userinfo`,
        keep: {
          instance_url: ['accounts', 0, 'base_uri'],
          account_id: ['accounts', 0, 'account_id'],
          account_name: ['accounts', 0, 'account_name'],
        },
      },
    ],
    responseErrors: [
      { status: 401, path: ['message'], as: 'auth', message: ['message'], code: ['errorCode'] },
      { status: 400, path: ['errorCode'], equals: 'HOURLY_APIINVOCATION_LIMIT_EXCEEDED', as: 'rate_limit' },
      ...[400, 403, 404].map((status) => ({
        status,
        path: ['message'],
        as: 'fail' as const,
        message: ['message'],
        code: ['errorCode'],
      })),
    ],
    // developers.docusign.com/platform/webhooks/connect/hmac. A second key has a header of its own, X-DocuSign-Signature-2.
    webhook: {
      verify: { method: 'hmac', header: 'X-DocuSign-Signature-1', hash: 'sha256', encoding: 'base64' },
      id: "body.event ~ ' ' ~ body.data.envelopeId ~ ' ' ~ body.generatedDateTime",
      type: 'body.event',
      connection: { value: 'body.data.accountId', equals: 'kept.account_id' },
      sync: [{ where: "'envelope-' in body.event", streams: ['envelopes'] }],
    },
    testRequest: { path: '/users?count=1' },
    streams: [
      {
        ...objects('envelopes', 'envelopes', 'envelopeId', 1000),
        // Changes while the list is read do not move an envelope to another page.
        query: { order_by: 'created', order: 'asc' },
        incremental: {
          // The parameter compares the time at which the status changed.
          cursorField: ['statusChangedDateTime'],
          param: 'from_date',
          format: 'iso8601',
          start: '2000-01-01T00:00:00Z',
        },
      },
      objects('templates', 'envelopeTemplates', 'templateId', 100),
      objects('users', 'users', 'userId', 100),
    ],
    actions,
  },
  guide: {
    app: {
      url: 'https://admindemo.docusign.com/apps-and-keys',
      steps: [
        {
          en: 'In a developer account of Docusign, open **Apps and Keys** and select **Add App and Integration Key**. Enter a name and select **Create App**.',
          de: 'Öffnen Sie in einem Entwicklerkonto von Docusign **Apps and Keys** und wählen Sie **Add App and Integration Key**. Geben Sie einen Namen ein und wählen Sie **Create App**.',
        },
        {
          en: 'Select **Add URI** and paste the callback URL as a redirect URI.',
          de: 'Wählen Sie **Add URI** und fügen Sie die Callback-URL als Redirect-URI ein.',
        },
        {
          en: 'Copy the **Integration Key**, which is the client ID. Select **Add Secret Key** and copy it: it is the client secret. Save the app.',
          de: 'Kopieren Sie den **Integration Key**, er ist die Client-ID. Wählen Sie **Add Secret Key** und kopieren Sie ihn: Er ist das Client-Secret. Speichern Sie die App.',
        },
        {
          en: 'Connect with the environment **Demo** at first. After Docusign has reviewed the app, it can go live in a production account, which needs a redirect URI and a secret key of its own.',
          de: 'Verbinden Sie zuerst mit der Umgebung **Demo**. Nach der Prüfung durch Docusign kann die App in einem Produktionskonto live gehen; dort braucht sie eine eigene Redirect-URI und einen eigenen Secret Key.',
        },
      ],
    },
    webhook: {
      url: 'https://apps.docusign.com/admin/connect',
      steps: [
        {
          en: 'In the Docusign account that owns the integration key, open **Connect** and the tab **Connect Keys**, and select **Add Secret Key**.',
          de: 'Öffnen Sie in dem Docusign-Konto, dem der Integration Key gehört, **Connect** und den Reiter **Connect Keys** und wählen Sie **Add Secret Key**.',
        },
        {
          en: 'Copy the key, which is shown only once, and save it here as the webhook secret.',
          de: 'Kopieren Sie den Schlüssel, der nur einmal angezeigt wird, und speichern Sie ihn hier als Webhook-Secret.',
        },
        {
          en: 'With the token of each connection, create a Connect configuration with the webhook URL in JSON, with HMAC and with **integratorManaged**, so that your key signs the events.',
          de: 'Legen Sie mit dem Token jeder Verbindung eine Connect-Konfiguration mit der Webhook-URL in JSON, mit HMAC und mit **integratorManaged** an, damit Ihr Schlüssel die Events signiert.',
        },
      ],
    },
    events: ['envelope-*', 'recipient-*'],
    fields: {
      environment: {
        label: 'Umgebung',
        description: 'Standard: Produktion.',
        choices: { production: 'Produktion', demo: 'Demo (Entwicklerkonto)' },
      },
    },
    scopes: {
      signature: {
        en: 'create, send and read envelopes',
        de: 'Umschläge anlegen, versenden und lesen',
      },
      extended: {
        en: 'keep the access as long as it is used',
        de: 'den Zugriff behalten, solange er genutzt wird',
      },
    },
    rateLimit: {
      words: {
        en: 'For each account 3,000 requests an hour by default, and at most 500 in 30 seconds (200 in the demo environment).',
        de: 'Je Konto standardmäßig 3.000 Anfragen pro Stunde und höchstens 500 in 30 Sekunden (in der Demoumgebung 200).',
      },
      url: 'https://developers.docusign.com/platform/resource-limits',
    },
    tokens: {
      en: 'An access token lives eight hours and a refresh token 30 days. With the scope extended, each renewal begins the 30 days anew.',
      de: 'Ein Access-Token gilt acht Stunden und ein Refresh-Token 30 Tage. Mit dem Scope extended beginnen die 30 Tage bei jeder Erneuerung von vorn.',
    },
    traps: [
      {
        en: 'A user may have several accounts. A connection uses the first that Docusign names.',
        de: 'Ein Benutzer kann mehrere Konten haben. Eine Verbindung verwendet das erste, das Docusign nennt.',
      },
      {
        en: 'Accounts of the demo and of production are separate, with other hosts, keys and data.',
        de: 'Konten der Demo und der Produktion sind getrennt, mit anderen Hosts, Schlüsseln und Daten.',
      },
      {
        en: 'Envelopes are listed by the time of the last change of their status. Another change appears with the next change of the status, or with a full sync.',
        de: 'Umschläge werden nach der letzten Änderung ihres Status aufgelistet. Eine andere Änderung erscheint mit der nächsten Änderung des Status oder bei einer vollständigen Synchronisierung.',
      },
      {
        en: 'Lists leave out the list when it is empty, and write numbers as text.',
        de: 'Listen lassen die Liste weg, wenn sie leer ist, und schreiben Zahlen als Text.',
      },
    ],
    hints: [
      {
        at: 'token',
        errors: ['invalid_grant'],
        cause: {
          en: 'The refresh token is older than 30 days, or the person has revoked the access.',
          de: 'Das Refresh-Token ist älter als 30 Tage, oder die Person hat den Zugriff widerrufen.',
        },
        operator: { en: 'Let the account be connected again.', de: 'Lassen Sie das Konto neu verbinden.' },
        person: { en: 'Connect your Docusign account again.', de: 'Verbinden Sie Ihr Docusign-Konto neu.' },
        url: 'https://www.docusign.com/blog/developers/authorization-code-grant-refresh-tokens',
      },
      {
        at: 'token',
        errors: ['invalid_client'],
        cause: {
          en: 'The integration key or its secret is wrong, or belongs to the other environment.',
          de: 'Der Integration Key oder sein Secret ist falsch oder gehört zur anderen Umgebung.',
        },
        operator: {
          en: 'A secret key of the demo does not work in production. Check both values and the environment.',
          de: 'Ein Secret Key der Demo funktioniert nicht in der Produktion. Prüfen Sie beide Werte und die Umgebung.',
        },
      },
    ],
  },
}

/** Docusign leaves out an empty list. */
function objects(name: string, listed: string, id: string, size: number): StreamDefinition {
  return {
    name,
    path: `/${name}`,
    recordsPath: [listed],
    omitsEmptyList: true,
    primaryKey: [[id]],
    pagination: { type: 'offset', param: 'start_position', limitParam: 'count', size, total: ['totalSetSize'] },
  }
}
