import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

export const provider: ProviderFile = {
  aliases: ['meeting links', 'appointment booking'],
  logo: 'calendly',
  color: '#006bff',
  sources: [
    { url: 'https://developer.calendly.com/docs/authentication/creating-an-oauth-app', read: '2026-11-29' },
    { url: 'https://developer.calendly.com/docs/authentication/scopes', read: '2026-11-29' },
    { url: 'https://developer.calendly.com/docs/webhooks/overview', read: '2026-11-29' },
    { url: 'https://developer.calendly.com/api-docs/overview/rate-limits', read: '2026-11-29' },
    { url: 'https://developer.calendly.com/release-notes/2026/11/3', read: '2026-11-29' },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
    },
  ],
  definition: {
    displayName: 'Calendly',
    docsUrl:
      'https://developer.calendly.com/docs/authentication/how-to-access-calendly-data-on-behalf-of-authenticated-users',
    categories: ['calendar', 'scheduling'],
    baseUrl: 'https://api.calendly.com',
    auth: {
      type: 'oauth2',
      grant: 'authorization_code',
      authorizationUrl: 'https://auth.calendly.com/oauth/authorize',
      tokenUrl: 'https://auth.calendly.com/oauth/token',
      revocation: { url: 'https://auth.calendly.com/oauth/revoke' },
      scopes: ['users:read', 'event_types:read', 'scheduled_events:read'],
      // The user and the organization, as URLs of the API. Injected tokens supply them as extra.owner and extra.organization.
      tokenResponse: { keep: { owner: ['owner'], organization: ['organization'] } },
      // A refresh token works once (developer.calendly.com/refresh-token-rotation-guide).
      rotation: 'strict',
    },
    responseErrors: [
      { status: 401, path: ['message'], as: 'auth', message: ['message'] },
      { status: 403, path: ['message'], as: 'fail', message: ['message'] },
    ],
    // developer.calendly.com/docs/webhooks/overview
    webhook: {
      verify: {
        method: 'hmac',
        header: 'Calendly-Webhook-Signature',
        hash: 'sha256',
        encoding: 'hex',
        prefix: 'v1=',
        message: '{{ timestamp }}.{{ body }}',
        timestamp: { header: 'Calendly-Webhook-Signature', prefix: 't=', tolerance: 'PT3M' },
      },
      // Events have no id.
      id: "body.event ~ ' ' ~ body.payload.uri ~ ' ' ~ body.created_at",
      type: 'body.event',
      // The user whose token created the webhook.
      connection: { value: 'body.created_by', equals: 'kept.owner' },
      sync: [
        { where: "'invitee' in body.event", streams: ['scheduled_events'] },
        { where: "'event_type.' in body.event", streams: ['event_types'] },
      ],
    },
    testRequest: { path: '/users/me' },
    streams: [objects('event_types'), objects('scheduled_events')],
  },
  guide: {
    app: {
      url: 'https://developer.calendly.com/console/apps',
      steps: [
        {
          en: 'Sign up for a developer account with GitHub or Google; it is not your account as a Calendly user. Select **Create new app**, the kind **Web** and the environment **Production**. For tests, create a second app in **Sandbox**.',
          de: 'Registrieren Sie mit GitHub oder Google ein Entwicklerkonto; es ist nicht Ihr Calendly-Nutzerkonto. Wählen Sie **Create new app**, die Art **Web** und die Umgebung **Production**. Für Tests legen Sie eine zweite App in **Sandbox** an.',
        },
        {
          en: 'Paste the callback URL as the **Redirect URI**. In Production it has to begin with https.',
          de: 'Fügen Sie die Callback-URL als **Redirect URI** ein. In Production muss sie mit https beginnen.',
        },
        {
          en: 'Select each scope that is listed here. Without scopes, a new application has no access to the API.',
          de: 'Wählen Sie jeden hier genannten Scope. Ohne Scopes hat eine neue Anwendung keinen Zugriff auf die API.',
        },
        {
          en: 'Continue, and copy **Client ID** and **Client Secret**. Calendly shows the secret only now.',
          de: 'Gehen Sie weiter und kopieren Sie die **Client ID** und das **Client Secret**. Calendly zeigt das Secret nur jetzt.',
        },
      ],
    },
    webhook: {
      url: 'https://developer.calendly.com/docs/webhooks/overview',
      steps: [
        {
          en: 'Make up a long random text and save it here as the webhook secret.',
          de: 'Denken Sie sich einen langen zufälligen Text aus und speichern Sie ihn hier als Webhook-Secret.',
        },
        {
          en: 'Add the scope webhooks:write to the Calendly application and to the integration, and connect the accounts with it.',
          de: 'Ergänzen Sie den Scope webhooks:write in der Calendly-Anwendung und in der Integration und verbinden Sie die Konten damit.',
        },
        {
          en: 'For each connection, send POST /webhook_subscriptions with its token: **url** is the webhook URL, **signing_key** is the webhook secret, **scope** is user, and **events**, **organization** and **user** say what is reported.',
          de: 'Senden Sie für jede Verbindung POST /webhook_subscriptions mit ihrem Token: **url** ist die Webhook-URL, **signing_key** das Webhook-Secret, **scope** ist user, und **events**, **organization** und **user** bestimmen, was gemeldet wird.',
        },
      ],
    },
    events: ['invitee.*', 'event_type.*'],
    scopes: {
      'users:read': { en: 'read your profile', de: 'Ihr Profil lesen' },
      'event_types:read': {
        en: 'read your event types and their available times',
        de: 'Ihre Terminarten und deren freie Zeiten lesen',
      },
      'scheduled_events:read': {
        en: 'read your scheduled events and who is invited',
        de: 'Ihre gebuchten Termine und die Eingeladenen lesen',
      },
      'webhooks:write': {
        en: 'set up and remove notifications about your events',
        de: 'Benachrichtigungen über Ihre Termine einrichten und entfernen',
      },
    },
    rateLimit: {
      words: {
        en: '500 requests a minute for each user on a paid plan, 50 on the free plan.',
        de: '500 Anfragen pro Minute je Person mit kostenpflichtigem Tarif, 50 mit kostenlosem Tarif.',
      },
      url: 'https://developer.calendly.com/api-docs/overview/rate-limits',
    },
    hints: [
      {
        at: 'provider_page',
        cause: {
          en: 'The callback URL is not the redirect URI of the Calendly application.',
          de: 'Die Callback-URL ist nicht die Redirect URI der Calendly-Anwendung.',
        },
        operator: {
          en: 'Enter the callback URL in the application as the **Redirect URI**, exactly as it is. Each application is either for **Sandbox** or for **Production**.',
          de: 'Tragen Sie die Callback-URL in der Anwendung zeichengenau als **Redirect URI** ein. Jede Anwendung gilt entweder für **Sandbox** oder für **Production**.',
        },
        url: 'https://developer.calendly.com/docs/authentication/creating-an-oauth-app',
      },
      {
        at: 'token',
        errors: ['invalid_client'],
        cause: {
          en: 'The client id or the client secret is wrong, or they belong to different applications.',
          de: 'Die Client-ID oder das Client-Secret ist falsch, oder sie gehören zu verschiedenen Anwendungen.',
        },
        operator: {
          en: 'Enter both values of the same application. A secret that is lost has to be replaced, because Calendly shows it only once.',
          de: 'Tragen Sie beide Werte derselben Anwendung ein. Ein verlorenes Secret muss ersetzt werden, weil Calendly es nur einmal zeigt.',
        },
      },
      {
        at: 'token',
        errors: ['invalid_grant'],
        messages: ['expired, revoked'],
        cause: {
          en: 'The access was revoked at Calendly, or has expired.',
          de: 'Der Zugriff wurde bei Calendly widerrufen oder ist abgelaufen.',
        },
        operator: { en: 'Let the account be reconnected.', de: 'Lassen Sie das Konto neu verbinden.' },
        person: { en: 'Connect your Calendly account again.', de: 'Verbinden Sie Ihr Calendly-Konto neu.' },
      },
      {
        at: 'request',
        statuses: [403],
        messages: ['upgrade to a paid Calendly account'],
        cause: {
          en: 'The plan of the Calendly account does not contain this function.',
          de: 'Der Tarif des Calendly-Kontos enthält diese Funktion nicht.',
        },
        operator: {
          en: 'Leave out the events that need a higher plan, or ask the person to change the plan.',
          de: 'Lassen Sie die Events weg, die einen höheren Tarif brauchen, oder bitten Sie die Person, den Tarif zu wechseln.',
        },
        person: {
          en: 'Change to a paid plan at Calendly.',
          de: 'Wechseln Sie bei Calendly zu einem kostenpflichtigen Tarif.',
        },
        url: 'https://developer.calendly.com/release-notes/2026/11/3',
      },
    ],
  },
}

function objects(name: string): StreamDefinition {
  return {
    name,
    path: `/${name}`,
    query: { user: '{{ kept.owner }}', count: '100' },
    recordsPath: ['collection'],
    primaryKey: [['uri']],
    pagination: { type: 'next_url', path: ['pagination', 'next_page'] },
  }
}
