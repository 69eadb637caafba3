import { z } from 'zod'
import { templateIn } from '../template/template.ts'
import { jsonTemplatesSchema, templateSchema } from '../template/template-schema.ts'
import { pathTemplateProblem } from '../template/url-template.ts'
import { argumentSchemaProblems } from './argument-schema.ts'
import { currentDefinitionBudget } from './definition-budget.ts'
import { type Path, pathSchema, readPath } from './path.ts'
import { type Placement, placementShape, toPlacement } from './placement.ts'
import { headersSchema } from './primitives.ts'
import { targetShape } from './target.ts'

/** The templates of an action may also read `args`, the arguments of a call. */
const overArguments = ['args']
const template = templateSchema(overArguments)

const parameterName = z.string().min(1).max(256)
/** A list sends the parameter once for each of its values. */
const parametersSchema = z.record(parameterName, z.union([template, z.array(template).max(50)]))

const requestSchema = z.strictObject({
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  // No argument is part of the host.
  ...targetShape,
  path: templateSchema(overArguments, pathTemplateProblem),
  query: parametersSchema.optional(),
  headers: headersSchema(template).optional(),
  /** A template that is one expression keeps the type of its value. */
  json: jsonTemplatesSchema(overArguments).optional(),
  form: parametersSchema.optional(),
})

const inputSchema = z.record(z.string(), z.unknown()).superRefine((schema, context) => {
  // It was checked when it was stored.
  if (currentDefinitionBudget().isStored) return
  for (const { path, message } of argumentSchemaProblems(schema)) {
    context.addIssue({ code: 'custom', path: [...path], message })
  }
})

const keySchema = z
  .strictObject({
    ...placementShape,
    /** Characters that the provider takes. A key that is longer is sent as its SHA-256 in base64url, which has 43. Default: any. */
    maxLength: z.int().min(43).max(255).optional(),
  })
  .transform(({ maxLength, ...placement }, context): Placement & { maxLength?: number } => {
    const made = toPlacement(placement, context)
    if (made === undefined) return z.NEVER
    return maxLength === undefined ? made : { ...made, maxLength }
  })

export const actionSchema = z
  .strictObject({
    name: z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/, 'must consist of 1 to 64 letters, digits, _, . and -'),
    title: z.string().min(1).max(200).optional(),
    description: z.string().min(1).max(4_000).optional(),
    /** Page of the provider's documentation. */
    docsUrl: z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }).optional(),
    /** OAuth scopes, or permissions of the key, that the provider requires. They are not checked. */
    scopes: z.array(z.string().min(1).max(500)).max(20).optional(),
    readOnly: z.boolean().optional(),
    destructive: z.boolean().optional(),
    /** JSON Schema 2020-12 of the arguments, which are an object. */
    input: inputSchema,
    request: requestSchema,
    /** Where the provider takes the idempotency key of a call. Absent: it takes none. */
    idempotencyKey: keySchema.optional(),
    /** Where the output is in the JSON of a successful response. Absent: all of it. */
    output: pathSchema.optional(),
  })
  .superRefine(({ readOnly, destructive, request, idempotencyKey }, context) => {
    const report = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message })
    const { method, json, form } = request
    if (method === 'GET' && json !== undefined) report(['request', 'json'], 'cannot be sent with GET')
    if (method === 'GET' && form !== undefined) report(['request', 'form'], 'cannot be sent with GET')
    if (json !== undefined && form !== undefined) {
      report(['request', 'form'], 'must be left out, because a request has one body and json is given')
    }
    if (readOnly === true && destructive === true) {
      report(['destructive'], 'must not be true, because readOnly says that the action changes nothing')
    }
    if (idempotencyKey !== undefined) {
      const problem = keyProblem(request, idempotencyKey)
      if (problem !== undefined) report(['idempotencyKey'], problem)
    }
  })

export type ActionDefinition = z.infer<typeof actionSchema>

function keyProblem({ method, path, headers, query, json, form }: ActionDefinition['request'], place: Placement) {
  const { name } = place
  // An older version accepted what stands in the way of the key.
  const { isStored } = currentDefinitionBudget()
  const taken = (names: object | undefined) => Object.keys(names ?? {}).some((key) => key === name)
  switch (place.in) {
    case 'header': {
      const lower = place.name.toLowerCase()
      return Object.keys(headers ?? {}).some((key) => key.toLowerCase() === lower)
        ? `${place.name} is already set by this action`
        : undefined
    }
    case 'query':
      return taken(query) || (!isStored && mayBeInPath(path, place.name))
        ? `${place.name} is already set by this action`
        : undefined
    case 'form':
      if (method === 'GET' || json !== undefined) return 'cannot go into a form, because the request has none'
      return taken(form) ? `${place.name} is already set by this action` : undefined
    case 'json':
      if (method === 'GET' || form !== undefined) return 'cannot go into JSON, because the request has none'
      if (readPath(json, place.name) !== undefined) return `${place.name.join('.')} is already set by this action`
      return !isStored && isInTheWay(json, place.name)
        ? `${place.name.join('.')} must be below objects and lists, because a template or value on the way leaves no place for the key`
        : undefined
    default:
      return 'must be in a header, in the query or in the body'
  }
}

/** Whether the query of a path sets a parameter, or has one whose name is an expression. */
function mayBeInPath(path: string, name: string): boolean {
  const parts = templateIn(path)?.parts ?? [{ text: path }]
  const text = parts.map((part) => ('text' in part ? part.text : '\0')).join('')
  const mark = text.indexOf('?')
  if (mark === -1) return false
  return [...new URLSearchParams(text.slice(mark + 1)).keys()].some((key) => key === name || key.includes('\0'))
}

/** Whether something that is no object or list is on the way to a place. */
function isInTheWay(json: unknown, path: Path): boolean {
  return path.some((_, length) => {
    const value = length === 0 ? json : readPath(json, path.slice(0, length))
    return value !== undefined && (typeof value !== 'object' || value === null)
  })
}
