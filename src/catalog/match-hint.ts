import type { GuideHint, ProviderGuide } from './guide.ts'

/** An error as a provider reported it. */
interface ReportedError {
  /** Where it was reported. Undefined: not known. */
  at?: Exclude<GuideHint['at'], 'provider_page'> | undefined
  /** The provider's code of the error. */
  error?: string | null | undefined
  /** The provider's own message, not one of Latchkey. */
  message?: string | null | undefined
  /** HTTP status of the response. */
  status?: number | null | undefined
}

/**
 * The first hint of a guide that applies to an error. All conditions of a hint have to hold, because a hint that is about something
 * else misleads. Null: none applies.
 */
export function matchHint(guide: ProviderGuide | null, reported: ReportedError): GuideHint | null {
  return guide?.hints.find((hint) => applies(hint, reported)) ?? null
}

function applies({ at, errors, messages, statuses }: GuideHint, reported: ReportedError): boolean {
  if (at === 'provider_page' || (reported.at !== undefined && reported.at !== at)) return false
  if (errors === undefined && messages === undefined && statuses === undefined) return false
  const { error, message, status } = reported
  // Some providers send nothing but the code, which is their message then. Of an API, a code stands before the message.
  const isReported = (code: string) => code === error || code === message || (message?.startsWith(`${code}: `) ?? false)
  const hasCode = errors === undefined || errors.some(isReported)
  const text = message?.toLowerCase() ?? ''
  const hasText = messages === undefined || messages.some((part) => text.includes(part.toLowerCase()))
  const hasStatus = statuses === undefined || statuses.some((one) => one === status)
  return hasCode && hasText && hasStatus
}
