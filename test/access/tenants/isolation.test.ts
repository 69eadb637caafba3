import { randomUUID } from 'node:crypto'
import { GraphQLInputObjectType, GraphQLObjectType, type GraphQLSchema, getNamedType } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Caller } from '../../../src/access/caller.ts'
import { encodeGlobalId } from '../../../src/graphql/kernel/global-id.ts'
import { buildSchema } from '../../../src/graphql/schema.ts'
import { type DatabaseKind, describeDatabases, type TestDatabase } from '../../support/databases.ts'
import { type AccessChecks, type CheckedApp, startCheckedApp, testVault } from './access-checks.ts'
import { INPUTS } from './inputs.ts'
import { nameOf, operationFor, type Place, placesOf, requiredArguments, type Sample, withValue } from './places.ts'
import {
  callersOf,
  createElsewhere,
  createTenant,
  cursorsOf,
  type Elsewhere,
  fingerprint,
  globalId,
  neighbourOf,
  type Tenant,
  type Things,
  type ThingType,
  thingsOf,
  thingsOfPart,
} from './two-tenants.ts'

const schema: GraphQLSchema = buildSchema()
// Mutations come last: each leaves a line in the caller's own audit log, with the id as it was given.
const places = placesOf(schema).sort((a, b) => Number(a.operation === 'mutation') - Number(b.operation === 'mutation'))
const thingTypes = [
  ...Object.values(schema.getTypeMap())
    .filter((type) => type instanceof GraphQLObjectType && type.getInterfaces().some(({ name }) => name === 'Node'))
    .map(({ name }) => name),
  'ToolSession',
] as ThingType[]

describe('The schema', () => {
  it('has no mutation or other field with an input that is missing in inputs.ts', () => {
    const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]
    const fields = roots.flatMap((type) => Object.values(type?.getFields() ?? {}))
    const taking = fields.filter(({ args }) => args.some(({ name }) => name === 'input')).map(({ name }) => name)
    expect(taking.length).toBeGreaterThan(15)
    expect(taking.filter((name) => !(name in INPUTS))).toEqual([])
  })

  it('is searched for every place where an id can be given', () => {
    const names = places.map(nameOf)
    for (const name of [
      'Query.node(id)',
      'Query.nodes(ids)',
      'Query.workspace(slug)',
      'Mutation.createConnection(input.endUserId)',
      'Subscription.workspaceEvents(workspaceId)',
      'Workspace.connections(filter.endUserId)',
      'Connection.records(changedAfter)',
    ]) {
      expect(names).toContain(name)
    }
  })
})

interface Combination {
  checks: AccessChecks
  /** Row-level security alone does not distinguish callers that differ only in their role. */
  tokens: string[]
  /**
   * The caller who also gives ids of wrong types, and ids of one type called another. They are refused when they are decoded, before
   * it matters who asks, and take most of the requests.
   */
  mistaken?: string
}

const COMBINATIONS: Readonly<Record<DatabaseKind, Readonly<Record<string, Combination>>>> = {
  // The policies and the code are the same. This checks that they also hold on a single database session, which is slow: row-level
  // security alone is tried on it by row-security.test.ts.
  embedded: {
    'with both kinds of access checks': { checks: { application: true, database: true }, tokens: ['limited'] },
  },
  server: {
    'with both kinds of access checks': {
      checks: { application: true, database: true },
      tokens: ['admin', 'reader', 'end-user', 'limited'],
      mistaken: 'admin',
    },
    'with application checks only': {
      checks: { application: true, database: false },
      tokens: ['admin', 'reader', 'end-user', 'connect-session', 'limited'],
    },
    'with row-level security only': {
      checks: { application: false, database: true },
      tokens: ['admin', 'end-user'],
    },
  },
}

/** A walk waits for the silence of each subscription, one after the other. */
const PATIENT_MS = 600_000

