import { z } from 'zod'
import { jsonTemplatesSchema, templateSchema } from '../template/template-schema.ts'
import { pathTemplateProblem } from '../template/url-template.ts'
import { pathSchema, propertyPathSchema } from './path.ts'
import { durationSchema, headersSchema } from './primitives.ts'

const parameter = z.string().min(1).max(256)
const pageSize = z.int().min(1).max(100_000)

const paginationSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('link_header') }),
  z.strictObject({ type: z.literal('next_url'), path: propertyPathSchema }),
  z.strictObject({
    type: z.literal('cursor'),
    path: propertyPathSchema,
    param: parameter,
    in: z.enum(['query', 'json']).optional(),
    from: z.enum(['answer', 'last_record']).optional(),
    hasMore: propertyPathSchema.optional(),
  }),
  z.strictObject({
    type: z.literal('page'),
    param: parameter,
    start: z.int().min(0).optional(),
    sizeParam: parameter.optional(),
    size: pageSize,
  }),
  z.strictObject({ type: z.literal('offset'), param: parameter, limitParam: parameter, size: pageSize }),
])

const incrementalSchema = z.strictObject({
  cursorField: propertyPathSchema,
  param: parameter,
  in: z.enum(['query', 'json']).optional(),
  format: z.string().min(1).max(100).optional(),
  lookback: durationSchema.optional(),
})

/** The templates of a stream may also read `parent`, the parent record of a sub-stream. */
const overParent = ['parent']
const template = templateSchema(overParent)
const streamName = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_./-]{0,99}$/, 'must consist of 1 to 100 letters, digits, _, ., / and -')

export const streamSchema = z.strictObject({
  name: streamName,
  parent: z.strictObject({ stream: streamName }).optional(),
  path: templateSchema(overParent, pathTemplateProblem),
  method: z.enum(['GET', 'POST']).optional(),
  query: z.record(parameter, template).optional(),
  headers: headersSchema(template).optional(),
  json: jsonTemplatesSchema(overParent).optional(),
  format: z.enum(['json', 'ndjson', 'csv']).optional(),
  recordsPath: pathSchema.optional(),
  /** The source leaves out the list when it has no records. */
  omitsEmptyList: z.boolean().optional(),
  primaryKey: z.array(propertyPathSchema).min(1).max(10),
  pagination: paginationSchema.optional(),
  incremental: incrementalSchema.optional(),
  /** Whether a full reading deletes what it did not meet. Default: missing. */
  deletes: z.enum(['missing', 'never']).optional(),
  /** Share of the records that may be left out because they cannot be stored, from 0 to 1. Default: 0.01. */
  tolerance: z.number().min(0).max(1).optional(),
})

export type StreamDefinition = z.infer<typeof streamSchema>
export type Pagination = z.infer<typeof paginationSchema>
export type Incremental = z.infer<typeof incrementalSchema>
export type BodyFormat = NonNullable<StreamDefinition['format']>

/** The query parameters that paging and incremental reading set, each with its place in the definition. */
export function pagingParameters(stream: StreamDefinition): { name: string; path: string[] }[] {
  const { pagination, incremental } = stream
  const found: { name: string; path: string[] }[] = []
  const add = (name: string | undefined, ...path: string[]) => name !== undefined && found.push({ name, path })
  if (pagination?.type === 'cursor' && pagination.in !== 'json') add(pagination.param, 'pagination', 'param')
  if (pagination?.type === 'page') {
    add(pagination.param, 'pagination', 'param')
    add(pagination.sizeParam, 'pagination', 'sizeParam')
  }
  if (pagination?.type === 'offset') {
    add(pagination.param, 'pagination', 'param')
    add(pagination.limitParam, 'pagination', 'limitParam')
  }
  if (incremental?.in !== 'json') add(incremental?.param, 'incremental', 'param')
  return found
}

/** The places in a JSON body that paging and incremental reading set, as dotted strings. */
export function pagingBodyParameters({
  pagination,
  incremental,
}: StreamDefinition): { name: string; path: string[] }[] {
  const found: { name: string; path: string[] }[] = []
  if (pagination?.type === 'cursor' && pagination.in === 'json') {
    found.push({ name: pagination.param, path: ['pagination', 'param'] })
  }
  if (incremental?.in === 'json') found.push({ name: incremental.param, path: ['incremental', 'param'] })
  return found
}
