import { choice, email, input, integer, limit, list, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { ProviderFile } from '../provider-file.ts'

const reference = 'https://mailchimp.com/developer/marketing/api'

const audience = { list_id: text('Id of the audience. list_lists returns it.', { pattern: '^[0-9a-z]+$' }) }

const offset = integer('How many results to skip. Default: 0.', { minimum: 0, default: 0 })

const paging = { count: '{{ args.limit | default(25) }}', offset: '{{ args.offset }}' }

/** Access tokens have no scopes: they may do what the user may do. */
const actions: ActionDefinition[] = [
  {
    name: 'add_member',
    title: 'Add a contact to an audience',
    description:
      'Adds a contact to an audience. With the status pending Mailchimp sends an email that asks for confirmation. Mailchimp refuses a contact that is already there (400).',
    docsUrl: `${reference}/list-members/add-member-to-list/`,
    input: input(
      {
        ...audience,
        email: email('Email address of the contact.'),
        status: choice('subscribed only with the consent of the person.', [
          'subscribed',
          'pending',
          'unsubscribed',
          'transactional',
        ]),
      },
      {
        first_name: text('First name: the merge field FNAME.'),
        last_name: text('Last name: the merge field LNAME.'),
        tags: list('Names of tags.', { type: 'string' }),
      },
    ),
    request: {
      method: 'POST',
      path: '/lists/{{ args.list_id }}/members',
      json: {
        email_address: '{{ args.email }}',
        status: '{{ args.status }}',
        merge_fields: { FNAME: '{{ args.first_name }}', LNAME: '{{ args.last_name }}' },
        tags: '{{ args.tags }}',
      },
    },
  },
  {
    name: 'get_member',
    title: 'Get a contact of an audience',
    description: 'Returns one contact of an audience: status, merge fields, tags and statistics.',
    docsUrl: `${reference}/list-members/get-member-info/`,
    readOnly: true,
    input: input({ ...audience, email: email('Email address of the contact.') }),
    request: { method: 'GET', path: '/lists/{{ args.list_id }}/members/{{ args.email }}' },
  },
  {
    name: 'list_members',
    title: 'List the contacts of an audience',
    description: 'Lists contacts of an audience. Returns members and total_items.',
    docsUrl: `${reference}/list-members/list-members-info/`,
    readOnly: true,
    input: input(audience, {
      status: choice('Only contacts with this status.', ['subscribed', 'unsubscribed', 'cleaned', 'pending']),
      limit: limit(1000, 25),
      offset,
    }),
    request: {
      method: 'GET',
      path: '/lists/{{ args.list_id }}/members',
      query: { status: '{{ args.status }}', exclude_fields: 'members._links,_links', ...paging },
    },
  },
  {
    name: 'list_lists',
    title: 'List audiences',
    description: 'Lists the audiences of the account with id, name and statistics. Returns lists and total_items.',
    docsUrl: `${reference}/lists/get-lists-info/`,
    readOnly: true,
    input: input({}, { limit: limit(1000, 25), offset }),
    request: { method: 'GET', path: '/lists', query: { exclude_fields: 'lists._links,_links', ...paging } },
  },
]

export const provider: ProviderFile = {
  aliases: ['mail chimp', 'intuit mailchimp', 'newsletter'],
  logo: 'mailchimp',
  color: '#ffe01b',
  sources: [
    { url: 'https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/', read: '2026-11-29' },
    { url: 'https://mailchimp.com/developer/marketing/docs/fundamentals/', read: '2026-11-29' },
    { url: 'https://mailchimp.com/developer/marketing/docs/errors/', read: '2026-11-29' },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
    },
  ],
  definition: {
    displayName: 'Mailchimp',
    docsUrl: 'https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/',
    categories: ['marketing', 'email'],
    // The login host returns the account's data centre. Injected tokens supply it as extra.dc.
    baseUrl: 'https://{{ kept.dc }}.api.mailchimp.com/3.0',
    auth: {
      type: 'oauth2',
      grant: 'authorization_code',
      authorizationUrl: 'https://login.mailchimp.com/oauth2/authorize',
      // Tokens do not expire; `expires_in` is 0.
      tokenUrl: 'https://login.mailchimp.com/oauth2/token',
    },
    afterConnect: [
      { path: 'https://login.mailchimp.com/oauth2/metadata', keep: { dc: ['dc'], account_name: ['accountname'] } },
    ],
    testRequest: { path: '/ping' },
    streams: [
      {
        name: 'lists',
        path: '/lists',
        recordsPath: ['lists'],
        primaryKey: [['id']],
        pagination: { type: 'offset', param: 'offset', limitParam: 'count', size: 1000, total: ['total_items'] },
      },
      {
        name: 'campaigns',
        path: '/campaigns',
        query: { sort_field: 'create_time', sort_dir: 'ASC' },
        recordsPath: ['campaigns'],
        primaryKey: [['id']],
        pagination: { type: 'offset', param: 'offset', limitParam: 'count', size: 1000, total: ['total_items'] },
      },
    ],
    actions,
  },
  guide: {
    app: {
      url: 'https://admin.mailchimp.com/account/oauth2/',
      steps: [
        {
          en: 'Sign in to Mailchimp, open **Registered Apps**, and select **Register An App**.',
          de: 'Melden Sie sich bei Mailchimp an, öffnen Sie **Registered Apps** und wählen Sie **Register An App**.',
        },
        {
          en: 'Paste the callback URL as the **Redirect URI**, and enter the name of the app, your company and your website. For a try on your own machine, use 127.0.0.1 instead of localhost. Select **Create**.',
          de: 'Fügen Sie die Callback-URL als **Redirect URI** ein und tragen Sie den Namen der App, Ihr Unternehmen und Ihre Website ein. Für einen Versuch auf dem eigenen Rechner verwenden Sie 127.0.0.1 statt localhost. Wählen Sie **Create**.',
        },
        {
          en: 'At the end of the page, copy the client ID and the client secret. There are no scopes to choose: the app may do what the user may do.',
          de: 'Kopieren Sie am Ende der Seite die Client-ID und das Client-Secret. Scopes sind nicht auszuwählen: Die App darf, was der Benutzer darf.',
        },
      ],
    },
    scopes: {},
    rateLimit: {
      words: {
        en: 'Per user: 10 requests at the same time.',
        de: 'Je Benutzer: 10 Anfragen gleichzeitig.',
      },
      url: 'https://mailchimp.com/developer/marketing/docs/fundamentals/',
    },
    hints: [
      {
        at: 'provider_page',
        cause: {
          en: 'Mailchimp shows an error instead of its sign-in, because the callback URL or the client ID does not match the registered app.',
          de: 'Mailchimp zeigt einen Fehler statt der Anmeldung, weil Callback-URL oder Client-ID nicht zur registrierten App passen.',
        },
        operator: {
          en: 'Compare the **Redirect URI** and the client ID under **Registered Apps**, character by character.',
          de: 'Vergleichen Sie **Redirect URI** und Client-ID unter **Registered Apps** zeichengenau.',
        },
        url: 'https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/',
      },
      {
        at: 'request',
        messages: ['Your API key may be invalid'],
        cause: {
          en: 'The access was revoked in Mailchimp, or a token that you supplied has the wrong data centre.',
          de: 'Der Zugriff wurde in Mailchimp widerrufen, oder ein von Ihnen übergebenes Token hat das falsche Rechenzentrum.',
        },
        operator: {
          en: 'Let the account be reconnected. For a token of your own, check the value dc, such as us6.',
          de: 'Lassen Sie das Konto neu verbinden. Prüfen Sie bei einem eigenen Token den Wert dc, etwa us6.',
        },
        person: { en: 'Connect the account again.', de: 'Verbinden Sie das Konto neu.' },
        url: 'https://mailchimp.com/developer/marketing/docs/errors/',
      },
      {
        at: 'request',
        messages: ['The API key provided is linked to a different data center'],
        cause: {
          en: 'The token belongs to an account in another data centre.',
          de: 'Das Token gehört zu einem Konto in einem anderen Rechenzentrum.',
        },
        operator: {
          en: 'Let the account be reconnected, or correct the value dc of the token that you supply.',
          de: 'Lassen Sie das Konto neu verbinden, oder berichtigen Sie den Wert dc des Tokens, das Sie übergeben.',
        },
        person: { en: 'Connect the account again.', de: 'Verbinden Sie das Konto neu.' },
        url: 'https://mailchimp.com/developer/marketing/docs/errors/',
      },
      {
        at: 'request',
        messages: ['This account has been disabled', 'This account has been deactivated'],
        cause: {
          en: 'Mailchimp has deactivated the account.',
          de: 'Mailchimp hat das Konto deaktiviert.',
        },
        operator: {
          en: 'The owner of the account has to have it activated again at Mailchimp.',
          de: 'Die Inhaberin oder der Inhaber des Kontos muss es bei Mailchimp wieder freischalten lassen.',
        },
        person: {
          en: 'Contact the support of Mailchimp, so that your account is activated again.',
          de: 'Wenden Sie sich an den Support von Mailchimp, damit Ihr Konto wieder freigeschaltet wird.',
        },
        url: 'https://mailchimp.com/developer/marketing/docs/errors/',
      },
    ],
  },
}
