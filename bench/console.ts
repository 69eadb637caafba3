/**
 * `npm run bench -- console`: the time from a navigation to the first rows of the console, in Chromium with an empty cache, in a
 * workspace with 10,000 connections. The reference is GraphiQL, which the same gateway serves, until its editor is there.
 * DATABASE_URL: a server on which a database may be created. LATCHKEY_TEST_CHROMIUM: the path of Chromium.
 */
import { chromium } from 'playwright-core'
import { CHROMIUM_PATH } from '../test/support/services.ts'
import { median, startUnderLoad } from './program-under-load.ts'
import { report } from './results.ts'

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 7)
const CONNECTIONS = 10_000

const { program, mutate, client, close } = await startUnderLoad('latchkey_bench_console')
const origin = new URL(program.graphqlUrl).origin
const browser = await chromium.launch({ executablePath: CHROMIUM_PATH, args: ['--no-sandbox'] })

/** Milliseconds from the navigation until the selector matches, in a context of its own. `bytes`: of all JavaScript, as sent. */
async function firstView(path: string, selector: string): Promise<{ ms: number; bytes: number }> {
  const context = await browser.newContext()
  try {
    const key = { key: program.operatorKey }
    await context.request.post(`${origin}/console/session`, {
      data: key,
      headers: { 'x-latchkey-console': '1', origin },
    })
    const page = await context.newPage()
    await page.goto(`${origin}${path}`, { waitUntil: 'commit' })
    const ms = await page.waitForSelector(selector).then(() => page.evaluate(() => performance.now()))
    const bytes = await page.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .map((entry) => entry as PerformanceResourceTiming)
        .filter(({ initiatorType, name }) => initiatorType === 'script' || name.endsWith('.js'))
        .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
    )
    return { ms, bytes }
  } finally {
    await context.close()
  }
}

try {
  const { workspace } = await mutate<{ workspace: { id: string; slug: string } }>(
    'createWorkspace',
    { name: 'Bench' },
    'workspace { id slug }',
  )
  const definition = { displayName: 'Source', baseUrl: 'http://127.0.0.1:1', auth: { type: 'bearer' } }
  await mutate('createIntegration', { workspaceId: workspace.id, slug: 'source', definition }, 'integration { id }')
  await client.query(
    `INSERT INTO connection (id, workspace_id, integration_id, display_name, status, method)
     SELECT gen_random_uuid(), workspace_id, id, 'Account ' || number, 'ACTIVE', 'SECRET'
     FROM integration, generate_series(1, $1) AS number`,
    [CONNECTIONS],
  )
  for (const [name, path] of [
    ['home', ''],
    ['connections', '/connections'],
  ] as const) {
    const shown = name === 'home' ? '.figures strong' : '.list .row'
    const ours: number[] = []
    const others: number[] = []
    let bytes = 0
    for (let round = 0; round < ROUNDS; round += 1) {
      const view = await firstView(`/console/w/${workspace.slug}${path}`, shown)
      ours.push(view.ms)
      bytes = view.bytes
      others.push((await firstView('/graphql', '.graphiql-editor, .monaco-editor, .CodeMirror')).ms)
    }
    const perMinute = (times: readonly number[]) => times.map((ms) => 60_000 / ms)
    report({
      name: `console, first view of ${name}`,
      unit: 'a minute',
      latchkey: perMinute(ours),
      reference: 'GraphiQL',
      other: perMinute(others),
    })
    report({
      name: `console, ${name}`,
      note: `${Math.round(median(ours))} ms, ${Math.round(bytes / 1000)} kB of JavaScript as sent; GraphiQL ${Math.round(median(others))} ms`,
    })
  }
} finally {
  await browser.close()
  await close()
}
