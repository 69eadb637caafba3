import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse, validate } from 'graphql'
import { expect, it } from 'vitest'
import { buildSchema } from '../../src/graphql/schema.ts'
import { startTestApp } from '../support/app.ts'
import { freePort, untilAnswers } from '../support/listening.ts'
import { repositoryRoot, startProcess } from '../support/program.ts'
import { blocksOf } from '../support/readme.ts'
import { append, createEndpoint } from '../webhooks/out/receiver.ts'

const blocks = blocksOf(await readFile(join(repositoryRoot, 'docs/webhooks.md'), 'utf8'))

it('docs/webhooks.md has operations that the schema accepts', () => {
  const documents = blocks.filter(({ language }) => language === 'graphql')
  expect(documents.length).toBe(5)
  for (const { text } of documents) expect(validate(buildSchema(), parse(text))).toEqual([])
})

it('the receiver of docs/webhooks.md gets connection.needs_reauth and sync.succeeded', async () => {
  const [code] = blocks.filter(({ language }) => language === 'js')
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-webhooks-'))
  await symlink(join(repositoryRoot, 'node_modules'), join(folder, 'node_modules'))
  await writeFile(join(folder, 'receiver.mjs'), `${code?.text}\nconsole.log('started')`)
  const app = await startTestApp()
  const port = String(await freePort())
  const workspace = await app.createWorkspace()
  const { secret } = await createEndpoint(app, workspace, { url: `http://127.0.0.1:${port}/` })
  const env = { PORT: port, WEBHOOK_SECRET: secret }
  const receiver = await startProcess({ args: [join(folder, 'receiver.mjs')], env, ready: /started/ })
  await untilAnswers(`http://127.0.0.1:${port}/`)
  await append(app.database, workspace.id, [{ type: 'CONNECTION_NEEDS_REAUTH' }, { type: 'SYNC_SUCCEEDED' }])
  await Promise.all([receiver.saw(/^\S+ connection\.needs_reauth/m), receiver.saw(/^\S+ sync\.succeeded/m)])
  await receiver.kill9()
  await app.stop()
  await rm(folder, { recursive: true })
})
