import { flag, input, instant, integer, list, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { ProviderFile } from '../provider-file.ts'

const rest = 'https://developer.atlassian.com/cloud/trello/rest'

const id = (description: string) => text(description, { pattern: '^[0-9a-f]{24}$' })

const card = { card_id: text('Id of the card, or the short link in its address.', { pattern: '^[0-9A-Za-z]{8,24}$' }) }

const actions: ActionDefinition[] = [
  {
    name: 'create_card',
    title: 'Create a card',
    description: 'Creates a card in a list and returns it with its id and shortUrl.',
    docsUrl: `${rest}/api-group-cards/#api-cards-post`,
    scopes: ['write'],
    input: input(
      { list_id: id('Id of the list. list_lists returns it.'), name: text('Title of the card.') },
      {
        description: text('Description, in Markdown.', { maxLength: 4_000 }),
        due: instant('When it is due, such as 2026-07-01T09:00:00Z.'),
        member_ids: list('Ids of members to assign.', { type: 'string', pattern: '^[0-9a-f]{24}$' }),
        label_ids: list('Ids of labels.', { type: 'string', pattern: '^[0-9a-f]{24}$' }),
      },
    ),
    request: {
      method: 'POST',
      path: '/cards',
      query: {
        idList: '{{ args.list_id }}',
        name: '{{ args.name }}',
        desc: '{{ args.description }}',
        due: '{{ args.due }}',
        idMembers: "{{ args.member_ids | join(',') }}",
        idLabels: "{{ args.label_ids | join(',') }}",
      },
    },
  },
  {
    name: 'update_card',
    title: 'Update, move or archive a card',
    description: 'Changes the given fields of a card and leaves the others. Returns the card.',
    docsUrl: `${rest}/api-group-cards/#api-cards-id-put`,
    scopes: ['write'],
    destructive: true,
    input: {
      ...input(card, {
        name: text('New title.'),
        description: text('New description, in Markdown.', { maxLength: 4_000 }),
        list_id: id('Id of the list to which the card moves.'),
        due: instant('When it is due.'),
        due_complete: flag('Whether what is due is done.'),
        archived: flag('Whether the card is archived.'),
      }),
      minProperties: 2,
    },
    request: {
      method: 'PUT',
      path: '/cards/{{ args.card_id }}',
      query: {
        name: '{{ args.name }}',
        desc: '{{ args.description }}',
        idList: '{{ args.list_id }}',
        due: '{{ args.due }}',
        dueComplete: '{{ args.due_complete }}',
        closed: '{{ args.archived }}',
      },
    },
  },
  {
    name: 'add_comment',
    title: 'Comment on a card',
    description: 'Adds a comment to a card and returns it as an action with its id.',
    docsUrl: `${rest}/api-group-cards/#api-cards-id-actions-comments-post`,
    scopes: ['write'],
    input: input({ ...card, body: text('Text of the comment, in Markdown.', { maxLength: 4_000 }) }),
    request: { method: 'POST', path: '/cards/{{ args.card_id }}/actions/comments', query: { text: '{{ args.body }}' } },
  },
  {
    name: 'search',
    title: 'Search cards',
    description: 'Searches cards in the boards of the user and returns those that match, with name, board and list.',
    docsUrl: `${rest}/api-group-search/#api-search-get`,
    scopes: ['read'],
    readOnly: true,
    input: input(
      {
        query: text('Words to search for, and operators of Trello such as board:Roadmap is:open.', {
          maxLength: 16_384,
        }),
      },
      { limit: integer('How many cards to return at most. Default: 10.', { minimum: 1, maximum: 1000, default: 10 }) },
    ),
    request: {
      method: 'GET',
      path: '/search',
      query: { query: '{{ args.query }}', modelTypes: 'cards', cards_limit: '{{ args.limit | default(10) }}' },
    },
    output: ['cards'],
  },
  {
    name: 'list_lists',
    title: 'List the lists of a board',
    description: 'Lists the open lists of a board with id and name.',
    docsUrl: `${rest}/api-group-boards/#api-boards-id-lists-get`,
    scopes: ['read'],
    readOnly: true,
    input: input({
      board_id: text('Id of the board, or the short link in its address.', { pattern: '^[0-9A-Za-z]{8,24}$' }),
    }),
    request: { method: 'GET', path: '/boards/{{ args.board_id }}/lists' },
  },
]

/** OAuth 1.0a. The scopes and the lifetime of the token are parameters of the page on which the person agrees. */
export const provider: ProviderFile = {
  aliases: ['trello boards', 'atlassian trello', 'kanban board'],
  logo: 'trello',
  color: '#0052cc',
  sources: [
    { url: 'https://developer.atlassian.com/cloud/trello/guides/rest-api/authorization/', read: '2026-11-29' },
    { url: 'https://developer.atlassian.com/cloud/trello/guides/rest-api/webhooks', read: '2026-11-29' },
    { url: 'https://developer.atlassian.com/cloud/trello/guides/rest-api/rate-limits', read: '2026-11-29' },
    { url: 'https://developer.atlassian.com/cloud/trello/guides/rest-api/nested-resources/', read: '2026-11-29' },
    { url: 'https://github.com/airweave-ai/airweave', read: '2026-11-29', second: true },
    {
      url: 'https://github.com/airbytehq/airbyte/blob/master/airbyte-integrations/connectors/source-trello/manifest.yaml',
      read: '2026-11-29',
      second: true,
    },
    { url: 'https://www.skills.sh/hookdeck/webhook-skills/trello-webhooks', read: '2026-11-29', second: true },
    // How before works on lists of cards, tried out.
    { url: 'https://gist.github.com/hakunin/3c25a4c4ae30a2c2c299', read: '2026-11-29', second: true },
  ],
  unverified: ['hints', 'streams'],
  definition: {
    displayName: 'Trello',
    docsUrl: `${rest}/`,
    categories: ['project management'],
    baseUrl: 'https://api.trello.com/1',
    auth: {
      type: 'oauth1',
      requestTokenUrl: 'https://trello.com/1/OAuthGetRequestToken',
      authorizationUrl: 'https://trello.com/1/OAuthAuthorizeToken?scope=read,write&expiration=never',
      accessTokenUrl: 'https://trello.com/1/OAuthGetAccessToken',
    },
    // developer.atlassian.com/cloud/trello/guides/rest-api/webhooks
    webhook: {
      verify: {
        method: 'hmac',
        header: 'X-Trello-Webhook',
        hash: 'sha1',
        encoding: 'base64',
        message: '{{ body }}{{ url }}',
      },
      id: 'body.action.id',
      type: 'body.action.type',
      // An event names who did something, but not for whom the webhook was created. The webhook's URL has to.
      connection: { value: 'query.external_id', equals: 'externalId' },
      sync: [
        { where: "'Card' in body.action.type", streams: ['cards', 'actions'] },
        { where: "'List' in body.action.type", streams: ['lists'] },
        { where: "'Board' in body.action.type", streams: ['boards'] },
      ],
    },
    testRequest: { path: '/members/me?fields=username' },
    streams: [
      { name: 'boards', path: '/members/me/boards', primaryKey: [['id']] },
      {
        name: 'lists',
        parent: { stream: 'boards' },
        path: '/boards/{{ parent.id }}/lists',
        query: { filter: 'all' },
        primaryKey: [['id']],
      },
      {
        name: 'cards',
        parent: { stream: 'boards' },
        path: '/boards/{{ parent.id }}/cards/all',
        // A page has the newest cards before the given one. Were the order within it another, pages would overlap and none would be lost.
        query: { limit: '500', sort: '-id' },
        primaryKey: [['id']],
        pagination: { type: 'cursor', from: 'last_record', path: ['id'], param: 'before' },
      },
      {
        // What happened on a board, comments included: the newest first.
        name: 'actions',
        parent: { stream: 'boards' },
        path: '/boards/{{ parent.id }}/actions',
        query: { limit: '500' },
        primaryKey: [['id']],
        pagination: { type: 'cursor', from: 'last_record', path: ['id'], param: 'before' },
        incremental: { cursorField: ['date'], param: 'since', format: 'iso8601', lookback: 'PT1S', per: 'parent' },
      },
    ],
    actions,
  },
  guide: {
    key: {
      url: 'https://trello.com/power-ups/admin',
      steps: [
        {
          en: 'Create a Power-Up, or open yours, and open the tab **API Key**. Select **Generate a new API Key**.',
          de: 'Legen Sie ein Power-Up an oder öffnen Sie Ihres, und öffnen Sie den Reiter **API Key**. Wählen Sie **Generate a new API Key**.',
        },
        {
          en: 'Add the origin of the callback URL, such as https://latchkey.example.com, to the allowed origins.',
          de: 'Fügen Sie den Ursprung der Callback-URL, zum Beispiel https://latchkey.example.com, zu den erlaubten Ursprüngen hinzu.',
        },
        {
          en: 'Copy the API key, which is the client ID or consumer key, and the secret for OAuth 1.0, which is the client secret or consumer secret.',
          de: 'Kopieren Sie den API-Schlüssel, also die Client-ID oder den Consumer Key, und das Secret für OAuth 1.0, also das Client-Secret oder Consumer Secret.',
        },
      ],
    },
    webhook: {
      url: 'https://developer.atlassian.com/cloud/trello/guides/rest-api/webhooks',
      steps: [
        {
          en: 'Save the secret for OAuth 1.0 of the Power-Up here as the webhook secret: Trello signs with it.',
          de: 'Speichern Sie das Secret für OAuth 1.0 des Power-Ups hier als Webhook-Secret: Trello signiert damit.',
        },
        {
          en: 'Give the connection an external ID, and append it to the webhook URL as the parameter external_id.',
          de: 'Geben Sie der Verbindung eine externe ID und hängen Sie sie als Parameter external_id an die Webhook-URL an.',
        },
        {
          en: 'For each board, send POST /webhooks with the token of the connection: **callbackURL** is this URL, and **idModel** the id of the board.',
          de: 'Senden Sie für jedes Board POST /webhooks mit dem Token der Verbindung: **callbackURL** ist diese URL, **idModel** die ID des Boards.',
        },
      ],
    },
    events: ['createCard', 'updateCard', 'deleteCard', 'commentCard', 'createList', 'updateList', 'updateBoard'],
    scopes: {
      read: {
        en: 'read your boards, lists and cards',
        de: 'Ihre Boards, Listen und Karten lesen',
      },
      write: {
        en: 'create and change boards, lists and cards, and comment as you',
        de: 'Boards, Listen und Karten anlegen und ändern und in Ihrem Namen kommentieren',
      },
    },
    rateLimit: {
      words: {
        en: '300 requests in 10 seconds for the API key, and 100 for each token. Requests to /members: 100 in 15 minutes.',
        de: '300 Anfragen in 10 Sekunden für den API-Schlüssel und 100 je Token. Anfragen an /members: 100 in 15 Minuten.',
      },
      url: 'https://developer.atlassian.com/cloud/trello/guides/rest-api/rate-limits',
    },
    hints: [],
    tokens: {
      en: 'The token does not expire. It ends when the person removes the app from the account.',
      de: 'Das Token läuft nicht ab. Es endet, wenn die Person die App aus dem Konto entfernt.',
    },
    traps: [
      {
        en: 'A token reads and writes everything that the person can, on all boards.',
        de: 'Ein Token liest und schreibt alles, was die Person darf, auf allen Boards.',
      },
      {
        en: 'A webhook belongs to the token that created it, and watches one board, list or card. Trello deletes it with the token.',
        de: 'Ein Webhook gehört zu dem Token, das ihn angelegt hat, und beobachtet ein Board, eine Liste oder eine Karte. Trello löscht ihn mit dem Token.',
      },
    ],
  },
}
