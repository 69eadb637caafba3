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
  const handlers = typeOf(handler) === 'CompositeErrorHandler' ? objectsAt(handler, 'error_handlers') : [handler]
  for (const each of handlers) {
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
  const wanted = rules.filter((rule, index) => !isSuperfluous(rule) && !isRepeated(rule, rules.slice(0, index)))
  if (wanted.length > 50) draft.notes.push('Only the first 50 rules for errors are in the definition.')
  if (wanted.length > 0) draft.rest['responses'] = wanted.slice(0, 50)
}

function isSuperfluous({ status, as, waitFrom, where }: Record<string, unknown>): boolean {
  if (typeof status !== 'number' || waitFrom !== undefined || where !== undefined) return false
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
  const conditions: string[] = []
  let as = Object.hasOwn(meanings, action) ? meanings[action] : undefined
  if (action === 'IGNORE') as = 'empty'
  if (textAt(filter, 'failure_type') === 'transient_error' && as === undefined) as = 'retry'
  if (action === 'SUCCESS' || as === undefined) {
    if (action !== 'SUCCESS') return []
    draft.notes.push(`A response with status ${codes.join(', ')} counts as an error. The manifest reads it.`)
    return []
  }
  const text = textAt(filter, 'error_message_contains')
  if (text) conditions.push(`${literal(text)} in (answer | tojson)`)
  const predicate = textAt(filter, 'predicate')
  if (predicate) {
    try {
      const code = translateCondition(predicate, new ManifestScope(names, ['response']))
      if (code.constant === undefined) conditions.push(asCondition(code).text)
      else if (!code.constant) return []
    } catch (error) {
      if (!(error instanceof NotTranslatable)) throw error
      draft.notes.push(`A rule for errors is left out. ${error.message}`)
      return []
    }
  }
  if (codes.length === 0 && conditions.length === 0) return []
  const where =
    conditions.length === 0
      ? {}
      : { where: conditions.map((each) => (conditions.length > 1 ? `(${each})` : each)).join(' and ') }
  const wait = waitFrom !== undefined && (as === 'retry' || as === 'rate_limit') ? { waitFrom } : {}
  const statuses = codes.length === 0 ? [undefined] : codes
  return statuses.map((status) => ({ ...(status === undefined ? {} : { status }), ...where, as, ...wait }))
}
