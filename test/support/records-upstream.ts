import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

export interface RecordsUpstream {
  url: string
  token: string
  /** The records. Tests change them between syncs. */
  contacts: Record<string, unknown>[]
  requests: { method: string; path: string; authorization: string | undefined }[]
  /** When set, handles requests instead of the list. */
  answer: ((request: IncomingMessage, response: ServerResponse) => void) | null
  close(): Promise<void>
}

/** Starts a paged API on loopback: `GET /contacts?offset&limit`, which requires a bearer token. */
export async function startRecordsUpstream(count = 250): Promise<RecordsUpstream> {
  const upstream: RecordsUpstream = {
    url: '',
    token: 'upstream-token-7f3a',
    contacts: Array.from({ length: count }, (_, index) => ({ id: index + 1, name: `Contact ${index + 1}` })),
    requests: [],
    answer: null,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://upstream')
    const { authorization } = request.headers
    upstream.requests.push({ method: request.method ?? '', path: `${url.pathname}${url.search}`, authorization })
    if (upstream.answer !== null) return upstream.answer(request, response)
    response.setHeader('content-type', 'application/json')
    if (authorization !== `Bearer ${upstream.token}`) {
      response.statusCode = 401
      response.end(
        JSON.stringify({ error: 'invalid_token', error_description: 'The upstream does not know this token.' }),
      )
      return undefined
    }
    const offset = Number(url.searchParams.get('offset'))
    const limit = Number(url.searchParams.get('limit'))
    response.setHeader('x-total-count', String(upstream.contacts.length))
    response.end(JSON.stringify({ items: upstream.contacts.slice(offset, offset + limit) }))
    return undefined
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  upstream.url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  return upstream
}

/** A definition that reads the API, with the given `auth`. */
export function contactsDefinition(url: string, auth: Record<string, unknown> = { type: 'bearer' }) {
  return {
    displayName: 'Contacts',
    baseUrl: url,
    auth,
    streams: [
      {
        name: 'contacts',
        path: '/contacts',
        recordsPath: ['items'],
        primaryKey: [['id']],
        pagination: { type: 'offset', param: 'offset', limitParam: 'limit', size: 100, total: 'header:X-Total-Count' },
      },
    ],
  }
}
