import { day, flag, input, integer, list, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const sections = 'https://github.com/basecamp/bc3-api/blob/master/sections'

const id = (description: string) => integer(description, { minimum: 1 })

const actions: ActionDefinition[] = [
  {
    name: 'create_todo',
    title: 'Create a to-do',
    description: 'Creates a to-do in a to-do list and returns it with its id and url.',
    docsUrl: `${sections}/todos.md#create-a-to-do`,
    input: input(
      { todolist_id: id('Id of the to-do list.'), content: text('What is to do, as plain text.') },
      {
        description: text('Description, as HTML.'),
        assignee_ids: list('Ids of people to assign.', { type: 'integer', minimum: 1 }),
        notify: flag('Whether the assigned people are notified. Default: false.'),
        due_on: day('Day on which it is due, such as 2026-07-01.'),
        starts_on: day('Day on which it begins.'),
      },
    ),
    request: {
      method: 'POST',
      path: '/todolists/{{ args.todolist_id }}/todos.json',
      json: {
        content: '{{ args.content }}',
        description: '{{ args.description }}',
        assignee_ids: '{{ args.assignee_ids }}',
        notify: '{{ args.notify }}',
        due_on: '{{ args.due_on }}',
        starts_on: '{{ args.starts_on }}',
      },
    },
  },
  {
    name: 'list_todos',
    title: 'List to-dos of a list',
    description: 'Lists the open to-dos of a to-do list, or those that are completed.',
    docsUrl: `${sections}/todos.md#get-to-dos`,
    readOnly: true,
    input: input(
      { todolist_id: id('Id of the to-do list.') },
      { completed: flag('Whether completed to-dos are returned instead. Default: false.') },
    ),
    request: {
      method: 'GET',
      path: '/todolists/{{ args.todolist_id }}/todos.json',
      query: { completed: '{{ args.completed }}' },
    },
  },
  {
    name: 'add_comment',
    title: 'Comment on something',
    description: 'Adds a comment to a to-do, a message, a document or any other recording, and returns it.',
    docsUrl: `${sections}/comments.md#create-a-comment`,
    input: input({
      recording_id: id('Id of the to-do, message, document or other recording.'),
      content: text('Text of the comment, as HTML.'),
    }),
    request: {
      method: 'POST',
      path: '/recordings/{{ args.recording_id }}/comments.json',
      json: { content: '{{ args.content }}' },
    },
  },
  {
    name: 'list_projects',
    title: 'List projects',
    description: 'Lists active projects with id, name and dock, which names their tools such as the to-do set.',
    docsUrl: `${sections}/projects.md#get-all-projects`,
    readOnly: true,
    input: input({}),
    request: { method: 'GET', path: '/projects.json' },
  },
]

/** The current Basecamp, whose API is that of Basecamp 3. Tokens come from Launchpad, the sign-in of all products of 37signals. */
export const provider: ProviderFile = {
  aliases: ['basecamp 3', 'basecamp 4', 'basecamp 5', 'bc3', '37signals'],
  logo: 'basecamp',
  color: '#1d2d35',
  sources: [
    { url: 'https://github.com/basecamp/bc3-api/blob/master/sections/authentication.md', read: '2026-11-29' },
    { url: 'https://github.com/basecamp/bc3-api/blob/master/README.md', read: '2026-11-29' },
    { url: 'https://github.com/basecamp/bc3-api/blob/master/sections/recordings.md', read: '2026-11-29' },
    { url: 'https://github.com/basecamp/bc3-api/blob/master/sections/todos.md', read: '2026-11-29' },
    {
      url: 'https://glama.ai/mcp/servers/@craigashields/basecamp-mcp/blob/20b10cd8a082266c6674eb2585e3a063dc382e37/src/lib/basecamp.ts',
      read: '2026-11-29',
      second: true,
      differs:
        'Sends type=refresh. The documentation calls this a legacy parameter, in place of which grant_type is sent.',
    },
  ],
  unverified: ['hints'],
  definition: {
    displayName: 'Basecamp',
    docsUrl: 'https://github.com/basecamp/bc3-api',
    categories: ['project management'],
    // Injected tokens supply the id of the account as extra.account_id.
    baseUrl: 'https://3.basecampapi.com/{{ kept.account_id }}',
    auth: {
      type: 'oauth2',
      grant: 'authorization_code',
      authorizationUrl: 'https://launchpad.37signals.com/authorization/new',
      tokenUrl: 'https://launchpad.37signals.com/authorization/token',
    },
    hosts: ['launchpad.37signals.com'],
    afterConnect: [
      {
        path: 'https://launchpad.37signals.com/authorization.json',
        keep: { account_id: ['accounts', 0, 'id'], account_name: ['accounts', 0, 'name'] },
      },
    ],
    responseErrors: [
      { status: 401, path: ['error'], as: 'auth', message: ['error'] },
      { status: 404, as: 'fail', message: ['error'] },
    ],
    testRequest: { path: '/my/profile.json' },
    streams: [
      {
        name: 'projects',
        path: '/projects.json',
        primaryKey: [['id']],
        pagination: { type: 'link_header' },
      },
      {
        name: 'people',
        path: '/people.json',
        primaryKey: [['id']],
        pagination: { type: 'link_header' },
      },
      recordings('todos', 'Todo'),
      recordings('messages', 'Message'),
      recordings('documents', 'Document'),
      recordings('comments', 'Comment'),
    ],
    actions,
  },
  guide: {
    app: {
      url: 'https://launchpad.37signals.com/integrations',
      steps: [
        {
          en: 'Register a new application, with a name, a company and a website.',
          de: 'Registrieren Sie eine neue Anwendung mit Namen, Firma und Website.',
        },
        {
          en: 'Select Basecamp as the product, and paste the callback URL as the redirect URI.',
          de: 'Wählen Sie Basecamp als Produkt und fügen Sie die Callback-URL als Redirect URI ein.',
        },
        {
          en: 'Copy the client ID and the client secret.',
          de: 'Kopieren Sie die Client-ID und das Client-Secret.',
        },
      ],
    },
    scopes: {},
    rateLimit: {
      words: {
        en: '50 requests in 10 seconds for an IP address. Further limits apply by method and per second, hour and day, and are adjusted by Basecamp.',
        de: '50 Anfragen in 10 Sekunden je IP-Adresse. Weitere Grenzen gelten je Methode und pro Sekunde, Stunde und Tag und werden von Basecamp angepasst.',
      },
      url: 'https://github.com/basecamp/bc3-api/blob/master/README.md',
    },
    hints: [],
    tokens: {
      en: 'Access tokens live for two weeks.',
      de: 'Access-Tokens gelten zwei Wochen.',
    },
    traps: [
      {
        en: 'There are no scopes: a token may do what the person may.',
        de: 'Es gibt keine Scopes: Ein Token darf, was die Person darf.',
      },
      {
        en: 'A connection belongs to one account. If the person has several, the first one is used, also if it belongs to an older product.',
        de: 'Eine Verbindung gehört zu einem Konto. Hat die Person mehrere, wird das erste verwendet, auch wenn es zu einem älteren Produkt gehört.',
      },
      {
        en: 'Basecamp answers 400 to a request without a User-Agent, and asks for one with the name of the app and a link or an email address. Latchkey sends its own name.',
        de: 'Eine Anfrage ohne User-Agent beantwortet Basecamp mit 400. Erwünscht ist einer mit dem Namen der App und einem Link oder einer E-Mail-Adresse. Latchkey sendet seinen eigenen Namen.',
      },
      {
        en: 'Requests to an account that is suspended or whose trial has ended are answered 404.',
        de: 'Anfragen an ein Konto, das gesperrt ist oder dessen Testzeit abgelaufen ist, werden mit 404 beantwortet.',
      },
    ],
  },
}

/** All active recordings of a type in all projects, those that changed last first. */
function recordings(name: string, type: string): StreamDefinition {
  return {
    name,
    path: '/projects/recordings.json',
    query: { type, sort: 'updated_at', direction: 'desc' },
    primaryKey: [['id']],
    pagination: { type: 'link_header' },
    incremental: { cursorField: ['updated_at'], by: 'newest_first' },
  }
}
