import { z } from 'zod'
import { InvalidInputError } from '../../kit/errors.ts'
import type { Template } from '../template/template.ts'
import { jsonTemplates, pathTemplate, template, templateSchema } from '../template/template-schema.ts'
import { pathTemplateProblem, urlTemplateProblem } from '../template/url-template.ts'
import { authSchema } from './auth.ts'
import { checkDefinition } from './definition-checks.ts'
import { fieldNameSchema, fieldsSchema } from './field.ts'
import { checkJsonLimits } from './json-limits.ts'
import { propertyPathSchema } from './path.ts'
import { headersSchema } from './primitives.ts'
import { streamSchema } from './stream.ts'
import { errorMap, fieldErrorsOf } from './zod-errors.ts'

const maxDefinitionBytes = 256 * 1024

const inputFieldsSchema = fieldsSchema.superRefine((fields, context) => {
  for (const [index, field] of fields.entries()) {
    if (!field.secret) continue
    const message =
      'must not be true: inputs are shown to everybody who sees the connection; put it in the fields of auth'
    context.addIssue({ code: 'custom', path: [index, 'secret'], message })
  }
})

const afterConnectSchema = z.strictObject({
  path: templateSchema([], afterConnectProblem),
  keep: z.record(fieldNameSchema, propertyPathSchema),
})

const responseErrorSchema = z
  .strictObject({
    status: z.int().min(100).max(599).optional(),
    path: propertyPathSchema.optional(),
    equals: z.json().optional(),
    as: z.enum(['auth', 'retry', 'rate_limit', 'fail']),
    message: propertyPathSchema.optional(),
  })
  .refine((rule) => rule.status !== undefined || rule.path !== undefined, 'needs a status or a path to tell by')

const definitionSchema = z.strictObject({
  displayName: z.string().min(1).max(200),
  docsUrl: z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }).optional(),
  categories: z.array(z.string().min(1).max(100)).max(20).optional(),
  baseUrl: templateSchema([], baseUrlProblem),
  inputFields: inputFieldsSchema.optional(),
  auth: authSchema,
  headers: headersSchema(template).optional(),
  afterConnect: z.array(afterConnectSchema).max(20).optional(),
  responseErrors: z.array(responseErrorSchema).max(50).optional(),
  testRequest: z
    .strictObject({ method: z.enum(['GET', 'POST']).optional(), path: pathTemplate, json: jsonTemplates.optional() })
    .optional(),
  rateLimit: z.strictObject({ requestsPerSecond: z.number().positive().max(10_000) }).optional(),
  streams: z.array(streamSchema).max(200).optional(),
})

/** How one third-party service authenticates, its base URL and its streams: data, without a secret. */
export type IntegrationDefinition = z.infer<typeof definitionSchema>
/** What may be written: paths also as dotted strings. */
export type DefinitionInput = z.input<typeof definitionSchema>

/** Some ask at another host than where the account lives: then a whole URL. */
function afterConnectProblem(compiled: Template): string | undefined {
  return /^https?:\/\//i.test(compiled.source) ? urlTemplateProblem(compiled) : pathTemplateProblem(compiled)
}

function baseUrlProblem(compiled: Template): string | undefined {
  const fixed = compiled.parts.map((part) => ('text' in part ? part.text : 'x')).join('')
  return fixed.includes('?') ? 'must not hold a query' : urlTemplateProblem(compiled)
}

/**
 * Checks a definition as JSON. The answer has its paths as lists and is otherwise what was given; parsing it again gives
 * the same. Throws InvalidInputError with every wrong field, each path beginning with `path`.
 */
export function parseDefinition(
  value: unknown,
  { path = [] }: { path?: readonly string[] } = {},
): IntegrationDefinition {
  checkJsonLimits(value, path, maxDefinitionBytes)
  const parsed = checkedSchema.safeParse(value, { error: errorMap })
  if (!parsed.success) throw new InvalidInputError(fieldErrorsOf(parsed.error, path))
  return parsed.data
}

const checkedSchema = definitionSchema.superRefine((definition, context) => {
  checkDefinition(definition, (path, message) => context.addIssue({ code: 'custom', path, message }))
})
