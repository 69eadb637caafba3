import { z } from 'zod'
import { CONNECTION_HEADERS } from '../../egress/request-headers.ts'

/** RFC 9110 section 5.6.2. */
export const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** What the HTTP client itself decides, and the credential of a proxy, which is not the provider's. */
export function isReservedHeader(name: string): boolean {
  return CONNECTION_HEADERS.has(name.toLowerCase()) || name.toLowerCase() === 'proxy-authorization'
}

export const headerNameSchema = z
  .string()
  .max(256)
  .regex(token, 'must be a header name')
  .refine((name) => !isReservedHeader(name), 'is a header that the HTTP client sets itself')

/** Headers by name; a name that comes twice in different case is an error. */
export function headersSchema<T extends z.ZodType>(value: T) {
  return z.record(headerNameSchema, value).superRefine((headers, context) => {
    const seen = new Set<string>()
    for (const name of Object.keys(headers)) {
      const lower = name.toLowerCase()
      if (seen.has(lower)) context.addIssue({ code: 'custom', path: [name], message: `${name} stands here twice` })
      seen.add(lower)
    }
  })
}
