import { isDeepStrictEqual } from 'node:util'
import { type CustomStrategy, isCustomStrategy, shapeProblems } from '../auth/custom/custom-strategy.ts'
import { CustomStrategyError, importStrategy, strategyFiles } from '../auth/custom/load-custom-strategies.ts'
import { strategyOf } from '../auth/registry.ts'
import { StoredCredentialError } from '../auth/stored-credential.ts'
import type { Authenticator } from '../auth/strategy.ts'
import { fieldsSchema } from '../catalog/definition/field.ts'
import { InvalidInputError } from '../kit/errors.ts'
import { type RequestDraft, serializeDraft } from '../wire/request-draft.ts'
import { jsonLine, reportFailure } from './output.ts'

interface CheckedFile {
  file: string
  /** Name of the strategy; null: the file has no usable strategy. */
  name: string | null
  /** One sentence for each broken rule; empty: the strategy keeps the contract. */
  problems: string[]
}

/**
 * `latchkey check-strategies`: checks every strategy of a folder and prints the result.
 * @returns the exit code
 */
export async function runCheckStrategies(folder: string, { json }: { json: boolean }): Promise<number> {
  try {
    const strategies = await checkStrategyFolder(folder)
    const ok = strategies.every(({ problems }) => problems.length === 0)
    process.stdout.write(json ? jsonLine({ ok, strategies }) : describeStrategies(strategies))
    return ok ? 0 : 1
  } catch (error) {
    if (!(error instanceof CustomStrategyError)) throw error
    return reportFailure(error.message, { json })
  }
}

/**
 * Checks every strategy of a folder with `checkStrategy`. A file that cannot be used does not hide the others.
 * @throws CustomStrategyError when the folder cannot be read
 */
async function checkStrategyFolder(folder: string): Promise<CheckedFile[]> {
  const checked: CheckedFile[] = []
  for (const file of await strategyFiles(folder)) {
    try {
      const strategy = await importStrategy(folder, file)
      const problems = await checkStrategy(strategy)
      if (checked.some(({ name }) => name === strategy.name)) {
        problems.push(`Another file already has a strategy named ${strategy.name}.`)
      }
      checked.push({ file, name: strategy.name, problems })
    } catch (error) {
      if (!(error instanceof CustomStrategyError)) throw error
      checked.push({ file, name: null, problems: [error.message] })
    }
  }
  return checked
}

/** One line for each strategy, and one for each of its problems. */
function describeStrategies(checked: readonly CheckedFile[]): string {
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
 * Checks a custom strategy against the contract of `CustomStrategy`, with example values. `renew` is not called, so no
 * request is sent.
 * @returns one sentence for each rule that the strategy breaks
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
  await attempt(
    'describe its fields in the format of definitions',
    () => fieldsSchema.safeParse(strategy.fields(options)).success,
  )
  await attempt('describe the same fields in every call', () =>
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
  await attempt('accept a value for every field (give each field a valid example)', () => {
    bound.check({ fields: values }, { now: clock(), path: [] })
    return true
  })
  await attempt('refuse a field that it does not describe', () => refusesSurplus(bound, values))
  await attempt('refuse a credential that another strategy stored', () =>
    refusesStored(() => bound.open({ type: 'none', fields: {} }, context)),
  )
  await attempt('open the credential that it stored', () => typeof open().ready === 'boolean')
  await attempt('be ready with the data of its example, or be renewable', () => open().ready || open().refreshable)
  await attempt('apply the same credential to two requests', async () => {
    const authenticator = open()
    return !authenticator.ready || isDeepStrictEqual(await wireOf(authenticator), await wireOf(authenticator))
  })
  await attempt('leave the given request body unchanged', keepsBody(open))
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
