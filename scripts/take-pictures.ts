/**
 * `node scripts/take-pictures.ts`: takes the picture of the README from a running Latchkey with sample data: the connect page beside the
 * console. Needs Chromium at /usr/bin/chromium (Debian's package).
 */
import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium } from 'playwright-core'
import { startProcess, startProgram } from '../test/support/program.ts'

const FILE = fileURLToPath(new URL('../docs/images/overview.png', import.meta.url))
const PEOPLE = ['Ada Lovelace', 'Grace Hopper', 'Alan Turing', 'Barbara Liskov', 'Edsger Dijkstra', 'Frances Allen']
const PROVIDERS = ['github', 'slack', 'hubspot', 'notion']

const records = await startProcess({ args: ['examples/records-api/server.ts'], env: { PORT: '0' }, ready: /:(\d+)/ })
const program = await startProgram({ env: { LATCHKEY_EGRESS_ALLOW: '127.0.0.1' } })

interface Created {
  id: string
}

async function mutate<Payload>(field: string, input: Record<string, unknown>, selection: string): Promise<Payload> {
  const type = `${field[0]?.toUpperCase()}${field.slice(1)}`
  const query = `mutation ($input: ${type}Input!) { ${field}(input: $input) { ... on ${type}Payload { ${selection} } ... on Error { message } } }`
  const response = await fetch(program.graphqlUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${program.operatorKey}` },
    body: JSON.stringify({ query, variables: { input } }),
  })
  const { data } = (await response.json()) as { data?: Record<string, Payload & object> }
  const payload = data?.[field]
  if (payload === undefined || 'message' in payload) throw new Error(`${field}: ${JSON.stringify(payload)}`)
  return payload
}

/** A workspace with connections and jobs. @returns where its pages are */
async function setUp(): Promise<{ slug: string; connectUrl: string }> {
  const { workspace } = await mutate<{ workspace: Created & { slug: string } }>(
    'createWorkspace',
    { name: 'Acme', branding: { name: 'Acme', color: '#0f766e' } },
    'workspace { id slug }',
  )
  const workspaceId = workspace.id
  for (const slug of PROVIDERS) {
    const oauthClient = { clientId: 'acme', clientSecret: 'only for this picture' }
    await mutate('createIntegration', { workspaceId, slug, provider: slug, oauthClient }, 'integration { id }')
  }
  const definition = {
    displayName: 'Contacts',
    baseUrl: `http://127.0.0.1:${records.ready[1]}`,
    auth: { type: 'bearer' },
    streams: [
      {
        name: 'contacts',
        path: '/contacts',
        recordsPath: 'contacts',
        primaryKey: ['id'],
        pagination: { type: 'offset', param: 'offset', limitParam: 'limit', size: 100 },
      },
    ],
  }
  await mutate('createIntegration', { workspaceId, slug: 'contacts', definition }, 'integration { id }')
  for (const [nth, person] of PEOPLE.entries()) {
    const shared = { workspaceId, endUserExternalId: person.split(' ')[0]?.toLowerCase(), displayName: person }
    const integration = PROVIDERS[nth % PROVIDERS.length]
    const oauthToken = { accessToken: 'only for this picture', expiresIn: 36_000 }
    await mutate('createConnection', { ...shared, integration, credential: { oauthToken } }, 'connection { id }')
    const secretText = nth === 4 ? 'a wrong token' : 'demo-token'
    const own = { ...shared, integration: 'contacts', credential: { secretText }, syncImmediately: true }
    await mutate('createConnection', own, 'connection { id }').catch(() => undefined)
  }
  const { connectUrl } = await mutate<{ connectUrl: string }>(
    'createConnectSession',
    { workspaceId, endUserExternalId: 'ada', integrations: PROVIDERS, allowedOrigins: ['https://app.example.com'] },
    'connectUrl',
  )
  return { slug: workspace.slug, connectUrl }
}

async function take(browser: Browser): Promise<void> {
  const { slug, connectUrl } = await setUp()
  const window = { deviceScaleFactor: 2, colorScheme: 'light', locale: 'en-US' } as const
  const phone = await browser.newPage({ ...window, viewport: { width: 420, height: 760 } })
  await phone.goto(connectUrl)
  const desktop = await browser.newPage({ ...window, viewport: { width: 1280, height: 860 } })
  await desktop.goto(`${program.url}/console/w/${slug}`)
  await desktop.locator('input[name=key]').fill(program.operatorKey)
  await desktop.locator('button[type=submit]').click()
  await desktop.locator('h1').waitFor()
  await desktop.locator('.loading').waitFor({ state: 'detached' })
  await desktop.mouse.move(0, 0)
  await desktop.waitForTimeout(2_000)
  const [left, right] = await Promise.all([phone.screenshot(), desktop.screenshot()])
  const image = (bytes: Buffer, width: number) =>
    `<img width="${width}" src="data:image/png;base64,${bytes.toString('base64')}" style="border-radius:10px;box-shadow:0 4px 24px #0003">`
  const both = await browser.newPage({ viewport: { width: 1280, height: 620 }, deviceScaleFactor: 1.5 })
  await both.setContent(
    `<body style="margin:0;display:flex;gap:32px;align-items:center;justify-content:center;height:620px;background:#eef1f4">${image(left, 310)}${image(right, 835)}</body>`,
  )
  await mkdir(fileURLToPath(new URL('../docs/images', import.meta.url)), { recursive: true })
  await both.screenshot({ path: FILE })
}

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--lang=en-US'] })
try {
  await take(browser)
  process.stdout.write(`${FILE}\n`)
} finally {
  await browser.close()
  await program.stop()
  await records.stop()
}
