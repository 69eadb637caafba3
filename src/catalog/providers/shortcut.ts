import { choice, input, integer, limit, list, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const docsUrl = 'https://developer.shortcut.com/api/rest/v3'

const story = { story_id: integer('Number of the story.', { minimum: 1 }) }

const actions: ActionDefinition[] = [
  {
    name: 'create_story',
    title: 'Create a story',
    description: 'Creates a story in a state of a workflow and returns it with its id and app_url.',
    docsUrl: `${docsUrl}#Create-Story`,
    input: input(
      {
        name: text('Name of the story.', { maxLength: 512 }),
        workflow_state_id: integer('Id of the state. list_workflows returns it.', { minimum: 1 }),
      },
      {
        description: text('Description, in Markdown.', { maxLength: 100_000 }),
        story_type: choice('Default: feature.', ['feature', 'bug', 'chore']),
        owner_ids: list('Ids of members who own it.', { type: 'string', format: 'uuid' }),
        epic_id: integer('Id of the epic.', { minimum: 1 }),
      },
    ),
    request: {
      method: 'POST',
      path: '/stories',
      json: {
        name: '{{ args.name }}',
        workflow_state_id: '{{ args.workflow_state_id }}',
        description: '{{ args.description }}',
        story_type: '{{ args.story_type }}',
        owner_ids: '{{ args.owner_ids }}',
        epic_id: '{{ args.epic_id }}',
      },
    },
  },
  {
    name: 'get_story',
    title: 'Get a story',
    description: 'Returns one story with its description, state, owners, tasks and comments.',
    docsUrl: `${docsUrl}#Get-Story`,
    readOnly: true,
    input: input(story),
    request: { method: 'GET', path: '/stories/{{ args.story_id }}' },
  },
  {
    name: 'search_stories',
    title: 'Search stories',
    description: 'Searches stories with the search operators of Shortcut. Returns data, next and total.',
    docsUrl: `${docsUrl}#Search-Stories`,
    readOnly: true,
    input: input(
      { query: text('Search, such as: owner:ada state:"In Progress" label:billing.') },
      { limit: limit(250, 25) },
    ),
    request: {
      method: 'GET',
      path: '/search/stories',
      query: { query: '{{ args.query }}', page_size: '{{ args.limit | default(25) }}' },
    },
  },
  {
    name: 'add_comment',
    title: 'Comment on a story',
    description: 'Adds a comment to a story and returns it with its id.',
    docsUrl: `${docsUrl}#Create-Story-Comment`,
    input: input({ ...story, body: text('Text of the comment, in Markdown.', { maxLength: 100_000 }) }),
    request: { method: 'POST', path: '/stories/{{ args.story_id }}/comments', json: { text: '{{ args.body }}' } },
  },
  {
    name: 'list_workflows',
    title: 'List workflows',
    description: 'Lists the workflows with their states, each with id, name and type.',
    docsUrl: `${docsUrl}#List-Workflows`,
    readOnly: true,
    input: input({}),
    request: { method: 'GET', path: '/workflows' },
  },
]

/** A token of a person, for version 3 of the API. OAuth exists for agents in version 4, which lacks a part of version 3. */
export const provider: ProviderFile = {
  aliases: ['clubhouse', 'clubhouse.io', 'shortcut software'],
  logo: 'shortcut',
  color: '#494bcb',
  sources: [
    { url: 'https://developer.shortcut.com/api/webhook/v1', read: '2026-11-29' },
    { url: 'https://help.shortcut.com/hc/en-us/articles/34734717380756', read: '2026-11-29' },
    // Version 3.4 of the official client, generated from the OpenAPI document: paths, parameters, records, and the signature of webhooks.
    { url: 'https://www.npmjs.com/package/@shortcut/client', read: '2026-11-29' },
    {
      url: 'https://raw.githubusercontent.com/api-evangelist/shortcut-software/refs/heads/main/conventions/shortcut-software-conventions.yml',
      read: '2026-11-29',
      second: true,
    },
    { url: 'https://roadie.io/docs/integrations/shortcut-plugin/', read: '2026-11-29', second: true },
    { url: 'https://packagist.org/packages/timetoreply/shortcut', read: '2026-11-29', second: true },
  ],
  unverified: ['hints'],
  definition: {
    displayName: 'Shortcut',
    docsUrl,
    categories: ['project management', 'developer tools'],
    baseUrl: 'https://api.app.shortcut.com/api/v3',
    auth: { type: 'api_key', placement: { in: 'header', name: 'Shortcut-Token' } },
    responseErrors: [
      { status: 401, path: ['message'], as: 'auth', message: ['message'] },
      ...[400, 403, 404, 422].map((status) => ({
        status,
        path: ['message'],
        as: 'fail' as const,
        message: ['message'],
      })),
    ],
    // developer.shortcut.com/api/webhook/v1
    webhook: {
      verify: { method: 'hmac', header: 'Payload-Signature', hash: 'sha256', encoding: 'hex' },
      id: 'body.id',
      type: "body.actions[0].entity_type ~ '.' ~ body.actions[0].action",
      // An event names who did something, but not the workspace. The webhook's URL has to say for whom it was created.
      connection: { value: 'query.external_id', equals: 'externalId' },
      sync: [
        { where: "'story' in body.actions[0].entity_type", streams: ['stories'] },
        { where: "body.actions[0].entity_type == 'epic'", streams: ['epics'] },
      ],
    },
    testRequest: { path: '/member' },
    streams: [
      objects('members'),
      objects('workflows'),
      objects('iterations'),
      objects('epics'),
      {
        name: 'stories',
        method: 'POST',
        path: '/stories/search',
        json: {},
        primaryKey: [['id']],
        incremental: {
          cursorField: ['updated_at'],
          param: 'updated_at_start',
          in: 'json',
          format: 'iso8601',
          start: '1970-01-01T00:00:00Z',
        },
      },
    ],
    actions,
  },
  guide: {
    key: {
      url: 'https://app.shortcut.com/settings/account/api-tokens',
      steps: [
        {
          en: 'Open the API tokens in the settings of your account.',
          de: 'Öffnen Sie die API-Tokens in den Einstellungen Ihres Kontos.',
        },
        {
          en: 'Enter a name, select **Generate token**, and copy the token.',
          de: 'Geben Sie einen Namen ein, wählen Sie **Generate token** und kopieren Sie das Token.',
        },
      ],
    },
    webhook: {
      url: 'https://help.shortcut.com/hc/en-us/articles/34734717380756',
      steps: [
        {
          en: 'Make up a long random text of at most 128 characters, and save it here as the webhook secret.',
          de: 'Denken Sie sich einen langen zufälligen Text von höchstens 128 Zeichen aus und speichern Sie ihn hier als Webhook-Secret.',
        },
        {
          en: 'Give the connection an external ID, and append it to the webhook URL as the parameter external_id.',
          de: 'Geben Sie der Verbindung eine externe ID und hängen Sie sie als Parameter external_id an die Webhook-URL an.',
        },
        {
          en: 'Send POST /integrations/webhook with the token of the connection: **webhook_url** is this URL, and **secret** the webhook secret. The token must not be that of an observer.',
          de: 'Senden Sie POST /integrations/webhook mit dem Token der Verbindung: **webhook_url** ist diese URL, **secret** das Webhook-Secret. Das Token darf nicht das eines Observers sein.',
        },
      ],
    },
    events: ['story.*', 'epic.*'],
    scopes: {},
    rateLimit: {
      words: {
        en: '200 requests a minute for a token.',
        de: '200 Anfragen pro Minute je Token.',
      },
      url: docsUrl,
    },
    hints: [],
    traps: [
      {
        en: 'A token may do everything that the person may, in one workspace.',
        de: 'Ein Token darf in einem Workspace alles, was die Person darf.',
      },
      {
        en: 'Until 2021 Shortcut was called Clubhouse; the header Clubhouse-Signature is now Payload-Signature.',
        de: 'Bis 2021 hieß Shortcut Clubhouse; der Header Clubhouse-Signature heißt jetzt Payload-Signature.',
      },
      {
        en: 'A search returns at most the first 1,000 stories.',
        de: 'Eine Suche liefert höchstens die ersten 1.000 Storys.',
      },
      {
        en: 'An event is about one primary object and may list actions on others, such as the epic of a story. Its type is that of the first action.',
        de: 'Ein Event betrifft ein Hauptobjekt und kann Aktionen an anderen nennen, etwa am Epic einer Story. Seine Art ist die der ersten Aktion.',
      },
    ],
  },
}

/** Lists without pages. */
function objects(name: string): StreamDefinition {
  return { name, path: `/${name}`, primaryKey: [['id']] }
}
