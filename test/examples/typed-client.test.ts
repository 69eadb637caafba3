import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Program, repositoryRoot, startProcess, startProgram, startRecordsApi } from '../support/program.ts'

let program: Program
let recordsApi: Awaited<ReturnType<typeof startRecordsApi>>

beforeAll(async () => {
  // One after the other, so that afterAll stops the first when the second does not start.
  recordsApi = await startRecordsApi()
  program = await startProgram({ env: { LATCHKEY_EGRESS_ALLOW: '127.0.0.1' } })
})

afterAll(async () => {
  await Promise.all([program?.stop(), recordsApi?.stop()])
})

function runClient(env: Record<string, string>) {
  return startProcess({
    args: ['examples/typed-client/main.ts'],
    env: { LATCHKEY_URL: program.url, RECORDS_API_URL: recordsApi.url, ...env },
    ready: /Read \d+ records\.\n/,
  })
}

describe('the typed client', () => {
  it('creates everything on an empty server, watches the sync over WebSocket and reads the records', async () => {
    const client = await runClient({ LATCHKEY_KEY: program.operatorKey })
    const lines = client.stdout().trimEnd().split('\n')
    expect(lines.slice(0, 5)).toEqual([
      expect.stringMatching(/^Workspace typed-client, with the key lk_/),
      'Integration records: contacts',
      'Connection of user-42: ACTIVE',
      '  SYNC_QUEUED',
      '  SYNC_STARTED',
    ])
    // The number of progress events depends on the time that the sync takes.
    expect(lines.slice(-3)).toEqual(['  SYNC_PROGRESSED contacts: 250 of 250', '  SYNC_SUCCEEDED', 'Read 250 records.'])
    expect(await client.ended()).toBe(0)
    expect(client.stderr()).toBe('')
  })

  it('ends with the message of the API when the token is refused', async () => {
    const failed = runClient({ LATCHKEY_KEY: program.operatorKey, RECORDS_API_TOKEN: 'not-the-token' })
    await expect(failed).rejects.toThrow('The access token is not known here.')
  })

  it('asks for a key when none is set, and names the problem with an unknown one', async () => {
    await expect(runClient({})).rejects.toThrow('Set it to the operator key')
    await expect(runClient({ LATCHKEY_KEY: 'lk_unknown' })).rejects.toThrow(/Error: (?!TypeError).*key/i)
  })

  it('contains neither casts nor any', async () => {
    const folder = join(repositoryRoot, 'examples/typed-client')
    for (const file of await readdir(folder)) {
      const code = (await readFile(join(folder, file), 'utf8')).replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
      expect(code).not.toMatch(/\bany\b|\bas (?!const\b)[A-Z{]|[\w)\]]!\.|@ts-/)
    }
  })
})
