/**
 * A small records API to try Latchkey on: `node examples/records-api/server.ts`. It stands for the third party that your
 * users have an account at. Contacts live in memory and are the same after each start.
 *
 *     GET   /contacts?limit=100&offset=0   { contacts, total }
 *     PATCH /contacts/c-001                { name?, email?, company? } changes one
 *
 * Each request needs `Authorization: Bearer <token>`. PORT is 4010 and RECORDS_API_TOKEN is `demo-token` unless set.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

interface Contact {
  id: string
  name: string
  email: string
  company: string
  updatedAt: string
}

const COUNT = 250
const FIRST_NAMES = ['Ada', 'Grace', 'Alan', 'Edsger', 'Barbara', 'Donald', 'Radia', 'Ken', 'Frances', 'Niklaus']
const LAST_NAMES = ['Byron', 'Murray', 'Mathison', 'Wybe', 'Huberman', 'Ervin', 'Joy', 'Lane', 'Elizabeth', 'Emil']
const COMPANIES = ['Analytical Engines', 'Harbor Freight Lines', 'Enigma Works', 'Northern Looms', 'Tidewater Mills']
const LARGEST_BODY_BYTES = 10_000

const contacts = new Map<string, Contact>()
for (let number = 1; number <= COUNT; number += 1) {
  const first = FIRST_NAMES[number % FIRST_NAMES.length]
  const last = LAST_NAMES[Math.floor(number / FIRST_NAMES.length) % LAST_NAMES.length]
  const id = `c-${String(number).padStart(3, '0')}`
  contacts.set(id, {
    id,
    name: `${first} ${last}`,
    email: `${first}.${last}.${number}@example.com`.toLowerCase(),
    company: COMPANIES[number % COMPANIES.length] ?? '',
    updatedAt: new Date(Date.UTC(2026, 0, 1, 0, number)).toISOString(),
  })
}

const token = process.env['RECORDS_API_TOKEN'] || 'demo-token'

function answer(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(`${JSON.stringify(body)}\n`)
}

function refuse(response: ServerResponse, status: number, error: string, message: string): void {
  answer(response, status, { error, message }, status === 401 ? { 'www-authenticate': 'Bearer' } : {})
}

/** Null: the parameter is there and is no whole number of the range. */
function wholeNumber(text: string | null, fallback: number, min: number, max: number): number | null {
  if (text === null) return fallback
  const value = Number(text)
  return /^\d+$/.test(text) && value >= min && value <= max ? value : null
}

function list(response: ServerResponse, parameters: URLSearchParams): void {
  const limit = wholeNumber(parameters.get('limit'), 50, 1, 100)
  const offset = wholeNumber(parameters.get('offset'), 0, 0, Number.MAX_SAFE_INTEGER)
  if (limit === null || offset === null) {
    refuse(response, 400, 'bad_request', 'limit is a whole number from 1 to 100, offset one from 0.')
    return
  }
  const page = [...contacts.values()].slice(offset, offset + limit)
  answer(response, 200, { contacts: page, total: contacts.size }, { 'x-total-count': String(contacts.size) })
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk
    if (text.length > LARGEST_BODY_BYTES) return undefined
  }
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function change(request: IncomingMessage, response: ServerResponse, contact: Contact): Promise<void> {
  const body = await readJson(request)
  const fields = typeof body === 'object' && body !== null ? Object.entries(body) : []
  const changeable = fields.every(
    ([name, value]) => ['name', 'email', 'company'].includes(name) && typeof value === 'string',
  )
  if (fields.length === 0 || !changeable) {
    return refuse(response, 400, 'bad_request', 'Send a JSON object with name, email or company, each a text.')
  }
  const changed = { ...contact, ...Object.fromEntries(fields), updatedAt: new Date().toISOString() }
  contacts.set(contact.id, changed)
  answer(response, 200, changed)
}

const server = createServer(async (request, response) => {
  if (request.headers.authorization !== `Bearer ${token}`) {
    return refuse(response, 401, 'invalid_token', 'The access token is not known here.')
  }
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
  if (pathname === '/contacts' && request.method === 'GET') return list(response, searchParams)
  const contact = contacts.get(/^\/contacts\/([^/]+)$/.exec(pathname)?.[1] ?? '')
  if (contact === undefined)
    return refuse(response, 404, 'not_found', 'There is GET /contacts and PATCH /contacts/<id>.')
  if (request.method === 'PATCH') return change(request, response, contact)
  if (request.method === 'GET') return answer(response, 200, contact)
  refuse(response, 405, 'method_not_allowed', 'A contact can be read (GET) and changed (PATCH).')
})

server.listen(Number(process.env['PORT'] || 4010), '127.0.0.1', () => {
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  process.stdout.write(`The records API has ${COUNT} contacts at http://127.0.0.1:${port}, for the token ${token}\n`)
})
server.on('error', (error) => {
  process.stderr.write(`The records API cannot start: ${error.message}. Set PORT to another one.\n`)
  process.exitCode = 1
})
