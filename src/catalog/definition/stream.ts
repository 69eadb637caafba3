import { z } from 'zod'
import { conditionSchema, jsonTemplatesSchema, templateOver, templateSchema } from '../template/template-schema.ts'
import { baseUrlProblem, pathTemplateProblem } from '../template/url-template.ts'
import { fieldNameSchema } from './field.ts'
import { parametersSchema } from './parameters.ts'
import { type Path, pathSchema, propertyPathSchema, valuePlaceSchema } from './path.ts'
import { placementSchema } from './placement.ts'
import { durationSchema, headersSchema, instantFormatSchema } from './primitives.ts'

const parameter = z.string().min(1).max(256)
const pageSize = z.int().min(1).max(100_000)

const parameterPlace = z.enum(['query', 'json', 'form']).optional()
export type ParameterPlace = z.infer<typeof parameterPlace>

/** What the expressions of pagination `next` read. */
const overPage = ['answer', 'headers', 'last', 'count', 'page', 'input', 'kept']

const nextPlaceSchema = z
  .union([z.literal('url'), placementSchema])
  .refine((place) => place === 'url' || place.in !== 'cookie', 'must be url, or in a header, the query, a form or JSON')

const paginationSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('link_header') }),
  z.strictObject({ type: z.literal('next_url'), path: propertyPathSchema }),
  z.strictObject({
    type: z.literal('cursor'),
    path: propertyPathSchema,
    param: parameter,
    in: parameterPlace,
    from: z.enum(['answer', 'last_record']).optional(),
    hasMore: valuePlaceSchema.optional(),
  }),
  z
    .strictObject({
      type: z.literal('page'),
      param: parameter,
      start: z.int().min(0).optional(),
      sizeParam: parameter.optional(),
      size: pageSize.optional(),
      in: parameterPlace,
      hasMore: valuePlaceSchema.optional(),
      total: valuePlaceSchema.optional(),
      totalPages: valuePlaceSchema.optional(),
    })
    .refine(({ sizeParam, size }) => sizeParam === undefined || size !== undefined, {
      path: ['size'],
      error: 'is missing: it is the value of sizeParam',
    }),
  z.strictObject({
    type: z.literal('offset'),
    param: parameter,
    limitParam: parameter.optional(),
    size: pageSize,
    in: parameterPlace,
    hasMore: valuePlaceSchema.optional(),
    total: valuePlaceSchema.optional(),
  }),
  z.strictObject({
    type: z.literal('next'),
    /** The list ends where it is missing or false. */
    value: conditionSchema(overPage),
    /** The list ends where it is true. */
    stop: conditionSchema(overPage).optional(),
    /** Where the value goes; `url`: it is the URL of the next page. */
    place: nextPlaceSchema,
  }),
])

/** What the templates of `records` read. Everyone who sees a connection sees its records, so they read no secrets. */
const overRecord = ['record', 'key', 'parent', 'window', 'item', 'input', 'kept']

const recordPlace = z
  .string()
  .min(1)
  .max(256)
  .refine((name) => propertyPathSchema.safeParse(name).success, 'must be a field, or a path with dots')

const recordsSchema = z
  .strictObject({
    /** `*` in it stands for every key of an object and every element of a list. */
    path: pathSchema.optional(),
    /** What is at the path is one record; `maybe`: an object there is one record, and a list is a list of records. */
    one: z.union([z.boolean(), z.literal('maybe')]).optional(),
    /** What is at the path is an object, and its values are the records. */
    map: z.boolean().optional(),
    /** Records for which it is not true are left out. */
    where: conditionSchema(overRecord).optional(),
    /** Values that are added to each record. */
    set: z
      .record(recordPlace, templateOver(overRecord))
      .refine((set) => Object.keys(set).length <= 100, 'must have at most 100 fields')
      .optional(),
    /** What is left out of each record. `*` stands for every key and every element. */
    drop: z.array(propertyPathSchema).max(100).optional(),
  })
  .refine(({ one, map }) => !(one && map), {
    path: ['map'],
    error: 'must be left out, because one says that there is only one record',
  })

/**
 * The templates of a stream may also read `parent`, the parent record of a sub-stream, `window`, a step of its reading, and `item`, the
 * values of its `each`.
 */
const overParent = ['parent', 'window', 'item']
const template = templateSchema(overParent)
const startTemplate = templateSchema(['parent'])

/** Everyone who sees a connection may see the values in its records, so they read no secrets. */
const eachValue = templateOver(['input', 'kept', 'parent'])