describeDatabases('What belongs to others', (open, kind) => {
  const vault = testVault()
  let test: TestDatabase
  let ada: Tenant
  let bob: Tenant
  let elsewhere: Elsewhere
  let callers: Map<string, Caller>
  beforeAll(async () => {
    test = await open()
    ada = await createTenant(test.database, vault, 'ada')
    bob = await createTenant(test.database, vault, 'bohdan')
    elsewhere = await createElsewhere(test.database, vault, ada)
    callers = new Map(Object.entries(callersOf(ada)))
  })
  afterAll(() => test.close())

  /** What only callers for the whole workspace see. */
  const configurationOf = (tenant: Tenant): Things => {
    const { ApiKey, OidcIssuer, AuthProvider, WebhookEndpoint, WebhookDelivery } = thingsOf(tenant)
    return { ApiKey, OidcIssuer, AuthProvider, WebhookEndpoint, WebhookDelivery }
  }
  /** Removes the lines that other callers have left in the audit log. */
  const forgetAttempts = () =>
    test.database.bulkTransaction(async (tx) => {
      await tx.query("SELECT set_config('latchkey.audit_retention', 'on', true)")
      await tx.query("DELETE FROM audit_event WHERE trace_id NOT LIKE '%-trace'")
    })

  /** The things that a caller must not see. */
  const strangeTo = (token: string): Things[] => {
    if (token === 'limited') {
      // End users belong to the whole workspace.
      const { EndUser: _visible, ...part } = thingsOfPart(elsewhere.part)
      return [thingsOf(bob), { ...part, Integration: elsewhere.integrationId, ...configurationOf(ada) }]
    }
    return callers.get(token)?.endUserId === null
      ? [thingsOf(bob)]
      : [
          thingsOf(bob),
          {
            ...thingsOfPart(ada.others),
            ...configurationOf(ada),
          },
        ]
  }
  const wordsOf = (token: string, { Workspace }: Things): string[] => {
    if (Workspace !== undefined) return ['bohdan', 'bohdan-crm', 'bohdan-own']
    return token === 'limited' ? ['ada-second', 'ada-elsewhere'] : ['ada-others']
  }

  for (const [combination, { checks, tokens, mistaken }] of Object.entries(COMBINATIONS[kind])) {
    describe(combination, () => {
      let app: CheckedApp
      beforeAll(async () => {
        app = await startCheckedApp(test.database, vault, callers, checks)
      })
      afterAll(() => app.stop())

      for (const token of tokens) {
        it(`looks to the ${token} as if it did not exist`, { timeout: PATIENT_MS }, async () => {
          const caller = callers.get(token)
          if (caller === undefined) throw new Error('There is no such caller.')
          const wrong: string[] = []
          await forgetAttempts()
          let before = await fingerprint(test.database, caller)
          const attempt = async (place: Place) => {
            const trial = new Trial(app, token, ada, place, { withWrongTypes: token === mistaken })
            for (const things of strangeTo(token)) wrong.push(...(await trial.compare(things, wordsOf(token, things))))
            if (checks.application && token === 'admin') wrong.push(...(await trial.control(bob)))
          }
          // Side by side, because the test waits for the silence of each accepted subscription.
          await Promise.all(places.filter(({ operation }) => operation === 'subscription').map(attempt))
          for (const place of places.filter(({ operation }) => operation !== 'subscription')) {
            await attempt(place)
            if (place.operation !== 'mutation') continue
            const after = await fingerprint(test.database, caller)
            const changed = Object.keys(after).filter((table) => after[table] !== before[table])
            if (changed.length > 0) wrong.push(`${nameOf(place)} has changed rows of others: ${changed.join(', ')}`)
            before = after
          }
          expect(wrong).toEqual([])
        })
      }
    })
  }

  describe('without access checks', () => {
    it('is found by the same requests', async () => {
      const app = await startCheckedApp(test.database, vault, callers, { application: false, database: false })
      const found = new Set<string>()
      const search = async (place: Place) => {
        const differences = await new Trial(app, 'end-user', ada, place).compare(thingsOf(bob), [
          'bohdan',
          'bohdan-crm',
          'bohdan-own',
        ])
        if (differences.length > 0) found.add(nameOf(place))
      }
      for (const place of places.filter(({ operation }) => operation === 'query')) await search(place)
      // Side by side, because the test waits for the silence of each accepted subscription.
      await Promise.all(places.filter(({ operation }) => operation === 'subscription').map(search))
      await app.stop()
      for (const name of [
        'Query.node(id)',
        'Query.nodes(ids)',
        'Query.workspace(id)',
        'Query.workspace(slug)',
        'Subscription.syncJobEvents(syncJobId)',
        'Subscription.connectionEvents(connectionId)',
        'Subscription.workspaceEvents(workspaceId)',
      ]) {
        expect([...found]).toContain(name)
      }
    })
  })
})

/** Tests one place of the schema with one caller. */
class Trial {
  readonly #app: CheckedApp
  readonly #token: string
  readonly #own: Tenant
  readonly #place: Place
  readonly #withWrongTypes: boolean
  readonly #baselines = new Map<string, Promise<string>>()

  constructor(app: CheckedApp, token: string, own: Tenant, place: Place, { withWrongTypes = false } = {}) {
    this.#app = app
    this.#token = token
    this.#own = own
    this.#place = place
    this.#withWrongTypes = withWrongTypes
  }

