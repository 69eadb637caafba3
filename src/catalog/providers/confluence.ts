import { choice, input, limit, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import {
  atlassianApp,
  atlassianHints,
  atlassianOAuth,
  atlassianScopes,
  atlassianSite,
  atlassianSiteTrap,
  atlassianSources,
  atlassianTokens,
} from '../families/atlassian.ts'
import type { ProviderFile } from '../provider-file.ts'

const site = 'https://api.atlassian.com/ex/confluence/{{ kept.cloud_id }}/wiki'

const rest = 'https://developer.atlassian.com/cloud/confluence/rest/v2'

const id = (description: string) => text(description, { pattern: '^[0-9]+$' })

const body = text('Text in the storage format of Confluence, which is XHTML, such as <p>Hello</p>.')

const actions: ActionDefinition[] = [
  {
    name: 'create_page',
    title: 'Create a page',
    description: 'Creates a page in a space and returns it with its id and links.',
    docsUrl: `${rest}/api-group-page/#api-pages-post`,
    scopes: ['write:page:confluence'],
    input: input(
      { space_id: id('Id of the space. list_spaces returns it.'), title: text('Title of the page.'), body },
      {
        parent_id: id('Id of the parent page. Default: the home page of the space.'),
        status: choice('Whether the page is published or a draft. Default: current.', ['current', 'draft']),
      },
    ),
    request: {
      method: 'POST',
      path: '/pages',
      json: {
        spaceId: '{{ args.space_id }}',
        status: "{{ args.status | default('current') }}",
        title: '{{ args.title }}',
        parentId: '{{ args.parent_id }}',
        body: { representation: 'storage', value: '{{ args.body }}' },
      },
    },
  },
  {
    name: 'search',
    title: 'Search pages',
    description:
      'Searches pages, blog posts, comments and attachments with CQL. Returns results, each with an excerpt, and size and totalSize.',
    docsUrl: 'https://developer.atlassian.com/cloud/confluence/rest/v1/api-group-search/#api-wiki-rest-api-search-get',
    scopes: ['search:confluence'],
    readOnly: true,
    input: input(
      { cql: text('CQL query, such as: type = page AND text ~ "onboarding" ORDER BY lastmodified DESC.') },
      { limit: limit(100, 25) },
    ),
    request: {
      method: 'GET',
      baseUrl: `${site}/rest/api`,
      path: '/search',
      query: { cql: '{{ args.cql }}', limit: '{{ args.limit | default(25) }}' },
    },
  },
  {
    name: 'get_page',
    title: 'Get a page',
    description: 'Returns one page with its body in the storage format, which is XHTML.',
    docsUrl: `${rest}/api-group-page/#api-pages-id-get`,
    scopes: ['read:page:confluence'],
    readOnly: true,
    input: input({ page_id: id('Id of the page.') }),
    request: { method: 'GET', path: '/pages/{{ args.page_id }}', query: { 'body-format': 'storage' } },
  },
  {
    name: 'add_comment',
    title: 'Comment on a page',
    description: 'Adds a footer comment to a page and returns it with its id.',
    docsUrl: `${rest}/api-group-comment/#api-footer-comments-post`,
    scopes: ['write:comment:confluence'],
    input: input({ page_id: id('Id of the page.'), body }),
    request: {
      method: 'POST',
      path: '/footer-comments',
      json: { pageId: '{{ args.page_id }}', body: { representation: 'storage', value: '{{ args.body }}' } },
    },
  },
  {
    name: 'list_spaces',
    title: 'List spaces',
    description: 'Lists the spaces that the user can see, with id, key and name.',
    docsUrl: `${rest}/api-group-space/#api-spaces-get`,
    scopes: ['read:space:confluence'],
    readOnly: true,
    input: input({}, { limit: limit(250, 100) }),
    request: { method: 'GET', path: '/spaces', query: { limit: '{{ args.limit | default(100) }}' } },
    output: ['results'],
  },
]

/** Confluence Cloud by version 2 of its API, which has granular scopes only. Version 1 is left for the search. */
export const provider: ProviderFile = {
  aliases: ['confluence cloud', 'atlassian confluence', 'atlassian wiki'],
  logo: 'confluence',
  color: '#172b4d',
  sources: [
    ...atlassianSources,
    {
      url: 'https://developer.atlassian.com/cloud/confluence/scopes-for-oauth-2-3LO-and-forge-apps/',
      read: '2026-11-29',
    },
    { url: 'https://developer.atlassian.com/cloud/confluence/rate-limiting/', read: '2026-11-29' },
    // Generated from the OpenAPI document of version 2.
    {
      url: 'https://pub.dev/documentation/atlassian_apis/latest/confluence_v2/PageApi-class.html',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://pub.dev/documentation/atlassian_apis/latest/confluence_v2/BlogPostApi-class.html',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://pub.dev/documentation/atlassian_apis/latest/confluence_v2/CommentApi-class.html',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://github.com/airweave-ai/airweave',
      read: '2026-11-29',
      second: true,
      differs:
        'Requests further scopes, among them read:content:confluence. The streams here are of version 2 and need only those of their objects.',
    },
  ],
  // The parameter sort is documented. Its value -modified-date could not be read.
  unverified: ['streams'],
  definition: {
    displayName: 'Confluence',
    docsUrl: `${rest}/intro/`,
    categories: ['knowledge base', 'documents'],
    // Injected tokens supply the site id as extra.cloud_id.
    baseUrl: `${site}/api/v2`,
    auth: atlassianOAuth(['read:space:confluence', 'read:page:confluence', 'read:comment:confluence']),
    afterConnect: atlassianSite,
    responseErrors: [400, 403, 404].map((status) => ({
      status,
      path: ['errors', 0, 'title'],
      as: 'fail',
      message: ['errors', 0, 'title'],
      code: ['errors', 0, 'code'],
    })),
    testRequest: { path: '/spaces?limit=1' },
    streams: [
      content('spaces'),
      {
        ...content('pages', { 'body-format': 'storage', sort: '-modified-date' }),
        // version.createdAt is the time of the last change.
        incremental: { cursorField: ['version', 'createdAt'], by: 'newest_first' },
      },
      {
        ...content('blogposts', { 'body-format': 'storage', sort: '-modified-date' }),
        incremental: { cursorField: ['version', 'createdAt'], by: 'newest_first' },
      },
      {
        ...content('footer-comments', { 'body-format': 'storage', sort: '-modified-date' }),
        incremental: { cursorField: ['version', 'createdAt'], by: 'newest_first' },
      },
    ],
    actions,
  },
  guide: {
    app: atlassianApp('Confluence API'),
    scopes: {
      'read:space:confluence': { en: 'see the spaces in Confluence', de: 'die Bereiche in Confluence sehen' },
      'read:page:confluence': {
        en: 'read the pages and blog posts that you can see in Confluence',
        de: 'die Seiten und Blogbeiträge lesen, die Sie in Confluence sehen können',
      },
      'read:comment:confluence': {
        en: 'read the comments in Confluence',
        de: 'die Kommentare in Confluence lesen',
      },
      'write:page:confluence': {
        en: 'create and change pages and blog posts in Confluence',
        de: 'Seiten und Blogbeiträge in Confluence anlegen und ändern',
      },
      'write:comment:confluence': {
        en: 'comment in Confluence as you',
        de: 'in Confluence in Ihrem Namen kommentieren',
      },
      'search:confluence': {
        en: 'search everything that you can see in Confluence',
        de: 'alles durchsuchen, was Sie in Confluence sehen können',
      },
      ...atlassianScopes,
    },
    rateLimit: {
      words: {
        en: '65,000 points an hour for the app, shared by all Confluence sites unless Atlassian grants the app more. Each request costs at least one point. Further limits apply per second.',
        de: '65.000 Punkte pro Stunde für die App, gemeinsam für alle Confluence-Sites, sofern Atlassian der App nicht mehr gewährt. Jede Anfrage kostet mindestens einen Punkt. Zusätzlich gelten Grenzen pro Sekunde.',
      },
      url: 'https://developer.atlassian.com/cloud/confluence/rate-limiting/',
    },
    hints: atlassianHints,
    tokens: atlassianTokens,
    traps: [
      atlassianSiteTrap,
      {
        en: 'Scopes do not widen what the person can see: spaces and pages that are restricted to others are missing without an error.',
        de: 'Scopes erweitern nicht, was die Person sehen darf: Bereiche und Seiten, die anderen vorbehalten sind, fehlen ohne Fehlermeldung.',
      },
      {
        en: 'In the developer console, the scopes stand under **Granular scopes**. The classic scopes do not open version 2 of the API.',
        de: 'In der Entwicklerkonsole stehen die Scopes unter **Granular scopes**. Die klassischen Scopes öffnen Version 2 der API nicht.',
      },
    ],
  },
}

/** The link to the next page is a path at the site, and does not begin with the path by which apps reach the site. */
function content(name: string, query: Record<string, string> = {}): StreamDefinition {
  return {
    name: name.replace('-', '_'),
    path: `/${name}`,
    query: { limit: '100', ...query },
    recordsPath: ['results'],
    primaryKey: [['id']],
    pagination: {
      type: 'next',
      value:
        "('https://api.atlassian.com/ex/confluence/' ~ kept.cloud_id ~ answer._links.next) if answer._links.next else ''",
      place: 'url',
    },
  }
}
