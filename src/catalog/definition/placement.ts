import { z } from 'zod'
import { type Path, propertyPathSchema } from './path.ts'
import { headerNameSchema, token } from './primitives.ts'

/**
 * Where a credential is placed in a request. `prefix` precedes the value (`Token token=`). In a JSON body the name is a path, elsewhere
 * it is one name. A path in a form is written with brackets: `["auth", "key"]` is `auth[key]`.
 */
export type Placement =
  | { in: 'header' | 'query' | 'form' | 'cookie'; name: string; prefix?: string }
  | { in: 'json'; name: Path; prefix?: string }

export const placementShape = {
  in: z.enum(['header', 'query', 'form', 'json', 'cookie']),
  name: z.custom<string | Path>().meta({ $ref: '#/$defs/Path' }),
  prefix: z
    .string()
    .max(200)
    .regex(/^[\x20-\x7e]*$/, 'must contain only printable ASCII')
    .optional(),
}

export const placementSchema = z
  .strictObject(placementShape)
  .meta({ id: 'Placement' })
  .transform((placement, context) => {
    return toPlacement(placement, context) ?? z.NEVER
  })

/** @returns undefined when the name does not fit the place; the issue is added to the context */
export function toPlacement(
  { in: place, name, prefix }: { in: Placement['in']; name: string | Path; prefix?: string },
  context: z.RefinementCtx,
): Placement | undefined {
  const result = place === 'json' ? jsonName(name) : flatName(place, name)
  if ('problem' in result) {
    context.addIssue({ code: 'custom', path: ['name'], message: result.problem })
    return undefined
  }
  return { ...result, ...(prefix === undefined ? {} : { prefix }) }
}

function jsonName(name: unknown): Placement | { problem: string } {
  const path = propertyPathSchema.safeParse(name)
  return path.success ? { in: 'json', name: path.data } : { problem: firstMessage(path.error) }
}

function flatName(place: 'header' | 'query' | 'form' | 'cookie', given: unknown): Placement | { problem: string } {
  if (given === undefined) return { problem: 'is missing' }
  const name = typeof given === 'string' ? given : bracketed(place, given)
  if (name === undefined) return { problem: `must be one name, because a ${place} has no nested values` }
  if (name === '' || name.length > 256) return { problem: 'must have 1 to 256 characters' }
  if (place === 'cookie' && !token.test(name)) return { problem: 'must be a cookie name' }
  const header = place === 'header' ? headerNameSchema.safeParse(name) : undefined
  return header?.error ? { problem: firstMessage(header.error) } : { in: place, name }
}

function bracketed(place: string, given: unknown): string | undefined {
  const path = propertyPathSchema.safeParse(given)
  const [first, ...rest] = path.success ? path.data : []
  if (first === undefined || (rest.length > 0 && place !== 'form')) return undefined
  return `${first}${rest.map((key) => `[${key}]`).join('')}`
}

function firstMessage(error: z.ZodError): string {
  return error.issues[0]?.message ?? 'is not a valid name here'
}
