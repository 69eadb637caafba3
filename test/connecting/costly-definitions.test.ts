import { pbkdf2Sync } from 'node:crypto'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RequestFixture, startRequestFixture } from '../tools/request-fixture.ts'

let fixture: RequestFixture
let other: { id: string; key: string }
beforeAll(async () => {
  fixture = await startRequestFixture()
  other = await fixture.app.createWorkspace('Bystander')
  await answerOf(() => viewer())
})
afterAll(() => fixture.close())

function testIntegration(definition: Record<string, unknown>, credential: Record<string, unknown>) {
  return fixture.run('testIntegration', {
    workspaceId: fixture.workspace.id,
    definition: { displayName: 'Things', baseUrl: `${fixture.provider.origin}/api`, ...definition },
    credential,
  })
}

async function viewer(): Promise<void> {
  const { data, errors } = await fixture.app.request('{ viewer { __typename } }', {}, other.key)
  if (errors !== undefined || data.viewer === null) throw new Error(JSON.stringify(errors))
}

/** Milliseconds that this machine needs for a fixed computation of about 100 ms. */
function reference(): number {
  const began = performance.now()
  pbkdf2Sync('password', 'salt', 200_000, 32, 'sha256')
  return performance.now() - began
}

interface Answer {
  // biome-ignore lint/suspicious/noExplicitAny: any member of a union
  answer: any
  /** Longest time for which the event loop did nothing else, in multiples of the fixed computation. */
  blocked: number
}

/** Runs a request while another tenant sends requests. */
async function answerOf(request: () => Promise<unknown>): Promise<Answer> {
  const unit = Math.max(reference(), reference())
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  let done = false
  const pending = request().finally(() => {
    done = true
  })
  do await viewer()
  while (!done)
  const answer = await pending
  delay.disable()
  return { answer, blocked: delay.max / 1e6 / unit }
}

/** The old engines blocked the process for 60 units and more. */
const MAX_BLOCKED = 15

describe('a definition that costs more than its request may', () => {
  it('testIntegration: patterns that backtrack do not block another tenant', async () => {
    const field = (index: number) => ({
      name: `f${index}`,
      pattern: `(a+)+(b|c)${index}`,
      example: `${'a'.repeat(30)}!`,
    })
    const options = Array.from({ length: 20 }, (_, option) => ({
      key: `k${option}`,
      label: 'Key',
      auth: {
        type: 'bearer',
        token: 'x',
        fields: Array.from({ length: 25 }, (_, index) => field(option * 25 + index)),
      },
    }))
    const { answer, blocked } = await answerOf(() =>
      testIntegration({ auth: { type: 'selective', options } }, { secretText: 'x' }),
    )
    expect(answer).toMatchObject({ __typename: 'InvalidInputError', fields: [{ path: ['input', 'definition'] }] })
    expect(answer.fields[0].message).toContain('its patterns are too many')
    expect(blocked).toBeLessThan(MAX_BLOCKED)
  })

  it('testIntegration: values that backtrack do not block another tenant', async () => {
    const fields = Array.from({ length: 50 }, (_, index) => ({ name: `f${index}`, pattern: '(a+)+b' }))
    const values = Object.fromEntries(fields.map(({ name }) => [name, `${'a'.repeat(4_000)}!`]))
    const { answer, blocked } = await answerOf(() =>
      testIntegration({ auth: { type: 'bearer', token: 'x', fields } }, { fields: values }),
    )
    expect(answer).toMatchObject({ __typename: 'InvalidInputError' })
    expect(answer.fields[0].message).toContain('does not match the pattern')
    expect(answer.fields.at(-1).message).toContain('is too long to check against its pattern')
    expect(blocked).toBeLessThan(MAX_BLOCKED)
  })

  it('testIntegration: templates that multiply texts do not block another tenant', async () => {
    const source = "{{ 1 if (config.token | replace('', config.token) | upper | lower | urlencode | lower) else 2 }}"
    const headers = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`X-${index}`, source]))
    const { answer, blocked } = await answerOf(() =>
      testIntegration(
        { auth: { type: 'bearer' }, headers, testRequest: { path: '/me' } },
        { secretText: 'a'.repeat(4_000) },
      ),
    )
    expect(answer).toMatchObject({ __typename: 'InvalidInputError', status: 422 })
    expect(answer.message).toContain('The templates of this request produce more than 4194304 characters')
    expect(JSON.stringify(answer)).not.toContain('aaaaa')
    expect(blocked).toBeLessThan(MAX_BLOCKED)
  })

  it('testIntegration: the headers, the path and the body of a request share a budget', async () => {
    const source = `{{ 1 if ${Array.from({ length: 10 }, () => 'config.token').join(' ~ ')} else 2 }}`
    const headers = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`X-${i}`, source]))
    const send = (count: number) =>
      testIntegration(
        { auth: { type: 'bearer' }, headers: headers(count), testRequest: { path: '/me' } },
        { secretText: 'a'.repeat(8_000) },
      )
    expect(await send(5)).toMatchObject({ result: { ok: true } })
    expect(await send(40)).toMatchObject({ __typename: 'InvalidInputError' })
    // Each request begins with a budget of its own.
    expect(await send(5)).toMatchObject({ result: { ok: true } })
  })

  it('a signed body does not count against the budget', async () => {
    const hmac = {
      type: 'signature',
      method: 'hmac',
      fields: [{ name: 'key', secret: true }],
      key: '{{ config.key }}',
      hash: 'sha256',
      message: "{{ method ~ ' ' ~ path }}\n{{ body }}",
      encoding: 'hex',
      placement: { in: 'header', name: 'X-Signature' },
    }
    const connectionId = await fixture.connect({ auth: hmac, credential: { fields: { key: 'k' } } })
    const body = { text: 'é'.repeat(400_000) }
    const { response } = await fixture.run('executeRequest', { connectionId, method: 'POST', path: '/things', body })
    expect(response).toMatchObject({ status: 200 })
    expect(fixture.provider.requests.at(-1)?.headers['x-signature']).toMatch(/^[0-9a-f]{64}$/)
  })
})

describe('an integration whose stored pattern RE2 does not support', () => {
  it('keeps its connections, and refuses new values with what to do', async () => {
    const field = { name: 'token', secret: true, required: true, pattern: 'tok-[0-9]+' }
    const auth = { type: 'bearer', token: '{{ config.token }}', fields: [field] }
    const credential = { fields: { token: 'tok-1' } }
    const connectionId = await fixture.connect({ slug: 'old', auth, credential })
    await fixture.app.database.sql.query(
      `UPDATE integration SET definition = jsonb_set(definition::jsonb, '{auth,fields,0,pattern}', '"(?=tok)tok-[0-9]+"'),
         updated_at = clock_timestamp() WHERE slug = 'old'`,
    )
    expect(await fixture.run('executeRequest', { connectionId, method: 'GET', path: '/things' })).toMatchObject({
      response: { status: 200 },
    })
    const again = await fixture.run('testIntegration', {
      workspaceId: fixture.workspace.id,
      integration: 'old',
      credential,
    })
    expect(again).toMatchObject({
      __typename: 'InvalidInputError',
      fields: [{ message: expect.stringContaining('Change it in the definition of the integration') }],
    })
    const { data } = await fixture.app.request('query ($id: ID!) { node(id: $id) { ... on Connection { status } } }', {
      id: connectionId,
    })
    expect(data).toEqual({ node: { status: 'ACTIVE' } })
  })
})
