import { z } from 'zod'
import { CONNECTION_HEADERS } from '../../egress/request-headers.ts'
import { INSTANT_FORMATS } from '../../kit/instant.ts'
import { InvalidDurationError, parseDuration } from '../../kit/time.ts'

/** A token of RFC 9110, section 5.6.2. */
export const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** Headers that the HTTP client sets itself, and proxy credentials, which are not for the provider. */
function isReservedHeader(name: string): boolean {
  return CONNECTION_HEADERS.has(name.toLowerCase()) || name.toLowerCase() === 'proxy-authorization'
}

export const headerNameSchema = z
  .string()
  .max(256)
  .regex(token, 'must be a header name')
  .refine((name) => !isReservedHeader(name), 'is a header that the HTTP client sets itself')

/** Headers by name. The same name in different case is an error. */
export function headersSchema<T extends z.ZodType>(value: T) {
  return z.record(headerNameSchema, value).superRefine((headers, context) => {
    const seen = new Set<string>()
    for (const name of Object.keys(headers)) {
      const lower = name.toLowerCase()
      if (seen.has(lower)) context.addIssue({ code: 'custom', path: [name], message: `${name} is given twice` })
      seen.add(lower)
    }
  })
}

/** An ISO 8601 duration longer than zero. The text is kept. */
export const durationSchema = z.string().superRefine((text, context) => {
  try {
    parseDuration(text)
  } catch (error) {
    if (!(error instanceof InvalidDurationError)) throw error
    context.addIssue({ code: 'custom', message: `is not a duration. ${error.message}` })
  }
})

const named: readonly string[] = INSTANT_FORMATS

/** The supported strftime directives. */
const directive = /%[YymbBdejaAHIpMSfsZzFTRD]/
const pattern = /^(?:[^%]|%[YymbBdejaAHIpMSfsZzFTRD%])+$/s

/** How a provider writes an expiry or an instant: one of the names, or a strftime pattern in UTC. */
export const instantFormatSchema = z
  .string()
  .min(1)
  .max(100)
  .refine(
    (format) => named.includes(format) || (directive.test(format) && pattern.test(format)),
    `must be one of ${named.join(', ')}, or a strftime pattern such as %Y-%m-%dT%H:%M:%SZ`,
  )
