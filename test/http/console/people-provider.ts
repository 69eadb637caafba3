import { type ProviderServer, sendJson, startProvider } from '../../support/provider-server.ts'
import { type ConsoleBrowser, CREATE_INTEGRATION, type TestWorkspace } from './console-browser.ts'

interface Person {
  id: number
  name: string
  city: string
}

/** A provider with a list of people that a test may change, and the connection of a workspace to it. */
export interface PeopleProvider extends ProviderServer {
  people: Person[]
  /** Creates the integration `people` and a connection to it. @returns its id */
  connect(browser: ConsoleBrowser, workspace: TestWorkspace, endUser?: string): Promise<string>
}

const PAGE_SIZE = 100

export async function startPeople(count: number): Promise<PeopleProvider> {
  const people = Array.from({ length: count }, (_, index) => ({
    id: index + 1,
    name: `Person ${index + 1}`,
    city: index % 2 === 0 ? 'Berlin' : 'London',
  }))
  const server = await startProvider(({ method, url, body }, response) => {
    if (url.pathname === '/broken') return sendJson(response, { error: 'The name is missing.' }, {}, 422)
    if (url.pathname !== '/people' || method !== 'GET') return sendJson(response, { method, path: url.pathname, body })
    const offset = Number(url.searchParams.get('offset') ?? 0)
    sendJson(response, { data: people.slice(offset, offset + PAGE_SIZE), total: people.length })
  })
  const definition = {
    displayName: 'People',
    baseUrl: server.origin,
    auth: { type: 'bearer' },
    testRequest: { path: '/people' },
    streams: [
      {
        ...{ name: 'people', path: '/people', primaryKey: ['id'], recordsPath: 'data' },
        pagination: { type: 'offset', param: 'offset', limitParam: 'limit', size: PAGE_SIZE, total: 'total' },
      },
      { name: 'teams', path: '/people', primaryKey: ['id'], recordsPath: 'data' },
    ],
    actions: [
      {
        ...{ name: 'find_person', title: 'Find a person', readOnly: true },
        input: {
          type: 'object',
          properties: { limit: { type: 'integer', default: 2 }, city: { enum: ['Berlin', 'London'] } },
        },
        request: { method: 'GET', path: '/search', query: { limit: '{{ args.limit }}', city: '{{ args.city }}' } },
      },
      {
        ...{ name: 'add_person', title: 'Add a person' },
        input: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
        request: { method: 'POST', path: '/people', json: { name: '{{ args.name }}' } },
      },
    ],
  }
  return {
    ...server,
    people,
    async connect(browser, workspace, endUser = 'ada') {
      await browser.app.mutate(CREATE_INTEGRATION, { workspaceId: workspace.id, slug: 'people', definition })
      return browser.connect(workspace, 'people', endUser, `People of ${endUser}`)
    },
  }
}

export const TRIGGER_SYNC = `mutation ($input: TriggerSyncInput!) { triggerSync(input: $input) { __typename
  ... on Error { message } } }`
