import type { ProviderFile } from '../provider-file.ts'

export const provider: ProviderFile = {
  aliases: ['meta base', 'bi dashboards', 'business intelligence'],
  logo: 'metabase',
  color: '#509ee3',
  sources: [
    { url: 'https://www.metabase.com/docs/latest/api#tag/apisession', read: '2026-11-29' },
    { url: 'https://www.metabase.com/docs/latest/people-and-groups/managing', read: '2026-11-29' },
    { url: 'https://www.metabase.com/docs/latest/people-and-groups/changing-session-expiration', read: '2026-11-29' },
    { url: 'https://github.com/metabase/metabase/blob/master/src/metabase/session/api.clj', read: '2026-11-29' },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
      differs:
        'Nango signs in with an API key in x-api-key. The file signs in a user, as the documentation of sessions says.',
    },
  ],
  definition: {
    displayName: 'Metabase',
    docsUrl: 'https://www.metabase.com/docs/latest/api#tag/apisession',
    categories: ['analytics'],
    baseUrl: '{{ input.url }}/api',
    inputFields: [
      {
        name: 'url',
        label: 'URL',
        description: 'Of the Metabase server, without /api.',
        required: true,
        pattern: 'https?://.+',
        example: 'https://metabase.example.com',
      },
    ],
    auth: {
      type: 'session_token',
      login: {
        url: '{{ input.url }}/api/session',
        method: 'POST',
        json: { username: '{{ config.username }}', password: '{{ config.password }}' },
      },
      fields: [
        { name: 'username', label: 'Email address', required: true, example: 'ada@example.com' },
        { name: 'password', label: 'Password', secret: true, required: true },
      ],
      tokenPath: ['id'],
      // The default of MAX_SESSION_AGE is 20,160 minutes.
      lifetime: 'P14D',
      placement: { in: 'header', name: 'X-Metabase-Session' },
    },
    // Refused logins (github.com/metabase/metabase, src/metabase/session/api.clj). `username` says that there were too many of them. For a
    // wrong password it is `password`, whose text is removed like that of every field with such a name.
    responseErrors: [
      { status: 401, path: ['errors', 'username'], as: 'rate_limit', message: ['errors', 'username'] },
      { status: 401, path: ['errors', '_error'], as: 'auth', message: ['errors', '_error'] },
    ],
    testRequest: { path: '/user/current' },
    streams: [
      {
        name: 'users',
        path: '/user',
        recordsPath: ['data'],
        primaryKey: [['id']],
        pagination: { type: 'offset', param: 'offset', limitParam: 'limit', size: 50, total: ['total'] },
      },
      { name: 'cards', path: '/card', primaryKey: [['id']] },
      { name: 'dashboards', path: '/dashboard', primaryKey: [['id']] },
      { name: 'databases', path: '/database', recordsPath: ['data'], primaryKey: [['id']] },
    ],
  },
  guide: {
    key: {
      url: 'https://www.metabase.com/docs/latest/people-and-groups/managing',
      steps: [
        {
          en: 'Open your Metabase and copy its address without what follows the host, such as https://metabase.example.com.',
          de: 'Öffnen Sie Ihr Metabase und kopieren Sie die Adresse ohne das, was auf den Host folgt, etwa https://metabase.example.com.',
        },
        {
          en: 'Better than your own account is one for this purpose: an administrator opens **Admin settings** and **People**, selects **Invite someone**, and adds it to groups that may see only what is needed.',
          de: 'Besser als Ihr eigenes Konto ist eines für diesen Zweck: Die Administration öffnet **Admin settings** und **People**, wählt **Invite someone** und fügt es Gruppen hinzu, die nur das Nötige sehen.',
        },
        {
          en: 'Enter the email address and the password of the account. An account that signs in with single sign-on only has no password. The list of people can be read by administrators only.',
          de: 'Geben Sie die E-Mail-Adresse und das Passwort des Kontos ein. Ein Konto, das sich nur per Single Sign-on anmeldet, hat kein Passwort. Die Liste der Personen kann nur die Administration lesen.',
        },
      ],
    },
    fields: {
      url: { label: 'URL', description: 'Des Metabase-Servers, ohne /api.' },
      username: { label: 'E-Mail-Adresse' },
      password: { label: 'Passwort' },
    },
    scopes: {},
    rateLimit: null,
    hints: [
      {
        at: 'token',
        messages: ['Password login is disabled'],
        cause: {
          en: 'This Metabase allows single sign-on only.',
          de: 'Dieses Metabase erlaubt nur Single Sign-on.',
        },
        operator: {
          en: 'An administrator of the Metabase has to allow signing in with a password.',
          de: 'Die Administration des Metabase muss die Anmeldung mit Passwort erlauben.',
        },
        person: {
          en: 'Ask the administrator of your Metabase to allow signing in with a password.',
          de: 'Bitten Sie die Administration Ihres Metabase, die Anmeldung mit Passwort zu erlauben.',
        },
      },
      {
        at: 'token',
        messages: ['Too many attempts'],
        cause: {
          en: 'Metabase blocks sign-ins of this account for a moment, because several have failed.',
          de: 'Metabase sperrt Anmeldungen dieses Kontos für kurze Zeit, weil mehrere fehlgeschlagen sind.',
        },
        operator: {
          en: 'Wait for the time that the message names, and check the password.',
          de: 'Warten Sie die Zeit ab, die in der Meldung steht, und prüfen Sie das Passwort.',
        },
        person: {
          en: 'Wait for a minute and try again with the right password.',
          de: 'Warten Sie eine Minute und versuchen Sie es noch einmal mit dem richtigen Passwort.',
        },
      },
      {
        at: 'token',
        messages: ['Your account is disabled'],
        cause: {
          en: 'The Metabase account was deactivated.',
          de: 'Das Metabase-Konto wurde deaktiviert.',
        },
        operator: {
          en: 'Let the administrator of the Metabase reactivate the account under **People**, or let another one be connected.',
          de: 'Lassen Sie das Konto von der Administration des Metabase unter **People** wieder aktivieren, oder lassen Sie ein anderes verbinden.',
        },
        person: {
          en: 'Ask the administrator of your Metabase to reactivate your account.',
          de: 'Bitten Sie die Administration Ihres Metabase, Ihr Konto wieder zu aktivieren.',
        },
        url: 'https://www.metabase.com/docs/latest/people-and-groups/managing',
      },
      {
        at: 'token',
        // Its words are under the key password and therefore not stored.
        statuses: [401],
        cause: {
          en: 'The email address or the password is wrong, or the account has no password.',
          de: 'E-Mail-Adresse oder Passwort ist falsch, oder das Konto hat kein Passwort.',
        },
        operator: {
          en: 'Let both be entered again. Accounts that use single sign-on only cannot be connected.',
          de: 'Lassen Sie beide noch einmal eingeben. Konten, die nur Single Sign-on nutzen, lassen sich nicht verbinden.',
        },
        person: {
          en: 'Check that you can sign in to Metabase with this email address and password.',
          de: 'Prüfen Sie, ob Sie sich mit dieser E-Mail-Adresse und diesem Passwort bei Metabase anmelden können.',
        },
      },
      {
        at: 'request',
        messages: ["You don't have permissions to do that"],
        cause: {
          en: 'The account may not read this, such as the list of people, which only administrators may read.',
          de: 'Das Konto darf das nicht lesen, etwa die Liste der Personen, die nur die Administration lesen darf.',
        },
        operator: {
          en: 'Leave the stream out, or let an account with more rights be connected.',
          de: 'Lassen Sie den Stream weg, oder lassen Sie ein Konto mit mehr Rechten verbinden.',
        },
        person: {
          en: 'Ask the administrator of your Metabase for the right.',
          de: 'Bitten Sie die Administration Ihres Metabase um das Recht.',
        },
      },
    ],
  },
}
