import { asCondition, literal, NotTranslatable, translateCondition } from './jinja.ts'
import { type Component, isCustom, objectsAt, textAt, typeOf } from './manifest.ts'
import { ManifestScope, type StreamNames } from './scope.ts'
import type { StreamDraft } from './stream-draft.ts'

/** Statuses that a definition treats in the same way without a rule. */
const retriedAnyway = (status: number) => status === 429 || status >= 500

/** Translates what responses with errors mean. What cannot be translated is a note, because it changes no record. */
export function addResponses(draft: StreamDraft, handler: Component | undefined, names: StreamNames): void {
  if (handler === undefined) return
  const rules: Record<string, unknown>[] = []
  for (const each of handlersIn(handler)) {
    if (isCustom(each)) {
      draft.notes.push('Errors are judged by the usual rules. The manifest judges them by code of the connector.')
      continue
    }
    const waitFrom = waitFromOf(each)
    for (const filter of objectsAt(each, 'response_filters')) rules.push(...rulesOf(draft, filter, waitFrom, names))
    if (waitFrom !== undefined && !rules.some((rule) => rule['status'] === 429)) {
      rules.push({ status: 429, as: 'rate_limit', waitFrom })
    }
  }
  const wanted = rules.filter((rule, index) => {
    // A condition that comes later must not decide about a response that fails.
    const isDecidedLater = rule['as'] === 'fail' && rules.slice(index + 1).some(({ status }) => status === undefined)
    return (isDecidedLater || !isSuperfluous(rule)) && !isRepeated(rule, rules.slice(0, index))
  })
  if (wanted.length > 50) draft.notes.push('Only the first 50 rules for errors are in the definition.')
  if (wanted.length > 0) draft.rest['responses'] = wanted.slice(0, 50)
}

/** The handlers that a composite one consists of, in their order. */
function handlersIn(handler: Component, depth = 0): Component[] {
  if (typeOf(handler) !== 'CompositeErrorHandler' || isCustom(handler) || depth > 10) return [handler]
  return objectsAt(handler, 'error_handlers').flatMap((each) => handlersIn(each, depth + 1))
}

/** Whether a rule says what happens without it. A failure with 401 is a refused credential, which a rule would hide. */
function isSuperfluous({ status, as, waitFrom, where }: Record<string, unknown>): boolean {
  if (typeof status !== 'number' || waitFrom !== undefined || where !== undefined) return false
  if (as === 'fail') return status >= 400 && status < 500 && status !== 429 && status !== 408
  return (as === 'retry' && retriedAnyway(status)) || (as === 'rate_limit' && status === 429)
}

function isRepeated(rule: Record<string, unknown>, earlier: readonly Record<string, unknown>[]): boolean {
  return earlier.some((each) => each['status'] === rule['status'] && each['where'] === rule['where'])
}

/** The header that says how long to wait, unless it is a usual one. */
function waitFromOf(handler: Component): string | undefined {
  for (const strategy of objectsAt(handler, 'backoff_strategies')) {
    const header = textAt(strategy, 'header')
    const isHeader = typeOf(strategy) === 'WaitTimeFromHeader' || typeOf(strategy) === 'WaitUntilTimeFromHeader'
    if (!isHeader || header === undefined || !/^[A-Za-z0-9-]+$/.test(header)) continue
    if (/^(retry-after|x-rate-?limit-reset|ratelimit-reset)$/i.test(header)) continue
    return `header:${header}`
  }
  return undefined
}

const meanings: Readonly<Record<string, string>> = {
  ...{ RETRY: 'retry', RATE_LIMITED: 'rate_limit', FAIL: 'fail', REFRESH_TOKEN_THEN_RETRY: 'auth' },
}

function rulesOf(
  draft: StreamDraft,
  filter: Component,
  waitFrom: string | undefined,
  names: StreamNames,
): Record<string, unknown>[] {
  if (isCustom(filter)) {
    draft.notes.push('A rule for errors is code of the connector and is left out.')
    return []
  }
  const action = (textAt(filter, 'action') ?? '').toUpperCase()
  const codes = [filter['http_codes'] ?? []]
    .flat()
    .map(Number)
    .filter((code) => code >= 100 && code <= 599)
  const as = meaningOf(filter, action)
  if (as === undefined) {
    if (action !== '') draft.notes.push(`A rule for errors is left out, because its action is ${action}.`)
    return []
  }
  // The rule counts where one of its criteria is met.
  const criteria: { status?: number; where?: string }[] = codes.map((status) => ({ status }))
  const text = textAt(filter, 'error_message_contains')
  if (text) criteria.push({ where: `${literal(JSON.stringify(text).slice(1, -1))} in (answer | tojson)` })
  const predicate = textAt(filter, 'predicate')
  if (predicate) {
    try {
      const code = translateCondition(predicate, new ManifestScope(names, ['response']))
      if (code.constant === undefined) criteria.push({ where: asCondition(code).text })
      else if (code.constant) draft.notes.push('A rule for errors that always counts is left out.')
    } catch (error) {
      if (!(error instanceof NotTranslatable)) throw error
      draft.notes.push(`A rule for errors is left out. ${error.message}`)
    }
  }
  if (action === 'SUCCESS') {
    const failed = codes.filter((code) => code >= 400)
    if (failed.length > 0)
      draft.notes.push(`A response with status ${failed.join(', ')} has no records. The manifest reads it.`)
    return failed.map((status) => ({ status, as }))
  }
  const wait = waitFrom !== undefined && (as === 'retry' || as === 'rate_limit') ? { waitFrom } : {}
  return criteria.map((criterion) => ({ ...criterion, as, ...wait }))
}

/** What a rule does. One without an action fails, or retries what is said to pass. */
function meaningOf(filter: Component, action: string): string | undefined {
  if (action === 'IGNORE' || action === 'SUCCESS') return 'empty'
  if (action !== '') return Object.hasOwn(meanings, action) ? meanings[action] : undefined
  return textAt(filter, 'failure_type') === 'transient_error' ? 'retry' : 'fail'
}
