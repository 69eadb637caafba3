import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadProviderFiles } from '../../../scripts/provider-files.ts'
import { strategyOf } from '../../../src/auth/registry.ts'
import type { StoredCredential } from '../../../src/auth/stored-credential.ts'
import type { ActionDefinition } from '../../../src/catalog/definition/action.ts'
import { readPath } from '../../../src/catalog/definition/path.ts'
import type { OpenedConnection } from '../../../src/credentials/credential-store.ts'
import { InvalidInputError } from '../../../src/kit/errors.ts'
import { CALLER_REQUEST, responseFor } from '../../../src/requests/send.ts'
import { actionRequest, withArguments } from '../../../src/tools/action-request.ts'
import { checkArguments } from '../../../src/tools/arguments.ts'
import type { ProviderRequestSeen } from '../../support/provider-server.ts'
import { testSender } from '../../support/test-sender.ts'
import { type DocumentedProvider, now, oauth2Of, startDocumentedProvider } from '../providers/documented-provider.ts'
import type { ActionExample } from '../providers/trial.ts'
import { TRIALS } from '../providers/trials.ts'

const PROVIDERS = await loadProviderFiles()

const withActions = PROVIDERS.filter(({ definition }) => (definition.actions ?? []).length > 0)
const ALL = withActions.flatMap(({ slug, definition }) =>
  (definition.actions ?? []).map((action) => ({ slug, name: action.name, action })),
)

/** The actions whose example has this mark, as `slug name`. */
const markedAs = (mark: 'readsWithPost' | 'overwrites' | 'keyed') =>
  ALL.filter(({ slug, name }) => TRIALS[slug]?.actions?.find(({ action }) => action === name)?.[mark]).map(nameOf)

const nameOf = ({ slug, name }: (typeof ALL)[number]) => `${slug} ${name}`

interface ObjectSchema {
  properties: Record<string, Record<string, unknown>>
  required: string[]
  additionalProperties: boolean
}

