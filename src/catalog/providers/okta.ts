import { input, limit, text } from '../action-input.ts'
import type { ProviderFile } from '../provider-file.ts'

const guides = 'https://github.com/okta/okta-developer-docs/blob/master/packages/@okta/vuepress-site/docs'

const user = text('Id of the user, or the name with which they sign in.', { pattern: '^[^/?#]+$' })

export const provider: ProviderFile = {
  aliases: ['okta workforce identity', 'okta sso', 'single sign-on', 'identity provider'],
  logo: 'okta',
  color: '#007dc1',
  sources: [
    { url: `${guides}/guides/implement-oauth-for-okta/main/index.md`, read: '2026-11-29' },
    { url: `${guides}/concepts/event-hooks/index.md`, read: '2026-11-29' },
    { url: 'https://developer.okta.com/use_cases/event_hooks', read: '2026-11-29' },
    {
      url: 'https://support.okta.com/help/s/article/What-is-the-lifetime-of-the-JWT-tokens?language=en_US',
      read: '2026-11-29',
    },
    {
      url: 'https://developer.okta.com/okta-sdk-java/apidocs/com/okta/sdk/resource/api/SystemLogApi.html',
      read: '2026-11-29',
    },
    { url: 'https://developer.okta.com/docs/api/openapi/okta-oauth/oauth/orgas/revoke', read: '2026-11-29' },
    { url: 'https://developer.okta.com/docs/guides/revoke-tokens/revokeatrt', read: '2026-11-29' },
    { url: 'https://www.npmjs.com/package/@okta/okta-sdk-nodejs', read: '2026-11-29' },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
      differs: 'Nango takes the subdomain of okta.com only. Preview and EMEA organizations have other domains.',
    },
  ],
  // The words of errors, and the numbers of the limits, which depend on the endpoint and the organization.
  unverified: ['hints', 'rateLimit', 'key'],
  definition: {
    displayName: 'Okta',
    docsUrl: 'https://developer.okta.com/docs/api/',
    categories: ['identity'],
    baseUrl: 'https://{{ input.subdomain }}.{{ input.domain }}/api/v1',
    inputFields: [
      {
        name: 'subdomain',
        label: 'Subdomain',
        description: 'The beginning of the address of the Okta organization, without -admin.',
        required: true,
        pattern: '[a-z0-9][a-z0-9-]{0,62}',
        example: 'acme',
      },
      {
        name: 'domain',
        label: 'Domain',
        description: 'The end of that address.',
        required: true,
        example: 'okta.com',
        choices: [
          { value: 'okta.com', label: 'okta.com' },
          { value: 'okta-emea.com', label: 'okta-emea.com' },
          { value: 'oktapreview.com', label: 'oktapreview.com (preview)' },
        ],
      },
    ],
    auth: {
      type: 'selective',
      options: [
        {
          key: 'oauth',
          label: 'OAuth',
          auth: {
            type: 'oauth2',
            grant: 'authorization_code',
            // Only the authorization server of the organization issues tokens for the API of Okta.
            authorizationUrl: 'https://{{ input.subdomain }}.{{ input.domain }}/oauth2/v1/authorize',
            tokenUrl: 'https://{{ input.subdomain }}.{{ input.domain }}/oauth2/v1/token',
            // Revoking the refresh token also revokes its access token.
            revocation: { url: 'https://{{ input.subdomain }}.{{ input.domain }}/oauth2/v1/revoke' },
            clientHosts: ['*.okta.com', '*.oktapreview.com', '*.okta-emea.com'],
            scopes: ['okta.users.read', 'okta.groups.read', 'okta.apps.read', 'okta.logs.read', 'offline_access'],
          },
        },
        {
          key: 'api_token',
          label: 'API token',
          auth: {
            type: 'api_key',
            fields: [{ name: 'api_token', label: 'API token', secret: true, required: true }],
            placement: { in: 'header', name: 'Authorization', prefix: 'SSWS' },
          },
        },
      ],
    },
    responseErrors: [
      { status: 401, path: ['errorSummary'], as: 'auth', message: ['errorSummary'], code: ['errorCode'] },
      ...[400, 403, 404].map((status) => ({
        status,
        path: ['errorSummary'],
        as: 'fail' as const,
        message: ['errorSummary'],
        code: ['errorCode'],
      })),
    ],
    webhook: {
      verify: { method: 'token', place: { in: 'header', name: 'Authorization' } },
      handshake: [
        {
          where: "headers['x-okta-verification-challenge'] is defined",
          answer: '{"verification":{{ headers[\'x-okta-verification-challenge\'] | tojson }}}',
          type: 'application/json',
        },
      ],
      events: ['data', 'events'],
      id: 'item.uuid',
      type: 'item.eventType',
      connection: { value: "regex_search(body.source, 'https://([a-z0-9-]+)[.]')", equals: 'input.subdomain' },
      sync: [
        { where: "'user.' in item.eventType", streams: ['users'] },
        { where: "'group.' in item.eventType", streams: ['groups'] },
        { where: "'application.' in item.eventType", streams: ['apps'] },
      ],
    },
    testRequest: { path: '/users?limit=1' },
    streams: [
      {
        name: 'users',
        path: '/users',
        query: { limit: '200' },
        primaryKey: [['id']],
        pagination: { type: 'link_header' },
      },
      {
        name: 'groups',
        path: '/groups',
        query: { limit: '200' },
        primaryKey: [['id']],
        pagination: { type: 'link_header' },
      },
      {
        name: 'apps',
        path: '/apps',
        query: { limit: '200' },
        primaryKey: [['id']],
        pagination: { type: 'link_header' },
      },
      {
        // Without an end, Okta always sends a link to the next page.
        name: 'logs',
        path: '/logs',
        query: { limit: '1000', sortOrder: 'ASCENDING' },
        primaryKey: [['uuid']],
        pagination: { type: 'link_header' },
        incremental: {
          cursorField: ['published'],
          param: 'since',
          until: { param: 'until' },
          format: 'iso8601',
          lookback: 'PT5M',
          start: "{{ date(now, 'iso8601', '-P7D') }}",
        },
        deletes: 'never',
      },
    ],
    actions: [
      {
        name: 'find_users',
        title: 'Find users',
        description:
          'Lists users whose first name, last name or email address begins with a text. Returns their profiles.',
        docsUrl: 'https://developer.okta.com/docs/api/openapi/okta-management/management/tag/User/',
        scopes: ['okta.users.read'],
        readOnly: true,
        input: input({ q: text('Beginning of a name or an email address.') }, { limit: limit(200, 10) }),
        request: {
          method: 'GET',
          path: '/users',
          query: { q: '{{ args.q }}', limit: '{{ args.limit | default(10) }}' },
        },
      },
      {
        name: 'get_user',
        title: 'Get a user',
        description: 'Returns one user with profile and status.',
        docsUrl: 'https://developer.okta.com/docs/api/openapi/okta-management/management/tag/User/',
        scopes: ['okta.users.read'],
        readOnly: true,
        input: input({ user }),
        request: { method: 'GET', path: '/users/{{ args.user }}' },
      },
      {
        name: 'add_user_to_group',
        title: 'Add a user to a group',
        description: 'Adds a user to a group of Okta. It returns nothing. A user who is a member already stays one.',
        docsUrl: 'https://developer.okta.com/docs/api/openapi/okta-management/management/tag/Group/',
        scopes: ['okta.groups.manage'],
        input: input({
          group_id: text('Id of the group.', { pattern: '^[A-Za-z0-9]+$' }),
          user_id: text('Id of the user.', { pattern: '^[A-Za-z0-9]+$' }),
        }),
        request: { method: 'PUT', path: '/groups/{{ args.group_id }}/users/{{ args.user_id }}' },
      },
    ],
  },
  guide: {
    app: {
      url: 'https://developer.okta.com/docs/guides/implement-oauth-for-okta/main/',
      steps: [
        {
          en: 'As an admin of the Okta organization, open **Applications** in the Admin Console, and select **Create App Integration**, **OIDC - OpenID Connect** and **Web Application**. The client works for this organization only.',
          de: 'Öffnen Sie als Admin der Okta-Organisation in der Admin Console **Applications** und wählen Sie **Create App Integration**, **OIDC - OpenID Connect** und **Web Application**. Der Client gilt nur für diese Organisation.',
        },
        {
          en: 'Enter a name, paste the callback URL into **Sign-in redirect URIs**, and select the grant **Refresh Token** besides **Authorization Code**. Select **Done**.',
          de: 'Geben Sie einen Namen ein, fügen Sie die Callback-URL in **Sign-in redirect URIs** ein und wählen Sie neben **Authorization Code** den Grant **Refresh Token**. Wählen Sie **Done**.',
        },
        {
          en: 'On the tab **Assignments**, assign the people who may connect. They need an admin role for what is read.',
          de: 'Weisen Sie auf der Registerkarte **Assignments** die Personen zu, die sich verbinden dürfen. Sie brauchen eine Admin-Rolle für das, was gelesen wird.',
        },
        {
          en: 'On the tab **Okta API Scopes**, a super admin selects **Grant** for each scope that is listed here. Copy the client ID and the client secret from the tab **General**.',
          de: 'Auf der Registerkarte **Okta API Scopes** wählt ein Super Admin bei jedem hier genannten Scope **Grant**. Kopieren Sie auf der Registerkarte **General** die Client-ID und das Client-Secret.',
        },
      ],
    },
    key: {
      url: 'https://developer.okta.com/docs/guides/create-an-api-token/main/',
      steps: [
        {
          en: 'In the Admin Console, open **Security** and **API**, and the tab **Tokens**. Select **Create token**, enter a name, and copy the token at once.',
          de: 'Öffnen Sie in der Admin Console **Security** und **API** und die Registerkarte **Tokens**. Wählen Sie **Create token**, geben Sie einen Namen ein und kopieren Sie das Token sofort.',
        },
        {
          en: 'The token has the rights of the admin who creates it. Use an account of its own with read-only rights.',
          de: 'Das Token hat die Rechte des Admins, der es erstellt. Verwenden Sie ein eigenes Konto mit reinen Leserechten.',
        },
      ],
    },
    webhook: {
      url: 'https://developer.okta.com/docs/concepts/event-hooks/',
      steps: [
        {
          en: 'Make up a long random text and save it here as the webhook secret.',
          de: 'Denken Sie sich einen langen zufälligen Text aus und speichern Sie ihn hier als Webhook-Secret.',
        },
        {
          en: 'In the Admin Console, select **Create Event Hook**. Paste the webhook URL as the **Endpoint URL**, enter Authorization as the **Authentication field**, and the webhook secret as the **Authentication secret**.',
          de: 'Wählen Sie in der Admin Console **Create Event Hook**. Fügen Sie die Webhook-URL als **Endpoint URL** ein, geben Sie Authorization als **Authentication field** und das Webhook-Secret als **Authentication secret** ein.',
        },
        {
          en: 'Select the events of users, groups and applications, select **Create hook & Continue**, and verify the hook.',
          de: 'Wählen Sie die Events von Benutzern, Gruppen und Anwendungen, wählen Sie **Create hook & Continue** und verifizieren Sie den Hook.',
        },
      ],
    },
    fields: {
      subdomain: {
        label: 'Subdomain',
        description: 'Der Anfang der Adresse der Okta-Organisation, ohne -admin.',
      },
      domain: {
        label: 'Domain',
        description: 'Das Ende dieser Adresse.',
        choices: {
          'okta.com': 'okta.com',
          'okta-emea.com': 'okta-emea.com',
          'oktapreview.com': 'oktapreview.com (Vorschau)',
        },
      },
      api_token: { label: 'API-Token' },
    },
    options: { oauth: 'OAuth', api_token: 'API-Token' },
    events: ['user.*', 'group.*', 'application.*'],
    tokens: {
      en: 'An access token lives for one hour and a refresh token for 90 days; neither can be changed. The refresh token needs the scope offline_access and the grant Refresh Token in the app.',
      de: 'Ein Zugriffstoken gilt eine Stunde, ein Refresh-Token 90 Tage; beides lässt sich nicht ändern. Das Refresh-Token braucht den Scope offline_access und den Grant Refresh Token in der App.',
    },
    traps: [
      {
        en: 'A client belongs to one Okta organization. To connect many organizations, let them use API tokens, or make an integration for each.',
        de: 'Ein Client gehört zu einer Okta-Organisation. Um viele Organisationen zu verbinden, lassen Sie sie API-Tokens verwenden, oder legen Sie je eine Integration an.',
      },
      {
        en: 'Event hooks send at most 100,000 events in 24 hours, may repeat and reorder them, and wait 3 seconds for the answer.',
        de: 'Event Hooks senden höchstens 100.000 Events in 24 Stunden, können sie wiederholen und vertauschen und warten 3 Sekunden auf die Antwort.',
      },
      {
        en: 'Lists of users leave out those with the status DEPROVISIONED, so a sync counts them as deleted.',
        de: 'In Listen fehlen Benutzer mit dem Status DEPROVISIONED. Eine Synchronisierung behandelt sie daher als gelöscht.',
      },
      {
        en: 'The first sync of the log reads the last seven days.',
        de: 'Die erste Synchronisierung des Protokolls liest die letzten sieben Tage.',
      },
    ],
    scopes: {
      'okta.users.read': {
        en: 'read the users of your Okta organization',
        de: 'die Benutzer Ihrer Okta-Organisation lesen',
      },
      'okta.groups.read': { en: 'read groups and their members', de: 'Gruppen und deren Mitglieder lesen' },
      'okta.groups.manage': {
        en: 'create and change groups, and add and remove members',
        de: 'Gruppen anlegen und ändern sowie Mitglieder hinzufügen und entfernen',
      },
      'okta.apps.read': {
        en: 'read the applications of your organization',
        de: 'die Anwendungen Ihrer Organisation lesen',
      },
      'okta.logs.read': {
        en: 'read the system log, with sign-ins and changes',
        de: 'das Systemprotokoll mit Anmeldungen und Änderungen lesen',
      },
      offline_access: {
        en: 'keep the access while you are not signed in',
        de: 'den Zugriff behalten, während Sie nicht angemeldet sind',
      },
    },
    rateLimit: null,
    hints: [
      {
        at: 'request',
        messages: ['E0000011', 'Invalid token provided'],
        cause: {
          en: 'The token is wrong, expired or was revoked, or belongs to another Okta organization.',
          de: 'Das Token ist falsch, abgelaufen oder wurde widerrufen, oder gehört zu einer anderen Okta-Organisation.',
        },
        operator: {
          en: 'Let the domain be checked, and the account be connected again.',
          de: 'Lassen Sie die Domain prüfen und das Konto neu verbinden.',
        },
        person: {
          en: 'Check the Okta domain, and connect again or enter a new token.',
          de: 'Prüfen Sie die Okta-Domain und verbinden Sie sich neu, oder geben Sie ein neues Token ein.',
        },
      },
      {
        at: 'consent',
        errors: ['invalid_scope'],
        cause: {
          en: 'A requested scope is not granted to the app in Okta.',
          de: 'Ein angeforderter Scope ist der App in Okta nicht gewährt.',
        },
        operator: {
          en: 'Let a super admin select **Grant** for each scope on the tab **Okta API Scopes** of the app.',
          de: 'Lassen Sie einen Super Admin auf der Registerkarte **Okta API Scopes** der App bei jedem Scope **Grant** wählen.',
        },
      },
    ],
  },
}
