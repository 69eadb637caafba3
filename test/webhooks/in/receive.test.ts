import { expect, it } from 'vitest'
import { parseDefinition } from '../../../src/catalog/definition/definition.ts'
import { createLocalWakeBus } from '../../../src/db/wake-bus.ts'
import { createLogger } from '../../../src/kit/log.ts'
import type { Hook } from '../../../src/webhooks/in/hooks.ts'
import { receiveWebhook } from '../../../src/webhooks/in/receive.ts'
import { type WebhookRequest, webhookRequest } from '../../../src/webhooks/in/request.ts'
import { testVault } from '../../access/tenants/access-checks.ts'
import { definitionWith, SECRET, WEBHOOK } from './hook-fixture.ts'

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

/** Handles a request that must not come to the database. @returns what became of it, and how often its body was read */
async function receive(webhook: object, sent: Partial<WebhookRequest>, secrets: readonly string[] = [SECRET]) {
  const definition = parseDefinition(definitionWith({ ...WEBHOOK, ...webhook }))
  if (definition.webhook === undefined) throw new Error('There is no webhook.')
  const hook: Hook = {
    ...{ integrationId: 'i', workspaceId: 'w', slug: 'acme', definition, webhook: definition.webhook },
    ...{ secrets, clientId: null, aheadMs: 0 },
  }
  const url = 'https://gateway.example/webhooks/i'
  const request = webhookRequest({ method: 'POST', url, headers: {}, query: {}, raw: Buffer.alloc(0), ...sent })
  let reads = 0
  const counted: WebhookRequest = Object.defineProperty({ ...request }, 'body', {
    get() {
      reads += 1
      return request.body
    },
  })
  // Only what a request reads that is not stored.
  const deps = {
    ...{ database: {} as Parameters<typeof receiveWebhook>[0]['database'], bus: createLocalWakeBus() },
    ...{ vault: testVault(), keys: { find: () => Promise.reject(new Error('There are no keys.')) } },
    logger: createLogger({ level: 'silent' }),
  }
  reads = 0
  const received = await receiveWebhook(deps, hook, counted, { url, mayStore: () => null, mayKeepSecret: () => false })
  return { received, reads }
}

const challenge = (bytes: number) => {
  const body = JSON.stringify({ type: 'url_verification', challenge: 'c', padding: '' })
  return Buffer.from(body.replace('"padding":""', `"padding":"${'x'.repeat(bytes - body.length)}"`))
}

it('a handshake that reads only the query does not parse the body', async () => {
  const handshake = [{ where: 'query.validationToken', answer: '{{ query.validationToken }}' }]
  const asked = await receive({ handshake }, { query: { validationToken: 'v' }, raw: Buffer.from('{"a":1}') })
  expect(asked.received).toMatchObject({ outcome: 'handshake', body: 'v' })
  expect(asked.reads).toBe(0)
  // Nor does a request that is not verified.
  const other = await receive({ handshake }, { raw: Buffer.from('{"a":1}') })
  expect([other.received.outcome, other.reads]).toEqual(['unverified', 0])
})

it('a body of more than 16 KiB is no handshake, and is not parsed before it is verified', async () => {
  const largest = await receive({}, { raw: challenge(16 * 1024) })
  expect([largest.received.outcome, largest.reads]).toEqual(['handshake', 1])
  const larger = await receive({}, { raw: challenge(16 * 1024 + 1) })
  expect([larger.received.outcome, larger.reads]).toEqual(['unverified', 0])
})

it('a form with more than 1,000 separators is refused and not parsed', async () => {
  const verify = { method: 'token', place: { in: 'form', name: 't' } }
  const form = (separators: number) => ({ headers: FORM, raw: Buffer.from(`t=x${'&'.repeat(separators)}`) })
  expect(await receive({ verify }, form(1_000))).toMatchObject({ received: { outcome: 'unverified' } })
  expect(await receive({ verify }, form(1_001))).toEqual({ received: { outcome: 'unusable' }, reads: 0 })
})
