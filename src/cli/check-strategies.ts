import { isDeepStrictEqual } from 'node:util'
import { type CustomStrategy, isCustomStrategy, shapeProblems } from '../auth/custom/custom-strategy.ts'
import { CustomStrategyError, importStrategy, strategyFiles } from '../auth/custom/load-custom-strategies.ts'
import { strategyOf } from '../auth/registry.ts'
import { StoredCredentialError } from '../auth/stored-credential.ts'
import type { Authenticator } from '../auth/strategy.ts'
import { fieldsSchema } from '../catalog/definition/field.ts'
import { InvalidInputError } from '../kit/errors.ts'
import { type RequestDraft, serializeDraft } from '../wire/request-draft.ts'

interface CheckedFile {
  file: string
  /** Of its strategy; null: it has none that can be used. */
  name: string | null
  /** Sentences; empty: it keeps its promises. */
  problems: string[]
}

/**
 * Tries every strategy of a folder as `checkStrategy` does. One file that cannot be used does not hide the others.
 * Rejects with CustomStrategyError where the folder cannot be read.
 */
export async function checkStrategyFolder(folder: string): Promise<CheckedFile[]> {
  const checked: CheckedFile[] = []
  for (const file of await strategyFiles(folder)) {
    try {
      const strategy = await importStrategy(folder, file)
      const problems = await checkStrategy(strategy)
      if (checked.some(({ name }) => name === strategy.name)) {
        problems.push(`Another file has a strategy of the name ${strategy.name} already.`)
      }
      checked.push({ file, name: strategy.name, problems })
    } catch (error) {
      if (!(error instanceof CustomStrategyError)) throw error
      checked.push({ file, name: null, problems: [error.message] })
    }
  }
  return checked
}

/** For people: a line for each strategy, and one for each of its problems. */
export function describeStrategies(checked: readonly CheckedFile[]): string {
  const lines = checked.flatMap(({ file, name, problems }) => [
    `${problems.length === 0 ? 'ok     ' : 'problem'} ${name ?? '-'} (${file})`,
    ...problems.map((problem) => `        ${problem}`),
  ])
  const wrong = checked.filter(({ problems }) => problems.length > 0).length
  const count = checked.length === 1 ? '1 strategy' : `${checked.length} strategies`
  return `${[...lines, `${count}, ${wrong} with problems.`].join('\n')}\n`
}

const clock = () => new Date('2026-01-02T03:04:05.000Z')
const context = { input: {}, kept: {}, clock }

/**
 * What a strategy of a deployment promises, tried with example values: one sentence for each promise that it breaks.
 * Nothing is sent: `renew` is not called.
 */
export async function checkStrategy(strategy: unknown): Promise<string[]> {
  if (!isCustomStrategy(strategy)) return shapeProblems(strategy)
  const problems: string[] = []
  const attempt = async (promise: string, keeps: () => boolean | Promise<boolean>) => {
    try {
      if (!(await keeps())) problems.push(`It must ${promise}.`)
    } catch (error) {
      problems.push(`It must ${promise}; it threw: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  const { options = {} } = strategy.example ?? {}
  await attempt('describe its fields as definitions do', () => fieldsSchema.safeParse(strategy.fields(options)).success)
  await attempt('describe the same fields each time', () =>
    isDeepStrictEqual(strategy.fields(options), strategy.fields(options)),
  )
  if (problems.length > 0) return problems
  await tryCredential(strategy, attempt)
  return problems
}

type StrategyAttempt = (promise: string, keeps: () => boolean | Promise<boolean>) => Promise<void>

async function tryCredential(strategy: CustomStrategy, attempt: StrategyAttempt): Promise<void> {
  const { options = {}, data = {} } = strategy.example ?? {}
  const auth = { type: 'custom', strategy: strategy.name, options: JSON.parse(JSON.stringify(options)) } as const
  const bound = strategyOf(auth, new Map([[strategy.name, strategy]]))
  const fields = bound.describe().credentialFields
  const values = Object.fromEntries(fields.map(({ name, example }) => [name, example ?? `example-of-${name}`]))
  const stored = { type: 'custom', strategy: strategy.name, fields: values, data }
  const open = () => bound.open(structuredClone(stored), context)
  await attempt('take a value for every field (give each a fitting example)', () => {
    bound.check({ fields: values }, { now: clock(), path: [] })
    return true
  })
  await attempt('refuse a field that it does not describe', () => refusesSurplus(bound, values))
  await attempt('refuse what another strategy stored', () =>
    refusesStored(() => bound.open({ type: 'none', fields: {} }, context)),
  )
  await attempt('open what it stored', () => typeof open().ready === 'boolean')
  await attempt('be ready with the data of its example, or be renewable', () => open().ready || open().refreshable)
  await attempt('put the same credential into two requests', async () => {
    const authenticator = open()
    return !authenticator.ready || isDeepStrictEqual(await wireOf(authenticator), await wireOf(authenticator))
  })
  await attempt('not change a request body that it was given', keepsBody(open))
  await attempt('list the secrets of its fields', () => {
    const secrets = new Set(open().secrets)
    return fields.every(({ name, secret }) => !secret || secrets.has(values[name] ?? ''))
  })
}

function refusesSurplus(bound: ReturnType<typeof strategyOf>, values: Record<string, string>): boolean {
  try {
    bound.check({ fields: { ...values, surplus_field: 'x' } }, { now: clock(), path: [] })
    return false
  } catch (error) {
    return error instanceof InvalidInputError
  }
}

function refusesStored(open: () => unknown): boolean {
  try {
    open()
    return false
  } catch (error) {
    return error instanceof StoredCredentialError
  }
}

async function wireOf(authenticator: Authenticator): Promise<unknown> {
  const draft = draftOf()
  await authenticator.apply(draft)
  return serializeDraft(draft)
}

function keepsBody(open: () => Authenticator): () => Promise<boolean> {
  return async () => {
    const authenticator = open()
    const value = { example: [1, { nested: true }] }
    const draft: RequestDraft = { ...draftOf(), body: { type: 'json', value } }
    if (authenticator.ready) await authenticator.apply(draft)
    serializeDraft(draft)
    return isDeepStrictEqual(value, { example: [1, { nested: true }] })
  }
}

function draftOf(): RequestDraft {
  const url = new URL('https://api.example.com/v1/items?a=b')
  return { method: 'POST', url, headers: new Headers(), credentialHeaders: new Set() }
}
