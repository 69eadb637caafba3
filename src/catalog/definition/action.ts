import { z } from 'zod'
import { jsonTemplatesSchema, templateSchema } from '../template/template-schema.ts'
import { pathTemplateProblem } from '../template/url-template.ts'
import { argumentSchemaProblems } from './argument-schema.ts'
import { currentDefinitionBudget } from './definition-budget.ts'
import { pathSchema, readPath } from './path.ts'
import { type Placement, placementSchema } from './placement.ts'
import { headersSchema } from './primitives.ts'

/** The templates of an action may also read `args`, the arguments of a call. */
const overArguments = ['args']
const template = templateSchema(overArguments)

const parameterName = z.string().min(1).max(256)
/** A list sends the parameter once for each of its values. */
const parametersSchema = z.record(parameterName, z.union([template, z.array(template).max(50)]))

const requestSchema = z.strictObject({
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
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
    idempotencyKey: placementSchema.optional(),
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

function keyProblem({ method, headers, query, json, form }: ActionDefinition['request'], place: Placement) {
  const { name } = place
  const taken = (names: object | undefined) => Object.keys(names ?? {}).some((key) => key === name)
  switch (place.in) {
    case 'header': {
      const lower = place.name.toLowerCase()
      return Object.keys(headers ?? {}).some((key) => key.toLowerCase() === lower)
        ? `${place.name} is already set by this action`
        : undefined
    }
    case 'query':
      return taken(query) ? `${place.name} is already set by this action` : undefined
    case 'form':
      if (method === 'GET' || json !== undefined) return 'cannot go into a form, because the request has none'
      return taken(form) ? `${place.name} is already set by this action` : undefined
    case 'json':
      if (method === 'GET' || form !== undefined) return 'cannot go into JSON, because the request has none'
      return readPath(json, place.name) === undefined
        ? undefined
        : `${place.name.join('.')} is already set by this action`
    default:
      return 'must be in a header, in the query or in the body'
  }
}
