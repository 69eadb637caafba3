import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { OPERATIONS } from '../../packages/client/src/generated/operations.ts'
import { type InstalledClient, installClient } from '../support/client-package.ts'
import { freePort } from '../support/listening.ts'
import { type Program, repositoryRoot, startProcess, startProgram, startRecordsApi } from '../support/program.ts'
import { blocksOf } from '../support/readme.ts'

const page = await readFile(join(repositoryRoot, 'docs/client.md'), 'utf8')
const blocks = blocksOf(page)
const codeOf = (language: string) => blocks.filter((block) => block.language === language).map(({ text }) => text)

let client: InstalledClient
let program: Program
let recordsApi: Awaited<ReturnType<typeof startRecordsApi>>

beforeAll(async () => {
  client = await installClient()
  await client.link('@types/node', 'undici-types', '@types/react', 'csstype', 'react')
  recordsApi = await startRecordsApi()
  program = await startProgram({ env: { LATCHKEY_EGRESS_ALLOW: '127.0.0.1' } })
})

afterAll(async () => {
  await Promise.all([program?.stop(), recordsApi?.stop()])
  await client?.remove()
})

it('the code of docs/client.md has strict types, and runs from top to bottom', async () => {
  await writeFile(join(client.folder, 'guide.ts'), `${codeOf('ts').join('\n')}\nconsole.log('started')\n`)
  expect(client.check('guide.ts', { module: 'nodenext' })).toBe('')
  const port = await freePort()
  const guide = await startProcess({
    args: [join(client.folder, 'guide.ts')],
    env: {
      LATCHKEY_URL: program.url,
      LATCHKEY_KEY: program.operatorKey,
      RECORDS_API_URL: recordsApi.url,
      RECORDS_API_TOKEN: recordsApi.token,
      PORT: String(port),
      WEBHOOK_URL: `http://127.0.0.1:${port}/`,
    },
    ready: /started\n/,
  })
  await guide.saw(/^msg_\w+ webhook\.test$/m)
  const lines = guide.stdout().split('\n')
  expect(lines.slice(0, 8)).toEqual([
    'records ACTIVE',
    'OPERATOR all workspaces',
    '1 false',
    expect.stringMatching(/^Records API/),
    'OPERATOR',
    'CONFLICT 409',
    expect.stringMatching(/^(?:QUEUED|RUNNING|SUCCEEDED)$/),
    'SYNC_QUEUED',
  ])
  expect(lines).toContain('SYNC_SUCCEEDED')
  expect(lines).toContainEqual(expect.stringMatching(/^contacts \d+$/))
  await guide.kill9()
  expect(guide.stderr()).toBe('')
})

it('the component of docs/client.md has strict types', async () => {
  const [component = ''] = codeOf('tsx')
  await writeFile(join(client.folder, 'component.tsx'), component)
  expect(component).toContain('ConnectButton')
  expect(client.check('component.tsx', { module: 'bundler' })).toBe('')
})

it('docs/client.md names functions and entries that exist', async () => {
  const groups = Object.keys(OPERATIONS)
  const named = [...page.matchAll(/`(\w+)\.(\w+)`/g)].filter(([, group = '']) => groups.includes(group))
  expect(named.length).toBeGreaterThan(8)
  const missing = named.filter(([, group = '', name = '']) => OPERATIONS[group]?.[name] === undefined)
  expect(missing.map(([text]) => text)).toEqual(['`events.follow`'])
  const { exports } = JSON.parse(await readFile(join(repositoryRoot, 'packages/client/package.json'), 'utf8'))
  const entries = [...page.matchAll(/^\| `latchkey-client(\S*)` \|/gm)].map(([, path]) => `.${path}`)
  expect([...entries, './package.json'].sort()).toEqual(Object.keys(exports).sort())
})
