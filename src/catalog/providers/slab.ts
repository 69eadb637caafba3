import { cursor, input, limit, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { ProviderFile } from '../provider-file.ts'

const docsUrl = 'https://studio.apollographql.com/public/Slab/variant/current/home'

const POST = 'id title insertedAt updatedAt'

/** The fields of a whole post. Its content is a Quill Delta, a list of operations. */
const WHOLE_POST = `${POST} publishedAt archivedAt version linkAccess content owner { id name email } topics { id name }`

/** GraphQL: failures have status 200, and `responseErrors` of the definition makes them errors. */
const actions: ActionDefinition[] = [
  {
    name: 'search_posts',
    title: 'Search posts',
    description:
      'Searches posts by words. Returns pageInfo, whose endCursor is the cursor of the next page, and edges, each with a post in node.',
    docsUrl,
    readOnly: true,
    input: input(
      { query: text('Words to search for.') },
      { limit: limit(100, 20), cursor: cursor('pageInfo.endCursor') },
    ),
    request: {
      method: 'POST',
      path: '/graphql',
      json: {
        query: `query ($query: String!, $first: Int!, $after: String) { search(query: $query, types: [POST], first: $first, after: $after) { pageInfo { hasNextPage endCursor } edges { node { ... on PostSearchResult { post { ${POST} } } } } } }`,
        variables: {
          query: '{{ args.query }}',
          first: '{{ args.limit | default(20) }}',
          after: '{{ args.cursor }}',
        },
      },
    },
    output: ['data', 'search'],
  },
  {
    name: 'get_post',
    title: 'Get a post',
    description: 'Returns one post with its content, which is a Quill Delta.',
    docsUrl,
    readOnly: true,
    input: input({ post_id: text('Id of the post.', { pattern: '^[A-Za-z0-9_-]+$' }) }),
    request: {
      method: 'POST',
      path: '/graphql',
      json: {
        query: `query ($id: ID!) { post(id: $id) { ${WHOLE_POST} } }`,
        variables: { id: '{{ args.post_id }}' },
      },
    },
    output: ['data', 'post'],
  },
]

/** GraphQL. A token of the team's bot, which exists on the plans Business and Enterprise. */
export const provider: ProviderFile = {
  aliases: ['slab wiki', 'slab.com'],
  logo: null,
  // Its brand colour could not be read.
  color: '#6b7280',
  sources: [
    // Slab's own pages could not be read: help.slab.com/en/articles/6545629 and the schema in Apollo Studio.
    {
      url: 'https://github.com/airweave-ai/airweave',
      read: '2026-11-29',
      second: true,
    },
    { url: 'https://nango.dev/docs/api-integrations/slab/connect', read: '2026-11-29', second: true },
    {
      url: 'https://docs.dust.tt/docs/user-documentation/agents/tools/slab.md',
      read: '2026-11-29',
      second: true,
      differs: 'Sends the token after the word token. Airweave and others send it with Bearer.',
    },
    // Queries that were checked against the published schema.
    {
      url: 'https://glama.ai/mcp/servers/@russwyte/slabby/blob/4574de64881506b652ec13d22362d3c8aa6d2ecb/SCHEMA_VERIFICATION.md',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://gist.github.com/aerostitch/4cef457c4489a9080533ff4f0fba5351',
      read: '2026-11-29',
      second: true,
      differs: 'Sends the token without a prefix.',
    },
  ],
  unverified: ['key', 'rateLimit', 'hints', 'tokens', 'streams', 'actions'],
  definition: {
    displayName: 'Slab',
    docsUrl,
    categories: ['knowledge base'],
    baseUrl: 'https://api.slab.com/v1',
    auth: { type: 'bearer' },
    responseErrors: [
      { status: 401, as: 'auth', message: ['errors', 0, 'message'] },
      ...[200, 400, 403, 404].map((status) => ({
        status,
        path: ['errors', 0, 'message'],
        as: 'fail' as const,
        message: ['errors', 0, 'message'],
      })),
    ],
    testRequest: { path: '/graphql', json: { query: '{ organization { id name host } }' } },
    streams: [
      {
        name: 'topics',
        path: '/graphql',
        json: {
          query: '{ organization { topics { id name description hierarchy insertedAt updatedAt parent { id } } } }',
        },
        recordsPath: ['data', 'organization', 'topics'],
        primaryKey: [['id']],
      },
      {
        name: 'posts',
        path: '/graphql',
        json: { query: `{ organization { posts { ${POST} } } }` },
        recordsPath: ['data', 'organization', 'posts'],
        primaryKey: [['id']],
      },
      {
        // With the content, one request for each post.
        name: 'post_contents',
        parent: { stream: 'posts' },
        path: '/graphql',
        json: {
          query: `query ($id: ID!) { post(id: $id) { ${WHOLE_POST} } }`,
          variables: { id: '{{ parent.id }}' },
        },
        records: { one: true, path: ['data', 'post'] },
        primaryKey: [['id']],
      },
    ],
    actions,
  },
  guide: {
    key: {
      url: 'https://help.slab.com/en/articles/6545629-developer-tools-api-webhooks',
      steps: [
        {
          en: 'As an admin of a team on the plan Business or Enterprise, select the name of the team at the top left, then **Team settings**.',
          de: 'Wählen Sie als Admin eines Teams mit dem Tarif Business oder Enterprise oben links den Namen des Teams und dann **Team settings**.',
        },
        {
          en: 'Open **Developer** and copy the API token.',
          de: 'Öffnen Sie **Developer** und kopieren Sie das API-Token.',
        },
        {
          en: 'Give the bot of Slab access to the private topics that shall be read.',
          de: 'Geben Sie dem Bot von Slab Zugriff auf die privaten Themen, die gelesen werden sollen.',
        },
      ],
    },
    scopes: {},
    rateLimit: null,
    hints: [],
    traps: [
      {
        en: 'The token belongs to the bot of Slab and reaches only the topics and posts that the bot can see.',
        de: 'Das Token gehört zum Bot von Slab und erreicht nur die Themen und Beiträge, die der Bot sehen kann.',
      },
      {
        en: 'The content of posts is a Quill Delta and not HTML or Markdown.',
        de: 'Der Inhalt von Beiträgen ist ein Quill Delta, nicht HTML oder Markdown.',
      },
      {
        en: 'Errors have status 200 and stand in errors, as usual in GraphQL.',
        de: 'Fehler haben den Status 200 und stehen in errors, wie in GraphQL üblich.',
      },
    ],
  },
}
