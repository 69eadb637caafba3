import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { serverAnswers } from '../support/databases.ts'
import { startOidcServer, testClient } from '../support/oidc-server.ts'
import { sendJson } from '../support/provider-server.ts'
import { eventLog, expectRecordsOf, localId, openSetting, untilSucceeded } from './cluster.ts'

const TOKEN_LIVES_SECONDS = 2
const RECORDS = 8_000
const PAGE = 100
const PAGE_TAKES_MS = 100
/** The sync takes at least 8 s, the lifetime of four tokens. */
const RENEWALS = 3

describe.skipIf(!serverAnswers)('a sync whose access tokens expire after two seconds', () => {
  it('renews each token once, and reads every record once', async () => {
    await using oidc = await startOidcServer({ accessTokenTtl: TOKEN_LIVES_SECONDS })
    await using setting = await openSetting(RECORDS, PAGE)
    const { database, source, cluster } = setting
    const client = cluster.client(await cluster.start('gateway'))
    await Promise.all([cluster.start('worker'), cluster.start('worker')])
    const workspaceId = await cluster.workspace(client)
    const tokens = new Set<string>()
    source.beforePage = async (_offset, authorization) => {
      await pause(PAGE_TAKES_MS)
      const token = authorization.replace('Bearer ', '')
      if (!(await oidc.isLiveAccessToken(token))) return (response) => sendJson(response, { error: 'expired' }, {}, 401)
      tokens.add(token)
      return undefined
    }
    source.token = null
    const credential = {
      fields: {
        client_id: testClient.client_id,
        client_secret: testClient.client_secret,
        refresh_token: await oidc.mintRefreshToken(),
      },
    }
    const auth = { type: 'oauth2', grant: 'refresh_token', tokenUrl: oidc.tokenUrl, rotation: 'strict' }
    const connectionId = await cluster.connect(client, workspaceId, {
      definition: { ...source.definition, auth },
      credential,
    })
    const renewedBefore = oidc.tokenCalls
    const job = await cluster.trigger(client, connectionId)
    expect(await untilSucceeded(database, job)).toMatchObject({
      attempt: 1,
      records_read: RECORDS,
      records_written: RECORDS,
      pages_read: RECORDS / PAGE + 1,
    })
    expect(oidc.tokenCalls - renewedBefore).toBeGreaterThanOrEqual(RENEWALS)
    expect(tokens.size).toBeGreaterThanOrEqual(RENEWALS)
    await expectRecordsOf(source, database, connectionId)
    // One token request for each version of the credential: a second use of a refresh token would revoke the grant.
    const [stored] = await database.sql.query<{ version: number; attempt_id: string | null }>(
      'SELECT version, attempt_id FROM credential WHERE connection_id = $1::uuid',
      [localId(connectionId)],
    )
    const inFlight = stored?.attempt_id === null ? 0 : 1
    expect(oidc.tokenCalls - inFlight).toBeLessThanOrEqual((stored?.version ?? 0) - 1)
    expect(oidc.tokenErrors).toEqual([])
    expect(oidc.revokedGrants).toEqual([])
    const log = await eventLog(database, workspaceId)
    const renewals = log.filter(({ type }) => type === 'CREDENTIAL_REFRESHED').length
    const failed = log.filter(({ type }) => type === 'CREDENTIAL_REFRESH_FAILED').length
    process.stdout.write(
      `${JSON.stringify({ tokenCalls: oidc.tokenCalls, ...stored, renewals, failed, tokens: tokens.size })}\n`,
    )
    expect(failed).toBe(0)
  }, 240_000)
})
