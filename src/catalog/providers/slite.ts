import { cursor, input, limit, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { ProviderFile } from '../provider-file.ts'

const docsUrl = 'https://developers.slite.com/'

const id = (description: string) => text(description, { pattern: '^[A-Za-z0-9_-]+$' })

const actions: ActionDefinition[] = [
  {
    name: 'create_note',
    title: 'Create a note',
    description: 'Creates a note from Markdown and returns it with its id and url.',
    docsUrl: 'https://developers.slite.com/docs',
    input: input(
      { title: text('Title of the note.') },
      {
        markdown: text('Content, as Markdown.'),
        parent_id: id('Id of the note below which it is created.'),
      },
    ),
    request: {
      method: 'POST',
      path: '/notes',
      json: { title: '{{ args.title }}', markdown: '{{ args.markdown }}', parentNoteId: '{{ args.parent_id }}' },
    },
  },
  {
    name: 'search_notes',
    title: 'Search notes',
    description: 'Searches notes by words and returns those that match, with id, title and highlights.',
    docsUrl,
    readOnly: true,
    input: input({ query: text('Words to search for.') }, { limit: limit(100, 20) }),
    request: {
      method: 'GET',
      path: '/search-notes',
      query: { query: '{{ args.query }}', hitsPerPage: '{{ args.limit | default(20) }}' },
    },
  },
  {
    name: 'get_note',
    title: 'Get a note',
    description: 'Returns one note with its content as Markdown.',
    docsUrl,
    readOnly: true,
    input: input({ note_id: id('Id of the note.') }),
    request: { method: 'GET', path: '/notes/{{ args.note_id }}', query: { format: 'md' } },
  },
  {
    name: 'list_notes',
    title: 'List notes',
    description:
      'Lists notes without their content. Returns notes, hasNextPage and nextCursor, the cursor of the next page.',
    docsUrl,
    readOnly: true,
    input: input({}, { parent_id: id('Only notes below this one.'), cursor: cursor('nextCursor') }),
    request: {
      method: 'GET',
      path: '/notes',
      query: { parentNoteId: '{{ args.parent_id }}', cursor: '{{ args.cursor }}' },
    },
  },
]

export const provider: ProviderFile = {
  aliases: ['slite notes', 'slite wiki'],
  logo: null,
  color: '#2a1ee5',
  sources: [
    { url: 'https://developers.slite.com/docs', read: '2026-11-29' },
    // Official examples: a search with hitsPerPage, and its hits.
    {
      url: 'https://github.com/sliteteam/slite-api-js-examples/blob/main/examples/2-search-docs.ts',
      read: '2026-11-29',
    },
    // The list of notes with its cursor, and their content.
    { url: 'https://github.com/airweave-ai/airweave', read: '2026-11-29', second: true },
    {
      url: 'https://skills.sh/ddnetters/homelab-agent-skills/slite-knowledge-base',
      read: '2026-11-29',
      second: true,
      differs: 'Sends the key with Bearer. The documentation has the header x-slite-api-key.',
    },
    {
      url: 'https://gist.github.com/foeken/5466eaff9779569eb29786f75a47d934',
      read: '2026-11-29',
      second: true,
    },
  ],
  unverified: ['rateLimit', 'hints'],
  definition: {
    displayName: 'Slite',
    docsUrl,
    categories: ['knowledge base'],
    baseUrl: 'https://api.slite.com/v1',
    auth: { type: 'api_key', placement: { in: 'header', name: 'x-slite-api-key' } },
    responseErrors: [
      { status: 401, path: ['message'], as: 'auth', message: ['message'] },
      ...[400, 403, 404].map((status) => ({
        status,
        path: ['message'],
        as: 'fail' as const,
        message: ['message'],
      })),
    ],
    testRequest: { path: '/me' },
    streams: [
      {
        name: 'notes',
        path: '/notes',
        recordsPath: ['notes'],
        primaryKey: [['id']],
        pagination: { type: 'cursor', path: ['nextCursor'], param: 'cursor', hasMore: ['hasNextPage'] },
      },
      {
        // With the content, one request for each note.
        name: 'note_contents',
        parent: { stream: 'notes' },
        path: '/notes/{{ parent.id }}',
        query: { format: 'md' },
        records: { one: true },
        primaryKey: [['id']],
        responses: [{ status: 404, as: 'empty' }],
      },
    ],
    actions,
  },
  guide: {
    key: {
      url: 'https://developers.slite.com/docs',
      steps: [
        {
          en: 'In Slite, open the menu of your organization at the top left, and select **Settings**.',
          de: 'Öffnen Sie in Slite oben links das Menü Ihrer Organisation und wählen Sie **Settings**.',
        },
        {
          en: 'Select **API**, then **Create a new key**.',
          de: 'Wählen Sie **API** und dann **Create a new key**.',
        },
        {
          en: 'Copy the key at once: it is shown only once.',
          de: 'Kopieren Sie den Schlüssel sofort: Er wird nur einmal angezeigt.',
        },
      ],
    },
    scopes: {},
    rateLimit: null,
    hints: [],
    tokens: {
      en: 'A key lives until it is revoked in the settings.',
      de: 'Ein Schlüssel gilt, bis er in den Einstellungen widerrufen wird.',
    },
    traps: [
      {
        en: 'A key belongs to a person and reaches the notes that this person can see.',
        de: 'Ein Schlüssel gehört einer Person und erreicht die Notizen, die diese Person sieht.',
      },
      {
        en: 'The list of notes has no content. The stream note_contents costs one request for each note.',
        de: 'Die Liste der Notizen hat keinen Inhalt. Der Stream note_contents kostet eine Anfrage je Notiz.',
      },
    ],
  },
}
