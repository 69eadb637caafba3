import { z } from 'zod'

const named = ['seconds', 'milliseconds', 'epoch', 'epoch_ms', 'iso8601']

/** The directives of a pattern that can be read and written: another one would never fit what a provider answers. */
const directive = /%[YymbBdejaAHIpMSfsZzFTRD]/
const pattern = /^(?:[^%]|%[YymbBdejaAHIpMSfsZzFTRD%])+$/s

/** How a provider writes an end or an instant: one of five names, or a strftime pattern, in UTC. */
export const instantFormatSchema = z
  .string()
  .min(1)
  .max(100)
  .refine(
    (format) => named.includes(format) || (directive.test(format) && pattern.test(format)),
    `must be one of ${named.join(', ')}, or a strftime pattern such as %Y-%m-%dT%H:%M:%SZ`,
  )