const eachSchema = z
  .array(z.strictObject({ as: fieldNameSchema, values: z.union([eachValue, z.array(eachValue).min(1).max(1_000)]) }))
  .min(1)
  .max(5)
  .superRefine((each, context) => {
    for (const [index, { as }] of each.entries()) {
      if (each.findIndex((other) => other.as === as) === index) continue
      context.addIssue({ code: 'custom', path: [index, 'as'], message: `${as} is the name of an earlier list` })
    }
  })

const format = z.string().min(1).max(100)

const feedSchema = z.strictObject({
  path: propertyPathSchema,
  param: parameter,
  in: parameterPlace,
  hasMore: valuePlaceSchema.optional(),
  start: startTemplate.optional(),
})

/** Either `cursorField` and what belongs to it, or `feed`. */
const incrementalSchema = z
  .strictObject({
    cursorField: propertyPathSchema.optional(),
    param: parameter.optional(),
    in: parameterPlace,
    /** How the value is sent. */
    format: format.optional(),
    /** How `cursorField` is read. */
    fieldFormat: z.union([instantFormatSchema, z.array(instantFormatSchema).min(1).max(10)]).optional(),
    lookback: durationSchema.optional(),
    start: startTemplate.optional(),
    /** A time before the present at which reading ends. Empty: it ends at the present. */
    end: templateSchema().optional(),
    until: z.strictObject({ param: parameter, in: parameterPlace }).optional(),
    window: durationSchema.optional(),
    by: z.enum(['parameter', 'newest_first', 'compare']).optional(),
    per: z.enum(['parent']).optional(),
    feed: feedSchema.optional(),
  })
  .superRefine((incremental, context) => {
    const report = (key: string, message: string) => context.addIssue({ code: 'custom', path: [key], message })
    if (incremental.feed !== undefined) {
      const others = Object.entries(incremental).filter(([key, value]) => key !== 'feed' && value !== undefined)
      for (const [key] of others) report(key, 'must be left out, because feed has a cursor of its own')
      return
    }
    const { cursorField, param, by = 'parameter', window, until, end } = incremental
    if (cursorField === undefined) report('cursorField', 'is missing')
    if (param === undefined && by === 'parameter' && window === undefined) report('param', 'is missing')
    if (end !== undefined && until === undefined && window === undefined)
      report('end', 'must be left out, because neither until nor window sends the end')
    if (window !== undefined && by === 'newest_first')
      report('by', 'must not be newest_first, because a window is read')
  })

/** What a complete reading does about records that it did not meet, or the field that marks a deleted record. */
const deletesSchema = z.union([
  z.enum(['missing', 'never']),
  z.strictObject({ path: propertyPathSchema, equals: z.json() }),
])

const responseSchema = z
  .strictObject({
    status: z.int().min(100).max(599).optional(),
    path: propertyPathSchema.optional(),
    equals: z.json().optional(),
    /** Over `answer` (the body), `headers` (names in lower case) and `status`. */
    where: conditionSchema(['answer', 'headers', 'status']).optional(),
    as: z.enum(['empty', 'end', 'skip', 'retry', 'rate_limit', 'auth', 'fail']),
    /** Where the response says how long to wait: seconds, or an HTTP date or ISO 8601. Default: its usual headers. */
    waitFrom: valuePlaceSchema.optional(),
  })
  .refine(
    ({ status, path, where }) => status !== undefined || path !== undefined || where !== undefined,
    'needs a status, a path or a condition (where)',
  )
  .refine(({ as, waitFrom }) => waitFrom === undefined || as === 'retry' || as === 'rate_limit', {
    path: ['waitFrom'],
    error: 'must be left out, because only retry and rate_limit wait',
  })

const streamName = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_./-]{0,99}$/, 'must consist of 1 to 100 letters, digits, _, ., / and -')

export const streamSchema = z.strictObject({
  name: streamName,
  parent: z
    .strictObject({
      stream: streamName,
      /** Number of parents whose pages are requested at once. Default: 4. */
      concurrency: z.int().min(1).max(16).optional(),
    })
    .optional(),
  /** The stream is read once for each combination of these values. */
  each: eachSchema.optional(),
  /** Default: that of the definition. */
  baseUrl: templateSchema([], baseUrlProblem).optional(),
  /** A key of the definition's `auths`. Default: its `auth`. */
  auth: z.string().min(1).max(100).optional(),
  path: templateSchema(overParent, pathTemplateProblem),
  method: z.enum(['GET', 'POST']).optional(),
  query: parametersSchema(template).optional(),
  headers: headersSchema(template).optional(),
  json: jsonTemplatesSchema(overParent).optional(),
  form: parametersSchema(template).optional(),
  format: z.enum(['json', 'ndjson', 'csv']).optional(),
  recordsPath: pathSchema.optional(),
  records: recordsSchema.optional(),
  /** The source leaves out the list when it has no records. */
  omitsEmptyList: z.boolean().optional(),
  /** Absent: a record is identified by its content. */
  primaryKey: z.array(propertyPathSchema).min(1).max(10).optional(),
  pagination: paginationSchema.optional(),
  /** What responses mean. They are checked before the definition's `responseErrors`. */
  responses: z.array(responseSchema).max(50).optional(),
  incremental: incrementalSchema.optional(),
  deletes: deletesSchema.optional(),
  /** Share of the records that may be left out because they cannot be stored, from 0 to 1. Default: 0.01. */
  tolerance: z.number().min(0).max(1).optional(),
})