  /** Sends ids of others and ids of nothing. @returns the places where the responses differ */
  async compare(things: Things, words: readonly string[] = []): Promise<string[]> {
    const differences: string[] = []
    for (const { value, nothing, label } of this.#values(things, words)) {
      const [answer, baseline] = [await this.#answer(value), await this.#baseline(label, nothing)]
      if (answer !== baseline)
        differences.push(`${nameOf(this.#place)} with ${label}: ${answer}, and for nothing ${baseline}`)
    }
    return differences
  }

  /** Checks that the place is evaluated: an id of the caller's own gives another response, or an unknown id is not found. */
  async control(another: Tenant): Promise<string[]> {
    const { operation, kind, type, field } = this.#place
    // Only operators read the audit log of all workspaces.
    if (kind !== 'id' || (type.name === 'Query' && field === 'auditEvents')) return []
    const types = this.#expectedTypes()
    const nothing = await Promise.all(
      types.map((type) => this.#answer(encodeGlobalId(type, neighbourOf(another.workspaceId)))),
    )
    if (operation !== 'query') {
      return nothing.every((answer) => /"NOT_FOUND"/.test(answer))
        ? []
        : [`${nameOf(this.#place)} finds nothing: ${nothing}`]
    }
    const own = await Promise.all(types.map((type) => this.#answer(globalId(type, thingsOf(this.#own)))))
    return own.some((answer) => !nothing.includes(answer)) ? [] : [`${nameOf(this.#place)} does not look: ${own}`]
  }

  #values(things: Things, words: readonly string[]): { value: string; nothing: string; label: string }[] {
    const { kind } = this.#place
    const entries = Object.entries(things) as [ThingType, string][]
    if (kind === 'cursor') {
      const neighbours = Object.fromEntries(entries.map(([type, id]) => [type, neighbourOf(id)]))
      const nothing = cursorsOf(neighbours)
      return cursorsOf(things).map((value, index) => ({
        value,
        nothing: nothing[index] ?? '',
        label: `cursor ${index}`,
      }))
    }
    if (kind === 'word') {
      return words.map((value) => ({
        value,
        nothing: randomUUID(),
        label: 'a word',
      }))
    }
    const types = this.#expectedTypes()
    const given = this.#withWrongTypes ? entries : entries.filter(([type]) => types.includes(type))
    return given.flatMap(([type, id]) =>
      (this.#withWrongTypes ? [...new Set([type, ...types])] : [type]).map((as) => ({
        value: encodeGlobalId(as, id),
        nothing: encodeGlobalId(as, neighbourOf(id)),
        label: as === type ? `a ${type}` : `a ${type} called ${as}`,
      })),
    )
  }

  /** The types whose ids fit the place, by its name; all types if the name does not say. */
  #expectedTypes(): ThingType[] {
    const names = [this.#place.path.at(-1) ?? '', this.#place.field].map((name) =>
      name.replace(/Id$/, '').toLowerCase(),
    )
    const unlike = TYPES_OF_NAMES[this.#place.path.at(-1) ?? '']
    if (unlike !== undefined) return [unlike]
    const named = names.map((name) => thingTypes.filter((type) => type.toLowerCase() === name))
    return named.find((found) => found.length > 0) ?? (names[0] === 'session' ? ['ConnectSession'] : thingTypes)
  }

  /** Responses for ids of nothing, by kind of request: they do not depend on the id. */
  #baseline(label: string, nothing: string): Promise<string> {
    const known = this.#place.kind === 'cursor' ? undefined : this.#baselines.get(label)
    const answer = known ?? this.#answer(nothing)
    this.#baselines.set(label, answer)
    return answer
  }

  async #answer(value: string): Promise<string> {
    const { type, field, path, list, operation } = this.#place
    const declared = type.getFields()[field]?.args ?? []
    const sample: Sample = { id: (name) => globalId(typeOfField(name, field), thingsOf(this.#own)) }
    const args = requiredArguments(declared, sample)
    const input = declared.find(({ name }) => name === 'input')
    const inputType = input === undefined ? undefined : getNamedType(input.type)
    if (inputType instanceof GraphQLInputObjectType) {
      const required = requiredArguments(Object.values(inputType.getFields()), sample)
      args['input'] = { ...required, ...INPUTS[field]?.(this.#own, path) }
    }
    const variables = withValue(args, declared, path, list ? [value] : value, sample)
    const ownId = (name: string) => globalId(name as ThingType, thingsOf(this.#own))
    const asked = operationFor(this.#place, schema, variables, ownId)
    return withoutTraces(await this.#app.ask(this.#token, asked, operation === 'subscription'), value)
  }
}

/** The types of ids whose names do not say them. */
const TYPES_OF_NAMES: Readonly<Record<string, ThingType>> = {
  replaces: 'ApiKey',
  deliveryId: 'WebhookDelivery',
}

function typeOfField(name: string, field: string): ThingType {
  const wanted = (name === 'id' ? field : name.replace(/Id$/, '')).toLowerCase()
  return thingTypes.find((type) => type.toLowerCase() === wanted) ?? 'Workspace'
}

/** A response without the parts that always differ: requested ids, times and trace ids. */
function withoutTraces(answer: string, value: string): string {
  return answer
    .replaceAll(value, '<asked>')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, '<time>')
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<trace>')
}
