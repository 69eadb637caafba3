import { choice, cursor, input, integer, limit, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { ProviderFile } from '../provider-file.ts'

const reference = 'https://developers.zoom.us/docs/api/meetings/#tag/meetings'

const meeting = { meeting_id: integer('Number of the meeting.', { minimum: 1 }) }

/** `scopes` are configured in the app. */
const actions: ActionDefinition[] = [
  {
    name: 'create_meeting',
    title: 'Create a meeting',
    description:
      'Creates a meeting of the connected user and returns it with its id, join_url and start_url. Without start_time it is an instant meeting. Anyone who has the start_url can start the meeting as its host.',
    docsUrl: `${reference}/post/users/{userId}/meetings`,
    scopes: ['meeting:write:meeting'],
    input: input(
      { topic: text('Topic.', { maxLength: 200 }) },
      {
        start_time: text(
          'When it begins: 2026-07-01T07:00:00Z in UTC, or 2026-07-01T09:00:00 as local time in timezone.',
          { pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}Z?$' },
        ),
        duration: integer('Length in minutes. Default: 60.', { minimum: 1, maximum: 1440 }),
        timezone: text('Time zone of start_time, such as Europe/Berlin. Default: that of the user.'),
        agenda: text('Description.', { maxLength: 2000 }),
      },
    ),
    request: {
      method: 'POST',
      path: '/users/me/meetings',
      json: {
        topic: '{{ args.topic }}',
        // 1: instant, 2: scheduled.
        type: '{{ 2 if args.start_time else 1 }}',
        start_time: '{{ args.start_time }}',
        duration: '{{ args.duration }}',
        timezone: '{{ args.timezone }}',
        agenda: '{{ args.agenda }}',
      },
    },
  },
  {
    name: 'get_meeting',
    title: 'Get a meeting',
    description: 'Returns one meeting: topic, times, join_url and settings.',
    docsUrl: `${reference}/get/meetings/{meetingId}`,
    scopes: ['meeting:read:meeting'],
    readOnly: true,
    input: input(meeting),
    request: { method: 'GET', path: '/meetings/{{ args.meeting_id }}' },
  },
  {
    name: 'list_meetings',
    title: 'List meetings',
    description:
      'Lists the meetings of the connected user. Returns meetings; next_page_token is the cursor of the next page.',
    docsUrl: `${reference}/get/users/{userId}/meetings`,
    scopes: ['meeting:read:list_meetings'],
    readOnly: true,
    input: input(
      {},
      {
        type: choice('Which meetings. Default: scheduled.', ['scheduled', 'live', 'upcoming', 'previous_meetings']),
        limit: limit(300, 30),
        cursor: cursor('next_page_token'),
      },
    ),
    request: {
      method: 'GET',
      path: '/users/me/meetings',
      query: {
        type: "{{ args.type | default('scheduled') }}",
        page_size: '{{ args.limit | default(30) }}',
        next_page_token: '{{ args.cursor }}',
      },
    },
  },
  {
    name: 'delete_meeting',
    title: 'Delete a meeting',
    description: 'Cancels a meeting. Zoom can restore it for 7 days. Returns nothing.',
    docsUrl: `${reference}/delete/meetings/{meetingId}`,
    scopes: ['meeting:delete:meeting'],
    destructive: true,
    input: input(meeting),
    request: { method: 'DELETE', path: '/meetings/{{ args.meeting_id }}' },
  },
]

export const provider: ProviderFile = {
  aliases: ['zoom meetings', 'zoom video', 'zoom.us'],
  logo: 'zoom',
  color: '#0b5cff',
  sources: [
    { url: 'https://developers.zoom.us/docs/build-flow/create-oauth-apps/', read: '2026-11-29' },
    { url: 'https://developers.zoom.us/docs/build-flow/basic-info/app-credentials/', read: '2026-11-29' },
    { url: 'https://developers.zoom.us/docs/platform/key-concepts/', read: '2026-11-29' },
    { url: 'https://developers.zoom.us/docs/api/webhooks/', read: '2026-11-29' },
    { url: 'https://developers.zoom.us/docs/api/rate-limits/', read: '2026-11-29' },
    { url: 'https://developers.zoom.us/docs/integrations/oauth-error-messages/', read: '2026-11-29' },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
      differs:
        'Nango separates scopes by commas. The file requests none, because Zoom grants those of the app; Airweave separates them by spaces.',
    },
    { url: 'https://github.com/airweave-ai/airweave', read: '2026-11-29', second: true },
  ],
  definition: {
    displayName: 'Zoom',
    docsUrl: 'https://developers.zoom.us/docs/integrations/oauth/',
    categories: ['communication', 'video'],
    baseUrl: 'https://api.zoom.us/v2',
    auth: {
      type: 'oauth2',
      grant: 'authorization_code',
      authorizationUrl: 'https://zoom.us/oauth/authorize',
      tokenUrl: 'https://zoom.us/oauth/token',
      revocation: { url: 'https://zoom.us/oauth/revoke' },
      // Scopes are configured in the app and requested as a whole.
      clientAuth: 'client_secret_basic',
      tokenResponse: { errorDescription: ['reason'] },
      // Each refresh returns a new refresh token and invalidates the previous one.
      rotation: 'strict',
    },
    afterConnect: [{ path: '/users/me', keep: { user_id: ['id'], account_id: ['account_id'] } }],
    // developers.zoom.us/docs/api/webhooks
    webhook: {
      verify: {
        method: 'hmac',
        header: 'x-zm-signature',
        hash: 'sha256',
        encoding: 'hex',
        prefix: 'v0=',
        message: 'v0:{{ timestamp }}:{{ body }}',
        timestamp: { header: 'x-zm-request-timestamp', tolerance: 'PT5M' },
      },
      handshake: [
        {
          where: "body.event == 'endpoint.url_validation'",
          sign: 'body.payload.plainToken',
          answer: '{"plainToken": {{ body.payload.plainToken | tojson }}, "encryptedToken": {{ signature | tojson }}}',
          type: 'application/json',
        },
      ],
      // Events have no id. Several people may join or leave a meeting at one time.
      id: "body.event ~ ':' ~ body.event_ts ~ ':' ~ (body.payload.object.uuid or body.payload.object.id) if not body.payload.object.participant else none",
      type: 'body.event',
      // The host of a meeting, or the user of an event about a user. The account would also be that of other users.
      connection: { value: 'body.payload.object.host_id or body.payload.object.id', equals: 'kept.user_id' },
      sync: [
        {
          where: "body.event in ['meeting.created', 'meeting.updated', 'meeting.deleted', 'meeting.ended']",
          streams: ['meetings'],
        },
        { where: "'user.' in body.event", streams: ['users'] },
      ],
    },
    testRequest: { path: '/users/me' },
    streams: [
      {
        // Needs user:read:list_users:admin, which only an admin-managed app can have.
        name: 'users',
        path: '/users',
        query: { page_size: '300' },
        recordsPath: ['users'],
        primaryKey: [['id']],
        pagination: { type: 'cursor', path: ['next_page_token'], param: 'next_page_token' },
      },
      {
        name: 'meetings',
        path: '/users/me/meetings',
        query: { page_size: '300', type: 'scheduled' },
        recordsPath: ['meetings'],
        primaryKey: [['uuid']],
        pagination: { type: 'cursor', path: ['next_page_token'], param: 'next_page_token' },
      },
    ],
    actions,
  },
  guide: {
    app: {
      url: 'https://marketplace.zoom.us/',
      steps: [
        {
          en: 'Sign in, select **Develop** and **Build App**, choose **General app**, and select **Create**. Your role in the Zoom account needs the right **Zoom for developers**.',
          de: 'Melden Sie sich an, wählen Sie **Develop** und **Build App**, dann **General app** und **Create**. Ihre Rolle im Zoom-Konto muss das Recht **Zoom for developers** haben.',
        },
        {
          en: 'On the page **Basic Information**, paste the callback URL as the **OAuth Redirect URL**, and add it to the **OAuth Allow Lists** too.',
          de: 'Fügen Sie auf der Seite **Basic Information** die Callback-URL als **OAuth Redirect URL** ein und tragen Sie sie auch in die **OAuth Allow Lists** ein.',
        },
        {
          en: 'Under **Select how the app is managed**, choose **Admin-managed** if the list of all users of an account is to be read, which only its administrators can allow; otherwise choose **User-managed**.',
          de: 'Wählen Sie unter **Select how the app is managed** die Option **Admin-managed**, wenn die Liste aller Nutzer eines Kontos gelesen werden soll, was nur dessen Administration erlauben kann; sonst **User-managed**.',
        },
        {
          en: 'Open **Scopes**, select **Add Scopes**, and add each scope that is listed here. People are asked for all scopes of the app. An admin-managed app has them with **:admin** at the end, such as user:read:list_users:admin.',
          de: 'Öffnen Sie **Scopes**, wählen Sie **Add Scopes** und fügen Sie jeden hier genannten Scope hinzu. Personen müssen allen Scopes der App zustimmen. In einer App mit **Admin-managed** enden sie auf **:admin**, wie user:read:list_users:admin.',
        },
        {
          en: 'On **Basic Information**, copy **Client ID** and **Client Secret**. There is one pair for **Development**, which works for users of your own Zoom account only, and one for **Production**.',
          de: 'Kopieren Sie auf **Basic Information** die **Client ID** und das **Client Secret**. Es gibt ein Paar für **Development**, das nur bei Nutzern Ihres eigenen Zoom-Kontos funktioniert, und eines für **Production**.',
        },
        {
          en: 'To connect other Zoom accounts, submit the app for review, publish it, also unlisted, and enter the credentials of **Production**. Before that, a beta app can be shared with a limited number of users.',
          de: 'Um andere Zoom-Konten zu verbinden, reichen Sie die App zur Prüfung ein, veröffentlichen sie, auch ungelistet, und tragen die Zugangsdaten von **Production** ein. Vorher kann eine Beta-App mit einer begrenzten Zahl von Nutzern geteilt werden.',
        },
      ],
    },
    webhook: {
      url: 'https://marketplace.zoom.us/',
      steps: [
        {
          en: 'Select **Manage**, open your app, and open **Features** and **Access**. Copy the **Secret Token** and save it here as the webhook secret.',
          de: 'Wählen Sie **Manage**, öffnen Sie Ihre App und darin **Features** und **Access**. Kopieren Sie den **Secret Token** und speichern Sie ihn hier als Webhook-Secret.',
        },
        {
          en: 'Turn on **Event Subscriptions**, select **Add New Event Subscription**, choose the events, and select **Done**.',
          de: 'Schalten Sie **Event Subscriptions** ein, wählen Sie **Add New Event Subscription**, wählen Sie die Events und dann **Done**.',
        },
        {
          en: 'Paste the webhook URL as the **Event notification endpoint URL**, validate it, and select **Save**.',
          de: 'Fügen Sie die Webhook-URL als **Event notification endpoint URL** ein, lassen Sie sie prüfen und wählen Sie **Save**.',
        },
      ],
    },
    events: ['meeting.created', 'meeting.updated', 'meeting.deleted', 'meeting.ended', 'user.*'],
    scopes: {
      'user:read:user': { en: 'read your profile', de: 'Ihr Profil lesen' },
      'user:read:list_users:admin': {
        en: 'read the list of all users of the Zoom account',
        de: 'die Liste aller Nutzer des Zoom-Kontos lesen',
      },
      'meeting:read:list_meetings': { en: 'see the list of your meetings', de: 'die Liste Ihrer Meetings sehen' },
      'meeting:read:meeting': { en: 'read the details of your meetings', de: 'die Einzelheiten Ihrer Meetings lesen' },
      'meeting:write:meeting': { en: 'create meetings for you', de: 'Meetings für Sie anlegen' },
      'meeting:delete:meeting': { en: 'delete your meetings', de: 'Ihre Meetings löschen' },
    },
    rateLimit: {
      words: {
        en: 'A Zoom account has, for light, medium and heavy requests of all its apps together, 4, 2 and 1 a second on the free plan, 30, 20 and 10 on Pro, and 80, 60 and 40 on Business and above.',
        de: 'Ein Zoom-Konto hat für leichte, mittlere und schwere Anfragen aller seiner Apps zusammen 4, 2 und 1 pro Sekunde im kostenlosen Tarif, 30, 20 und 10 in Pro und 80, 60 und 40 ab Business.',
      },
      url: 'https://developers.zoom.us/docs/api/rate-limits/',
    },
    hints: [
      {
        at: 'provider_page',
        messages: ['Invalid redirect'],
        cause: {
          en: 'The callback URL is not that of the Zoom app, or is missing in its allow list.',
          de: 'Die Callback-URL ist nicht die der Zoom-App oder fehlt in deren Allow List.',
        },
        operator: {
          en: 'On **Basic Information**, enter the callback URL under **OAuth Redirect URL** and **OAuth Allow Lists**, to the character and for the same environment as the client id.',
          de: 'Tragen Sie die Callback-URL auf **Basic Information** unter **OAuth Redirect URL** und **OAuth Allow Lists** zeichengenau und für dieselbe Umgebung wie die Client-ID ein.',
        },
      },
      {
        at: 'token',
        messages: ['Redirect URI mismatch'],
        cause: {
          en: 'The callback URL is not the one that is registered in the Zoom app.',
          de: 'Die Callback-URL ist nicht die, die in der Zoom-App eingetragen ist.',
        },
        operator: {
          en: 'On **Basic Information**, enter the callback URL under **OAuth Redirect URL** and **OAuth Allow Lists**, to the character.',
          de: 'Tragen Sie die Callback-URL auf **Basic Information** zeichengenau unter **OAuth Redirect URL** und **OAuth Allow Lists** ein.',
        },
        url: 'https://developers.zoom.us/docs/integrations/oauth-error-messages/',
      },
      {
        at: 'token',
        errors: ['invalid_client'],
        cause: {
          en: 'The client id or the client secret is wrong, or one is of Development and the other of Production.',
          de: 'Die Client-ID oder das Client-Secret ist falsch, oder eines gehört zu Development und das andere zu Production.',
        },
        operator: {
          en: 'Copy both from the same tab of **Basic Information**.',
          de: 'Kopieren Sie beide aus demselben Reiter von **Basic Information**.',
        },
        url: 'https://developers.zoom.us/docs/integrations/oauth-error-messages/',
      },
      {
        at: 'token',
        messages: ['app has been disabled'],
        cause: { en: 'The Zoom app is disabled.', de: 'Die Zoom-App ist deaktiviert.' },
        operator: {
          en: 'Look in the Zoom App Marketplace why the app is disabled, and enable it again.',
          de: 'Sehen Sie im Zoom App Marketplace nach, warum die App deaktiviert ist, und aktivieren Sie sie wieder.',
        },
        url: 'https://developers.zoom.us/docs/integrations/oauth-error-messages/',
      },
      {
        at: 'token',
        errors: ['invalid_grant'],
        messages: ['Invalid Token'],
        cause: {
          en: 'The access has ended: the app was removed from the Zoom account, or the access was not used for 90 days.',
          de: 'Der Zugriff ist beendet: Die App wurde aus dem Zoom-Konto entfernt, oder der Zugriff wurde 90 Tage nicht genutzt.',
        },
        operator: { en: 'Let the account be reconnected.', de: 'Lassen Sie das Konto neu verbinden.' },
        person: { en: 'Connect your Zoom account again.', de: 'Verbinden Sie Ihr Zoom-Konto neu.' },
      },
      {
        at: 'request',
        messages: ['does not contain scopes'],
        cause: {
          en: 'When the account was connected, the app did not have a scope that this request needs.',
          de: 'Als das Konto verbunden wurde, hatte die App einen Scope nicht, den diese Anfrage braucht.',
        },
        operator: {
          en: 'Add the scope under **Scopes** in the Zoom app, then let the account be reconnected. Only an admin-managed app has the scope for the list of users; leave that stream out of others.',
          de: 'Ergänzen Sie den Scope in der Zoom-App unter **Scopes** und lassen Sie das Konto dann neu verbinden. Den Scope für die Liste der Nutzer hat nur eine App mit **Admin-managed**; lassen Sie diesen Stream bei anderen weg.',
        },
      },
    ],
  },
}
