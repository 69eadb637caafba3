import { email, input, limit, page, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const isDemo = "input.environment == 'demo'"
const host = `https://{{ 'api.gusto-demo.com' if ${isDemo} else 'api.gusto.com' }}`
const company = '/v1/companies/{{ kept.company_uuid }}'

const actions: ActionDefinition[] = [
  {
    name: 'list_employees',
    title: 'List employees',
    description: 'Lists the employees of the company, also those who have left.',
    docsUrl: 'https://docs.gusto.com/app-integrations/reference/get-v1-employees',
    scopes: ['employees:read'],
    readOnly: true,
    input: input({}, { limit: limit(100, 25), page: page() }),
    request: {
      method: 'GET',
      path: `${company}/employees`,
      query: {
        per: '{{ args.limit | default(25) }}',
        page: '{{ args.page | default(1) }}',
      },
    },
  },
  {
    name: 'create_employee',
    title: 'Create an employee',
    description: 'Creates an employee and returns it.',
    docsUrl: 'https://docs.gusto.com/app-integrations/reference/post-v1-employees',
    scopes: ['employees:manage'],
    input: input(
      { first_name: text('First name.'), last_name: text('Last name.') },
      { email: email('Email address of the employee, who is not invited yet.') },
    ),
    request: {
      method: 'POST',
      path: `${company}/employees`,
      json: { first_name: '{{ args.first_name }}', last_name: '{{ args.last_name }}', email: '{{ args.email }}' },
    },
  },
]

export const provider: ProviderFile = {
  aliases: ['zenpayroll', 'zen payroll', 'gusto payroll', 'gusto embedded'],
  logo: 'gusto',
  color: '#f45d48',
  sources: [
    { url: 'https://docs.gusto.com/app-integrations/v2024-04-01/reference/refresh-access-token', read: '2026-11-29' },
    { url: 'https://docs.gusto.com/embedded-payroll/reference/webhooks', read: '2026-11-29' },
    { url: 'https://docs.gusto.com/app-integrations/docs/webhooks', read: '2026-11-29' },
    {
      url: 'https://docs.gusto.com/embedded-payroll/changelog/return-422-for-invalid-or-inaccessible-webhook-subscription-urls',
      read: '2026-11-29',
    },
    { url: 'https://docs.gusto.com/app-integrations/v2024-03-01/docs/pagination', read: '2026-11-29' },
    { url: 'https://docs.gusto.com/app-integrations/reference/post-v1-employees.md', read: '2026-11-29' },
    { url: 'https://docs.gusto.com/embedded-payroll/docs/create-a-department', read: '2026-11-29' },
    { url: 'https://www.npmjs.com/package/@gusto/embedded-api/v/1.0.0', read: '2026-11-29' },
    { url: 'https://docs.gusto.com/app-integrations/docs/rate-limits', read: '2026-11-29' },
    { url: 'https://docs.gusto.com/embedded-payroll/docs/api-fundamentals.md', read: '2026-11-29' },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
    },
  ],
  // The bodies of errors and the names of buttons were not read.
  unverified: ['app', 'hints'],
  definition: {
    displayName: 'Gusto',
    docsUrl: 'https://docs.gusto.com/app-integrations/docs/authentication',
    categories: ['hr'],
    baseUrl: host,
    inputFields: [
      {
        name: 'environment',
        label: 'Environment',
        description: 'Default: production.',
        choices: [
          { value: 'production', label: 'Production' },
          { value: 'demo', label: 'Demo (gusto-demo.com)' },
        ],
        example: 'production',
      },
    ],
    auth: {
      type: 'oauth2',
      grant: 'authorization_code',
      authorizationUrl: `${host}/oauth/authorize`,
      tokenUrl: `${host}/oauth/token`,
      clientHosts: ['api.gusto.com', 'api.gusto-demo.com'],
      // The scopes are those that Gusto approved for the application. The previous refresh token ends when the new access token is
      // first used.
      rotation: 'rotating',
    },
    headers: { Accept: 'application/json', 'X-Gusto-API-Version': '2025-06-15' },
    afterConnect: [{ path: '/v1/token_info', keep: { company_uuid: ['resource', 'uuid'] } }],
    responseErrors: [
      { status: 401, path: ['errors', 0, 'message'], as: 'auth', message: ['errors', 0, 'message'] },
      ...[400, 403, 404, 409, 422].map((status) => ({
        status,
        path: ['errors', 0, 'message'],
        as: 'fail' as const,
        message: ['errors', 0, 'message'],
      })),
    ],
    // docs.gusto.com/app-integrations/docs/webhooks. One subscription has the events of all companies that use the application.
    webhook: {
      verify: { method: 'hmac', header: 'X-Gusto-Signature', hash: 'sha256', encoding: 'hex' },
      handshake: [{ where: 'body.verification_token', answer: 'ok', secret: 'body.verification_token' }],
      id: 'body.uuid',
      type: 'body.event_type',
      connection: { value: 'body.resource_uuid', equals: 'kept.company_uuid' },
      sync: [
        { where: "'employee.' in body.event_type", streams: ['employees'] },
        { where: "'department.' in body.event_type", streams: ['departments'] },
        { where: "'location.' in body.event_type", streams: ['locations'] },
      ],
    },
    testRequest: { path: '/v1/token_info' },
    streams: [
      objects('employees'),
      { ...objects('departments'), pagination: undefined, query: {} },
      objects('locations'),
    ],
    actions,
  },
  guide: {
    app: {
      url: 'https://dev.gusto.com/',
      steps: [
        {
          en: 'Sign up at the developer portal of Gusto, and create an organization and an application.',
          de: 'Registrieren Sie sich im Entwicklerportal von Gusto und legen Sie eine Organisation und eine Anwendung an.',
        },
        {
          en: 'Add the callback URL as a redirect URI of the application.',
          de: 'Ergänzen Sie die Callback-URL als Redirect-URI der Anwendung.',
        },
        {
          en: 'Copy the client ID and the secret. They belong to the demo environment (gusto-demo.com): choose **Demo** when you connect.',
          de: 'Kopieren Sie die Client-ID und das Secret. Sie gehören zur Demoumgebung (gusto-demo.com): Wählen Sie beim Verbinden **Demo**.',
        },
        {
          en: 'For production, apply for the approval of Gusto, which reviews the application and its scopes and then issues other credentials.',
          de: 'Für die Produktion beantragen Sie die Freigabe bei Gusto. Gusto prüft die Anwendung und ihre Scopes und gibt dann andere Zugangsdaten aus.',
        },
      ],
    },
    webhook: {
      url: 'https://docs.gusto.com/app-integrations/docs/webhooks',
      steps: [
        {
          en: 'With a system access token of the application, send POST /v1/webhook_subscriptions: **url** is the webhook URL, and **subscription_types** are the kinds of events, such as Employee.',
          de: 'Senden Sie mit einem System-Access-Token der Anwendung POST /v1/webhook_subscriptions: **url** ist die Webhook-URL, und **subscription_types** sind die Arten der Events, zum Beispiel Employee.',
        },
        {
          en: 'Gusto sends a verification token to the URL at once. It appears here; save it as the webhook secret.',
          de: 'Gusto sendet sofort ein Verifizierungstoken an die URL. Es erscheint hier; speichern Sie es als Webhook-Secret.',
        },
        {
          en: 'Confirm it with PUT /v1/webhook_subscriptions/…/verify, where **verification_token** is this token.',
          de: 'Bestätigen Sie es mit PUT /v1/webhook_subscriptions/…/verify; **verification_token** ist dieses Token.',
        },
      ],
    },
    events: ['company.*', 'employee.*', 'department.*', 'location.*', 'payroll.*'],
    fields: {
      environment: {
        label: 'Umgebung',
        description: 'Standard: Produktion.',
        choices: { production: 'Produktion', demo: 'Demo (gusto-demo.com)' },
      },
    },
    scopes: {
      'employees:read': { en: 'read the employees of your company', de: 'die Beschäftigten Ihres Unternehmens lesen' },
      'employees:manage': {
        en: 'create and change the employees of your company',
        de: 'die Beschäftigten Ihres Unternehmens anlegen und ändern',
      },
    },
    rateLimit: {
      words: {
        en: '200 requests in 60 seconds for each connection.',
        de: '200 Anfragen in 60 Sekunden je Verbindung.',
      },
      url: 'https://docs.gusto.com/app-integrations/docs/rate-limits',
    },
    tokens: {
      en: 'Each renewal returns a new refresh token. The previous one ends when the new access token is first used.',
      de: 'Jede Erneuerung liefert ein neues Refresh-Token. Das vorherige endet, sobald das neue Access-Token zum ersten Mal verwendet wird.',
    },
    traps: [
      {
        en: 'A connection belongs to one company. People who administer several choose one of them when they connect.',
        de: 'Eine Verbindung gehört zu einem Unternehmen. Wer mehrere verwaltet, wählt beim Verbinden eines aus.',
      },
      {
        en: 'Only one application of an organization at Gusto may have webhooks.',
        de: 'Nur eine Anwendung einer Organisation bei Gusto darf Webhooks haben.',
      },
      {
        en: 'Events carry ids only. The data has to be read.',
        de: 'Events enthalten nur IDs. Die Daten müssen gelesen werden.',
      },
    ],
    hints: [
      {
        at: 'token',
        errors: ['invalid_client'],
        cause: {
          en: 'The client ID or the secret is wrong, or belongs to the other environment.',
          de: 'Client-ID oder Secret ist falsch oder gehört zur anderen Umgebung.',
        },
        operator: {
          en: 'Credentials of the demo work with the environment **Demo** only. Check both values and the environment.',
          de: 'Zugangsdaten der Demo funktionieren nur mit der Umgebung **Demo**. Prüfen Sie beide Werte und die Umgebung.',
        },
      },
    ],
  },
}

function objects(name: string): StreamDefinition {
  return {
    name,
    path: `${company}/${name}`,
    primaryKey: [['uuid']],
    pagination: {
      type: 'page',
      param: 'page',
      start: 1,
      sizeParam: 'per',
      size: 100,
      totalPages: 'header:x-total-pages',
    },
  }
}
