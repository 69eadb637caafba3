import { choice, email, input, instant, integer, limit, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { ProviderFile } from '../provider-file.ts'

const reference = 'https://cal.com/docs/api-reference/v2'

/** Each resource has versions of its own. */
const BOOKINGS = { 'cal-api-version': '2024-08-13' }

const booking = { uid: text('Uid of the booking.', { pattern: '^[A-Za-z0-9_-]+$' }) }

const actions: ActionDefinition[] = [
  {
    name: 'list_bookings',
    title: 'List bookings',
    description: 'Lists bookings of the account. Returns data and pagination.',
    docsUrl: `${reference}/bookings/get-all-bookings`,
    scopes: ['BOOKING_READ'],
    readOnly: true,
    input: input(
      {},
      {
        status: choice('Only bookings with this status.', [
          'upcoming',
          'recurring',
          'past',
          'cancelled',
          'unconfirmed',
        ]),
        attendee_email: email('Only bookings with this attendee.'),
        after_start: instant('Only bookings that start after this time.'),
        before_end: instant('Only bookings that end before this time.'),
        limit: limit(250, 100),
        skip: integer('How many results to skip. Default: 0.', { minimum: 0, default: 0 }),
      },
    ),
    request: {
      method: 'GET',
      path: '/bookings',
      headers: BOOKINGS,
      query: {
        status: '{{ args.status }}',
        attendeeEmail: '{{ args.attendee_email }}',
        afterStart: '{{ args.after_start }}',
        beforeEnd: '{{ args.before_end }}',
        take: '{{ args.limit | default(100) }}',
        skip: '{{ args.skip }}',
      },
    },
  },
  {
    name: 'create_booking',
    title: 'Book an event',
    description: 'Books an event type for an attendee, who gets an email. Returns the booking with its uid.',
    docsUrl: `${reference}/bookings/create-a-booking`,
    input: input(
      {
        event_type_id: integer('Id of the event type.', { minimum: 1 }),
        start: instant('When it starts, in UTC, such as 2026-07-01T09:00:00Z.'),
        name: text('Name of the attendee.'),
        email: email('Email address of the attendee.'),
        time_zone: text('Time zone of the attendee, such as Europe/Berlin.'),
      },
      { language: text('Language of the attendee, such as de. Default: en.', { maxLength: 10 }) },
    ),
    request: {
      method: 'POST',
      path: '/bookings',
      headers: BOOKINGS,
      json: {
        eventTypeId: '{{ args.event_type_id }}',
        start: '{{ args.start }}',
        attendee: {
          name: '{{ args.name }}',
          email: '{{ args.email }}',
          timeZone: '{{ args.time_zone }}',
          language: '{{ args.language }}',
        },
      },
    },
    output: ['data'],
  },
  {
    name: 'cancel_booking',
    title: 'Cancel a booking',
    description: 'Cancels a booking. The attendees get an email. Returns the booking.',
    docsUrl: `${reference}/bookings/cancel-a-booking`,
    destructive: true,
    input: input({ ...booking, reason: text('Reason, which the attendees see.') }),
    request: {
      method: 'POST',
      path: '/bookings/{{ args.uid }}/cancel',
      headers: BOOKINGS,
      json: { cancellationReason: '{{ args.reason }}' },
    },
    output: ['data'],
  },
]

export const provider: ProviderFile = {
  aliases: ['calcom', 'cal com', 'calendso', 'appointment booking'],
  logo: 'caldotcom',
  color: '#292929',
  sources: [
    { url: 'https://cal.com/docs/api-reference/v2/oauth', read: '2026-11-29' },
    { url: 'https://github.com/calcom/cal.com', read: '2026-11-29' },
    { url: 'https://cal.com/docs/api-reference/v2/teams-bookings/get-team-bookings', read: '2026-11-29' },
    { url: 'https://calcom.mintlify.app/api-reference/v2/bookings/get-all-bookings', read: '2026-11-29' },
    { url: 'https://cal.com/docs/api-reference/v2/bookings/create-a-booking', read: '2026-11-29' },
    { url: 'https://cal.com/docs/api-reference/v2/event-types/list-event-types', read: '2026-11-29' },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
    },
    { url: 'https://www.npmjs.com/package/n8n-nodes-base', read: '2026-11-29', second: true },
    { url: 'https://docs.icalendly.com/bookings/get-all-bookings', read: '2026-11-29', second: true },
  ],
  // Where the key and the webhook are made was not read.
  unverified: ['webhook', 'key', 'rateLimit'],
  definition: {
    displayName: 'Cal.com',
    docsUrl: 'https://cal.com/docs/api-reference/v2/introduction',
    categories: ['scheduling', 'calendar'],
    baseUrl: 'https://api.cal.com/v2',
    auth: {
      type: 'selective',
      options: [
        {
          key: 'oauth',
          label: 'Sign in with Cal.com',
          auth: {
            type: 'oauth2',
            grant: 'authorization_code',
            authorizationUrl: 'https://app.cal.com/auth/oauth2/authorize',
            tokenUrl: 'https://api.cal.com/v2/auth/oauth2/token',
            scopes: ['PROFILE_READ', 'BOOKING_READ', 'EVENT_TYPE_READ', 'SCHEDULE_READ'],
            // Only clients without a secret use it.
            pkce: 'none',
          },
        },
        {
          key: 'api_key',
          label: 'API key',
          auth: {
            type: 'bearer',
            fields: [{ name: 'api_key', label: 'API key', secret: true, required: true }],
            token: '{{ config.api_key }}',
          },
        },
      ],
    },
    responseErrors: [
      { status: 401, path: ['error', 'message'], as: 'auth', message: ['error', 'message'] },
      ...[400, 403, 404].map((status) => ({
        status,
        path: ['error', 'message'],
        as: 'fail' as const,
        message: ['error', 'message'],
      })),
    ],
    webhook: {
      verify: { method: 'hmac', header: 'X-Cal-Signature-256', hash: 'sha256', encoding: 'hex' },
      id: "body.triggerEvent ~ ' ' ~ body.payload.uid ~ ' ' ~ body.createdAt",
      type: 'body.triggerEvent',
      // Events name the organizer, who need not be the person that made the webhook.
      connection: { value: 'query.external_id', equals: 'externalId' },
      sync: [{ where: "'BOOKING_' in body.triggerEvent", streams: ['bookings'] }],
    },
    testRequest: { path: '/me' },
    streams: [
      {
        name: 'bookings',
        path: '/bookings',
        headers: BOOKINGS,
        query: { sortUpdatedAt: 'asc' },
        recordsPath: ['data'],
        primaryKey: [['uid']],
        pagination: {
          type: 'offset',
          param: 'skip',
          limitParam: 'take',
          size: 250,
          hasMore: ['pagination', 'hasNextPage'],
        },
        // Bookings that were updated after this time, without the time itself.
        incremental: { cursorField: ['updatedAt'], param: 'afterUpdatedAt', format: 'iso8601', lookback: 'PT1S' },
      },
      {
        name: 'event_types',
        path: '/event-types',
        headers: { 'cal-api-version': '2024-06-14' },
        recordsPath: ['data'],
        primaryKey: [['id']],
      },
      {
        name: 'schedules',
        path: '/schedules',
        headers: { 'cal-api-version': '2024-06-11' },
        recordsPath: ['data'],
        primaryKey: [['id']],
      },
    ],
    actions,
  },
  guide: {
    app: {
      url: 'https://app.cal.com/settings/developer/oauth',
      steps: [
        {
          en: 'Create an OAuth client that keeps a secret, not a public one, and enter a name.',
          de: 'Legen Sie einen OAuth-Client an, der ein Secret hat, keinen öffentlichen, und geben Sie einen Namen ein.',
        },
        {
          en: 'Add the callback URL as a redirect URI. Up to 10 are possible.',
          de: 'Fügen Sie die Callback-URL als Redirect-URI hinzu. Bis zu 10 sind möglich.',
        },
        {
          en: 'Select the scopes that are listed here and create the client. Copy the client ID and the client secret.',
          de: 'Wählen Sie die hier genannten Scopes und legen Sie den Client an. Kopieren Sie die Client-ID und das Client-Secret.',
        },
        {
          en: 'The client is pending until Cal.com has reviewed it and sends you an email. Until then, nobody can connect.',
          de: 'Der Client wartet, bis Cal.com ihn geprüft hat und Ihnen eine E-Mail sendet. Bis dahin kann sich niemand verbinden.',
        },
      ],
    },
    key: {
      url: 'https://app.cal.com/settings/developer/api-keys',
      steps: [
        {
          en: 'Open the settings of your account, then **Developer** and **API keys**, and add a key. It begins with cal_.',
          de: 'Öffnen Sie die Einstellungen Ihres Kontos, dann **Developer** und **API keys**, und fügen Sie einen Schlüssel hinzu. Er beginnt mit cal_.',
        },
      ],
    },
    webhook: {
      url: 'https://app.cal.com/settings/developer/webhooks',
      steps: [
        {
          en: 'Add a webhook. Paste the webhook URL and append ?external_id= with the external ID of the connection.',
          de: 'Fügen Sie einen Webhook hinzu. Fügen Sie die Webhook-URL ein und hängen Sie ?external_id= mit der externen ID der Verbindung an.',
        },
        {
          en: 'Enter the webhook secret as its secret, select the events, leave the payload template as it is, and save.',
          de: 'Geben Sie das Webhook-Secret als dessen Secret ein, wählen Sie die Events, lassen Sie die Vorlage der Payload unverändert und speichern Sie.',
        },
      ],
    },
    events: ['BOOKING_CREATED', 'BOOKING_RESCHEDULED', 'BOOKING_CANCELLED', 'MEETING_ENDED'],
    fields: { api_key: { label: 'API-Schlüssel' } },
    options: { oauth: 'Mit Cal.com anmelden', api_key: 'API-Schlüssel' },
    tokens: {
      en: 'An access token lives for 30 minutes. Each renewal returns a refresh token, too.',
      de: 'Ein Access-Token gilt 30 Minuten. Jede Erneuerung liefert auch einen Refresh-Token.',
    },
    traps: [
      {
        en: 'The version of the API is a header, and each resource has versions of its own. Without it, an old version answers.',
        de: 'Die Version der API ist ein Header, und jede Ressource hat eigene Versionen. Ohne ihn antwortet eine alte Version.',
      },
      {
        en: 'Creating, rescheduling and cancelling bookings needs no scope, because these endpoints are public.',
        de: 'Das Anlegen, Verschieben und Absagen von Buchungen braucht keinen Scope, weil diese Endpunkte öffentlich sind.',
      },
    ],
    scopes: {
      PROFILE_READ: { en: 'see your profile', de: 'Ihr Profil sehen' },
      BOOKING_READ: { en: 'see your bookings', de: 'Ihre Buchungen sehen' },
      BOOKING_WRITE: {
        en: 'confirm, decline and change your bookings',
        de: 'Ihre Buchungen bestätigen, ablehnen und ändern',
      },
      EVENT_TYPE_READ: { en: 'see your event types', de: 'Ihre Terminarten sehen' },
      EVENT_TYPE_WRITE: {
        en: 'create, change and delete your event types',
        de: 'Ihre Terminarten anlegen, ändern und löschen',
      },
      SCHEDULE_READ: { en: 'see when you are available', de: 'sehen, wann Sie verfügbar sind' },
      SCHEDULE_WRITE: {
        en: 'create, change and delete your availability',
        de: 'Ihre Verfügbarkeit anlegen, ändern und löschen',
      },
    },
    rateLimit: null,
    hints: [
      {
        at: 'provider_page',
        messages: ['Client not approved'],
        cause: {
          en: 'Cal.com has not approved the OAuth client yet.',
          de: 'Cal.com hat den OAuth-Client noch nicht freigegeben.',
        },
        operator: {
          en: 'Wait for the email of Cal.com, and try again then.',
          de: 'Warten Sie auf die E-Mail von Cal.com und versuchen Sie es dann noch einmal.',
        },
        url: 'https://cal.com/docs/api-reference/v2/oauth',
      },
      {
        at: 'consent',
        errors: ['invalid_request'],
        messages: ["exceeds the client's registered scopes"],
        cause: {
          en: 'The integration requests a scope that the OAuth client does not have.',
          de: 'Die Integration fordert einen Scope an, den der OAuth-Client nicht hat.',
        },
        operator: {
          en: 'Select the scope in the OAuth client, or remove it from the integration.',
          de: 'Wählen Sie den Scope im OAuth-Client aus oder entfernen Sie ihn aus der Integration.',
        },
        url: 'https://cal.com/docs/api-reference/v2/oauth',
      },
      {
        at: 'token',
        errors: ['invalid_client'],
        cause: {
          en: 'The client ID does not exist, or the client secret does not belong to it.',
          de: 'Die Client-ID gibt es nicht, oder das Client-Secret gehört nicht zu ihr.',
        },
        operator: {
          en: 'Enter both values of the same OAuth client.',
          de: 'Tragen Sie beide Werte desselben OAuth-Clients ein.',
        },
        url: 'https://cal.com/docs/api-reference/v2/oauth',
      },
      {
        at: 'token',
        errors: ['invalid_grant'],
        messages: ['invalid_refresh_token'],
        cause: {
          en: 'The refresh token is invalid or has expired.',
          de: 'Der Refresh-Token ist ungültig oder abgelaufen.',
        },
        operator: { en: 'Let the account be reconnected.', de: 'Lassen Sie das Konto neu verbinden.' },
        person: { en: 'Connect your Cal.com account again.', de: 'Verbinden Sie Ihr Cal.com-Konto neu.' },
        url: 'https://cal.com/docs/api-reference/v2/oauth',
      },
    ],
  },
}
