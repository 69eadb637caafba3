import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startProgram } from '../support/program.ts'
import { type RecordsUpstream, startRecordsUpstream } from '../support/records-upstream.ts'
import { connectContacts, followJob, readJob, sharedEnv } from './main-job.ts'

const STOPS_WITHIN_MS = 10_000

let dataDir: string
let upstream: RecordsUpstream
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'latchkey-shutdown-'))
  upstream = await startRecordsUpstream(250)
})
afterEach(async () => {
  await upstream.close()
  await rm(dataDir, { recursive: true, force: true })
})

describe('SIGTERM', () => {
  it('returns a running sync job to the queue, and the next start resumes it at its checkpoint', async () => {
    const env = sharedEnv()
    const key = env['LATCHKEY_OPERATOR_KEY'] ?? ''
    const waiting = Promise.withResolvers<void>()
    const { contacts } = upstream
    // The second page is never answered.
    upstream.answer = (request, response) => {
      const offset = Number(new URL(request.url ?? '/', upstream.url).searchParams.get('offset'))
      if (offset > 0) return waiting.resolve()
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ items: contacts.slice(0, 100) }))
    }
    const first = await startProgram({ dataDir, env })
    const { syncJobId } = await connectContacts(first.graphqlUrl, key, upstream)
    await waiting.promise
    const startedMs = performance.now()
    expect(await first.stop()).toBe(0)
    expect(performance.now() - startedMs).toBeLessThan(STOPS_WITHIN_MS)

    upstream.answer = null
    const requestsBefore = upstream.requests.length
    const second = await startProgram({ dataDir, env })
    try {
      const types = await followJob(second.graphqlUrl, key, syncJobId)
      expect(types.filter((type) => type !== 'SYNC_PROGRESSED')).toEqual([
        'SYNC_QUEUED',
        'SYNC_STARTED',
        'SYNC_QUEUED',
        'SYNC_STARTED',
        'SYNC_SUCCEEDED',
      ])
      expect(await readJob(second.graphqlUrl, key, syncJobId)).toMatchObject({
        status: 'SUCCEEDED',
        attempt: 2,
        recordsRead: 250,
        recordsWritten: 250,
      })
      expect(upstream.requests.slice(requestsBefore).map(({ path }) => path)).not.toContain(
        '/contacts?offset=0&limit=100',
      )
    } finally {
      expect(await second.stop()).toBe(0)
    }
  })

  it('ends open subscriptions and exits with 0', async () => {
    const env = sharedEnv()
    const key = env['LATCHKEY_OPERATOR_KEY'] ?? ''
    const program = await startProgram({ dataDir, env })
    upstream.answer = () => undefined
    const { syncJobId } = await connectContacts(program.graphqlUrl, key, upstream)
    const following = followJob(program.graphqlUrl, key, syncJobId).catch((error: unknown) => error)
    expect(await program.stop()).toBe(0)
    await following
  })
})