export type StreamDefinition = z.infer<typeof streamSchema>
export type Pagination = z.infer<typeof paginationSchema>
type Incremental = z.infer<typeof incrementalSchema>
/** Reading by a field of the records. */
export type FieldCursor = Incremental & { cursorField: Path }
/** Reading by a cursor that the responses contain. */
export type Feed = z.infer<typeof feedSchema>
export type BodyFormat = NonNullable<StreamDefinition['format']>

/** Where the records of a response are. `recordsPath` is short for `records: { path }`. */
export function recordsIn({ recordsPath, records }: StreamDefinition): {
  path: Path
  one: boolean | 'maybe'
  map: boolean
} {
  return { path: records?.path ?? recordsPath ?? [], one: records?.one ?? false, map: records?.map ?? false }
}

interface PagingParameter {
  name: string
  /** Place in the definition. */
  path: string[]
}

/** The query parameters that paging and incremental reading set. */
export function pagingParameters(stream: StreamDefinition): PagingParameter[] {
  return parametersIn('query', stream)
}

/** The places in a JSON body that paging and incremental reading set, as dotted strings. */
export function pagingBodyParameters(stream: StreamDefinition): PagingParameter[] {
  return parametersIn('json', stream)
}

/** The fields of a form that paging and incremental reading set. */
export function pagingFormParameters(stream: StreamDefinition): PagingParameter[] {
  return parametersIn('form', stream)
}

function parametersIn(
  place: NonNullable<ParameterPlace>,
  { pagination, incremental }: StreamDefinition,
): PagingParameter[] {
  const found: PagingParameter[] = []
  const add = (name: string | undefined, ...path: string[]) => name !== undefined && found.push({ name, path })
  if (pagination !== undefined && 'param' in pagination && (pagination.in ?? 'query') === place) {
    add(pagination.param, 'pagination', 'param')
    if (pagination.type === 'page') add(pagination.sizeParam, 'pagination', 'sizeParam')
    if (pagination.type === 'offset') add(pagination.limitParam, 'pagination', 'limitParam')
  }
  if (pagination?.type === 'next' && pagination.place !== 'url' && pagination.place.in === place) {
    add([pagination.place.name].flat().join('.'), 'pagination', 'place')
  }
  for (const each of incrementalParameters(incremental)) {
    if ((each.in ?? 'query') === place) add(each.name, ...each.path)
  }
  return found
}

function incrementalParameters(incremental: StreamDefinition['incremental']) {
  const { feed, until, ...field } = incremental ?? {}
  return [
    { name: field.param, in: field.in, path: ['incremental', 'param'] },
    { name: until?.param, in: until?.in, path: ['incremental', 'until', 'param'] },
    { name: feed?.param, in: feed?.in, path: ['incremental', 'feed', 'param'] },
  ].flatMap(({ name, ...rest }) => (name === undefined ? [] : [{ ...rest, name }]))
}

/** How a stream is read incrementally by a field of its records; undefined: it is not. */
export function fieldCursorOf({ incremental }: Pick<StreamDefinition, 'incremental'>): FieldCursor | undefined {
  const cursorField = incremental?.cursorField
  return cursorField === undefined ? undefined : { ...incremental, cursorField }
}

/** The change feed that a stream is; undefined: it is none. */
export function feedOf({ incremental }: Pick<StreamDefinition, 'incremental'>): Feed | undefined {
  return incremental?.feed
}

/** Whether a sub-stream has one cursor for each parent. That of a feed belongs to the list of one parent. */
export function hasCursorPerParent({ parent, incremental }: StreamDefinition): boolean {
  return parent !== undefined && (incremental?.per === 'parent' || incremental?.feed !== undefined)
}

/** Whether a field of the records says that a record was deleted at the source. */
export function hasTombstones({ deletes }: Pick<StreamDefinition, 'deletes'>): boolean {
  return typeof deletes === 'object'
}

/**
 * Whether a complete reading deletes what it did not meet. Never in a change feed: what does not change is not in it.
 */
export function deletesMissing({ deletes, incremental }: Pick<StreamDefinition, 'deletes' | 'incremental'>): boolean {
  return incremental?.feed === undefined && (deletes === undefined || deletes === 'missing')
}