describe('the actions of the catalogue', () => {
  it('are more than sixty, of more than twenty providers', () => {
    expect(ALL.length).toBeGreaterThan(60)
    expect(withActions.length).toBeGreaterThan(20)
  })

  it('have exactly one example each', () => {
    const examples = Object.entries(TRIALS).flatMap(([slug, { actions = [] }]) =>
      actions.map(({ action }) => `${slug} ${action}`),
    )
    expect(examples.sort()).toEqual(ALL.map(({ slug, name }) => `${slug} ${name}`).sort())
  })

  it('read with GET, or with POST where their example says so', () => {
    const reading = ALL.filter(({ action }) => action.readOnly === true)
    const others = reading.filter(({ action }) => action.request.method !== 'GET')
    expect(others.map(nameOf)).toEqual(markedAs('readsWithPost'))
    expect(others.every(({ action }) => action.request.method === 'POST')).toBe(true)
    expect(ALL.filter(({ action }) => action.request.method === 'GET' && action.readOnly !== true)).toEqual([])
  })

  it('take an idempotency key where the provider documents one', () => {
    const keyed = ALL.filter(({ action }) => action.idempotencyKey !== undefined)
    expect(keyed.length).toBeGreaterThan(2)
    expect(keyed.map(nameOf)).toEqual(markedAs('keyed'))
  })

  it('are destructive where they delete or overwrite', () => {
    const deleting = ALL.filter(({ action }) => action.request.method === 'DELETE')
    expect(deleting.length).toBeGreaterThan(2)
    expect(deleting.filter(({ action }) => action.destructive !== true)).toEqual([])
    const overwriting = ALL.filter(({ action }) => action.destructive === true && action.request.method !== 'DELETE')
    expect(overwriting.map(nameOf)).toEqual(markedAs('overwrites'))
  })

  it.each(ALL)('$slug $name says what it does and what it needs', ({ slug, name, action }) => {
    expect(name).toMatch(/^[a-z]+(_[a-z]+)*$/)
    // <integration>_<action> is the name of a tool.
    expect(`${slug}_${name}`.length).toBeLessThanOrEqual(64)
    expect(action.title).toMatch(/^[A-Z]/)
    expect(action.description).toMatch(/\.$/)
    expect(action.docsUrl).toMatch(/^https:\/\//)
    const { additionalProperties, properties, required } = action.input as unknown as ObjectSchema
    expect(additionalProperties).toBe(false)
    expect(Object.keys(properties)).toEqual(expect.arrayContaining(required))
    for (const [argument, schema] of Object.entries(properties)) {
      expect(argument).toMatch(/^[a-z]+(_[a-z]+)*$/)
      expect(schema['type'], argument).toEqual(expect.any(String))
      expect(schema['description'], argument).toMatch(/\.$/)
    }
  })
})

describe.each(withActions)('$slug', ({ slug, definition }) => {
  const original = definition.actions ?? []
  let provider: DocumentedProvider
  let opened: OpenedConnection

  beforeEach(async () => {
    provider = await startDocumentedProvider(definition, TRIALS[slug] ?? {})
    const { exchange, afterConnect } = provider.trial
    opened = provider.open(credentialOf(provider), { ...exchange?.kept, ...afterConnect?.kept })
  })
  afterEach(() => provider.close())

  describe.each(original.map(({ name }) => ({ name })))('$name', ({ name }) => {
    const example = find(name)

    it('sends the documented request and returns the output', async () => {
      const { request, headers = {}, body, answer, output } = given(example)
      const { seen, result } = await run(actionOf(name), given(example).arguments, answer)
      expect(`${seen?.method} ${sentUrl(seen)}`).toBe(request)
      expect(seen?.headers).toMatchObject(headers)
      expect(sentBody(seen)).toEqual(body)
      expect(result).toEqual(output)
    })

    it('refuses a call without a required argument, and one with an unknown argument', () => {
      const action = actionOf(name)
      const { required } = action.input as unknown as ObjectSchema
      const complete = given(example).arguments
      for (const argument of required) {
        const { [argument]: _missing, ...others } = complete
        expect(faultsOf(action, others), argument).toContainEqual(['arguments', argument])
      }
      expect(faultsOf(action, { ...complete, unknown_argument: 1 })).toContainEqual(['arguments', 'unknown_argument'])
    })

    it('has a place for every argument, and leaves it out when the argument is absent', () => {
      const action = actionOf(name)
      const { properties, required } = action.input as unknown as ObjectSchema
      const complete = given(example).arguments
      expect(Object.keys(complete).sort()).toEqual(Object.keys(properties).sort())
      const whole = requestOf(action, complete)
      for (const argument of Object.keys(properties).filter((each) => !required.includes(each))) {
        const { [argument]: _absent, ...others } = complete
        // Another argument may depend on it.
        if (faultsOf(action, others).length > 0) continue
        const without = requestOf(action, others)
        expect(without, argument).not.toEqual(whole)
        expect(placesIn(whole), argument).toEqual(expect.arrayContaining(placesIn(without)))
      }
    })

    it('sends only what is required when nothing else is given', () => {
      const action = actionOf(name)
      const { required } = action.input as unknown as ObjectSchema
      const all = Object.entries(given(example).arguments)
      const least = Object.fromEntries(all.filter(([argument]) => required.includes(argument)))
      // Some need at least one of several arguments.
      const isEnough = faultsOf(action, least).length === 0
      const sent = requestOf(action, isEnough ? least : { ...Object.fromEntries(all.slice(0, 2)), ...least })
      expect(JSON.stringify(sent)).not.toMatch(/\{\{|undefined|null/)
      const constant = emptyPlacesIn(action.request.json)
      expect(emptyPlacesIn(sent.json)).toEqual(constant)
      expect(sent).toMatchSnapshot()
    })
  })

  const refusal = TRIALS[slug]?.failureWith200
  if (refusal !== undefined)
    it('knows a failure with status 200', async () => {
      for (const { name } of original) {
        const { failure } = await send(actionOf(name), given(find(name)).arguments, { body: refusal })
        expect(failure, name).toMatchObject({ as: 'fail' })
      }
    })

  const keyed = original.filter(({ idempotencyKey }) => idempotencyKey !== undefined)
  it.each(keyed)('sends the idempotency key of $name', ({ name, idempotencyKey: place }) => {
    const action = actionOf(name)
    const scope = withArguments(opened.scope, checkArguments(action.input, given(find(name)).arguments, ['arguments']))
    const { headers, target, body } = actionRequest(action, scope, 'key-1')
    const query = 'query' in target ? target.query : []
    const places = { header: headers, query, json: body?.type === 'json' ? Object.entries(body.value as object) : [] }
    const placed = places[place?.in as keyof typeof places]
    expect(placed).toContainEqual([[place?.name].flat().join('.'), 'key-1'])
  })

  function find(name: string): ActionExample | undefined {
    return TRIALS[slug]?.actions?.find(({ action }) => action === name)
  }

  /** The action of the definition that the local server runs. */
  function actionOf(name: string): ActionDefinition {
    const action = provider.definition.actions?.find((each) => each.name === name)
    if (action === undefined) throw new Error(`The definition has no action ${name}.`)
    return action
  }

  /** Sends a request as runAction does. */
  async function send(action: ActionDefinition, args: Record<string, unknown>, answer: ActionExample['answer']) {
    const scope = withArguments(opened.scope, checkArguments(action.input, args, ['arguments']))
    provider.answers.push(answer)
    const source = { open: async () => ({ ...opened, scope }), refused: async () => null }
    const sent = await testSender(provider.egress).send(source, () => actionRequest(action, scope, null), {
      policy: CALLER_REQUEST,
    })
    return responseFor(sent)
  }

  async function run(action: ActionDefinition, args: Record<string, unknown>, answer: ActionExample['answer']) {
    const { response, body, failure } = await send(action, args, answer)
    expect(failure).toBeNull()
    expect(response.status).toBeLessThan(300)
    const text = new TextDecoder().decode(body ?? undefined)
    const result = text === '' ? null : (readPath(JSON.parse(text), action.output ?? []) ?? null)
    return { seen: provider.requests.at(-1), result }
  }

  /** The parts of the request that an action makes of arguments. */
  function requestOf(action: ActionDefinition, args: Record<string, unknown>) {
    const checked = checkArguments(action.input, args, ['arguments'])
    const { target, headerTemplates, body } = actionRequest(action, withArguments(opened.scope, checked), null)
    if (target instanceof URL) throw new Error('The target is a path and a query.')
    const { path, query = [] } = target
    return {
      path,
      query: query.map((pair) => pair.join('=')),
      headers: headerTemplates,
      form: body?.type === 'form' ? [...body.value].map((pair) => pair.join('=')) : undefined,
      json: body?.type === 'json' ? body.value : undefined,
    }
  }
})

function given(example: ActionExample | undefined): ActionExample {
  if (example === undefined) throw new Error('There is no example of this action.')
  return example
}

function credentialOf({ definition, trial }: DocumentedProvider): StoredCredential {
  if (oauth2Of(definition.auth) !== undefined)
    return { type: 'oauth2', fields: {}, scopes: [], accessToken: 'the-t0ken' }
  return strategyOf(definition.auth).check(trial.credential ?? {}, { now, path: ['credential'] })
}

/** The URL as it was sent, with the provider's own host. */
function sentUrl(seen: ProviderRequestSeen | undefined): string {
  const url = seen?.url
  return `https://${url?.hostname}${url?.pathname}${url?.search}`
}

function sentBody(seen: ProviderRequestSeen | undefined): unknown {
  if (seen === undefined || seen.body === '') return undefined
  return seen.headers['content-type']?.startsWith('application/json') ? JSON.parse(seen.body) : seen.body
}

function faultsOf(action: ActionDefinition, args: Record<string, unknown>): string[][] {
  try {
    checkArguments(action.input, args, ['arguments'])
    return []
  } catch (error) {
    if (error instanceof InvalidInputError) return error.fields.map(({ path }) => [...path])
    throw error
  }
}

/** The parameters, headers and JSON properties of a request, without their values. */
function placesIn({
  path: _path,
  query,
  form = [],
  headers,
  json,
}: Record<string, unknown> & { query: string[]; form?: string[] | undefined }) {
  const names = [...query, ...form].map((pair) => pair.split('=')[0])
  return [...names, ...Object.keys(headers ?? {}), ...leavesIn(json).map(({ place }) => place)]
}

/** Objects and lists without content. */
function emptyPlacesIn(json: unknown): string[] {
  return leavesIn(json).flatMap(({ place, value }) => (typeof value === 'object' && value !== null ? [place] : []))
}

function leavesIn(value: unknown, place = ''): { place: string; value: unknown }[] {
  if (typeof value !== 'object' || value === null) return [{ place, value }]
  const entries = Object.entries(value)
  if (entries.length === 0) return [{ place, value }]
  return entries.flatMap(([key, item]) => leavesIn(item, `${place}.${key}`))
}
