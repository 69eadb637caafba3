import { z } from 'zod'
import { conditionSchema, readsName, templateOver } from '../template/template-schema.ts'
import { fieldNameSchema } from './field.ts'
import { pathSchema, propertyPathSchema } from './path.ts'
import { placementSchema } from './placement.ts'
import { durationSchema, headerNameSchema, instantFormatSchema } from './primitives.ts'

/** What expressions read of a request: the parsed body, the headers by their name in lower case, and the query parameters. */
const REQUEST = ['body', 'headers', 'query']
/** `item` is the event itself where `events` says that a request carries several. Without `events`, nothing may read it. */
const EVENT = [...REQUEST, 'item']

const requestExpression = conditionSchema(REQUEST)
const eventExpression = conditionSchema(EVENT)

const partPrefix = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[\x20-\x7e]+$/, 'must contain only printable ASCII')

/**
 * Which secret the sender knows. `webhook`: the integration's `webhookSecret`. `client`: the secret of its OAuth client, unless it has
 * a `webhookSecret`, which is then used instead. Default: `webhook`
 */
const secret = z.enum(['webhook', 'client']).optional()

/**
 * When the request was made. A request whose time differs from now by more than `tolerance` (ISO 8601), in either direction, is not
 * verified. `format` is one of a timestamp; default `epoch`, seconds since 1970.
 */
const timestampSchema = z
  .strictObject({
    /** The header that holds it. */
    header: headerNameSchema.optional(),
    /** The header is a list separated by commas, and the timestamp follows this prefix in it: `t=`. */
    prefix: partPrefix.optional(),
    /** Or its place in the JSON body. It is read after the signature is verified. */
    path: propertyPathSchema.optional(),
    format: instantFormatSchema.optional(),
    tolerance: durationSchema,
  })
  .superRefine(({ header, path, prefix }, context) => {
    const report = (key: string, message: string) => context.addIssue({ code: 'custom', path: [key], message })
    if ((header === undefined) === (path === undefined)) report('header', 'is needed, or path; exactly one of them')
    if (prefix !== undefined && header === undefined) report('prefix', 'belongs to a header')
  })

const hmacSchema = z
  .strictObject({
    method: z.literal('hmac'),
    header: headerNameSchema,
    hash: z.enum(['sha1', 'sha256', 'sha512']),
    encoding: z.enum(['hex', 'base64']),
    /** The header is a list separated by commas. The parts that begin with this are signatures, and one of them must match. */
    prefix: partPrefix.optional(),
    /**
     * What is signed. Reads `body` (the body as it was sent), `headers`, `url` (LATCHKEY_PUBLIC_URL with the path and query of the
     * request), `method`, and `timestamp` as it was sent. Default: the body.
     */
    message: templateOver(['body', 'headers', 'url', 'method', 'timestamp']).optional(),
    timestamp: timestampSchema.optional(),
    secret,
    /** How the secret's text stands for the bytes of the key. Default: `text`, its UTF-8 bytes */
    keyEncoding: z.enum(['text', 'hex', 'base64']).optional(),
  })
  .superRefine(({ message, timestamp }, context) => {
    if (message === undefined || !readsName(message, 'timestamp') || timestamp?.header !== undefined) return
    context.addIssue({ code: 'custom', path: ['message'], message: 'reads timestamp, which needs timestamp.header' })
  })

const tokenSchema = z
  .strictObject({
    method: z.literal('token'),
    /** In JSON, `*` stands for every item of a list. Then there must be an item, and the token of each must match. */
    place: placementSchema,
    secret,
  })
  .refine(({ place }) => place.in !== 'cookie', { path: ['place', 'in'], error: 'must be header, query, form or json' })

const jwtSchema = z.strictObject({
  method: z.literal('jwt'),
  jwksUrl: z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }),
  issuer: z.string().min(1).max(500).optional(),
  /** Reads `url` (the integration's webhook URL) and `client_id` (of its OAuth client). Default: any audience */
  audience: templateOver(['url', 'client_id']).optional(),
  /** The header with the token. Default: `Authorization` */
  header: headerNameSchema.optional(),
  /** What precedes the token in it. Default: `Bearer ` */
  prefix: z.string().max(200).optional(),
})

/** How a request shows that the provider sent it. One that does not is answered 401 and stored nowhere. */
const verifySchema = z.discriminatedUnion('method', [
  hmacSchema,
  tokenSchema,
  /** Standard Webhooks 1.0.0, with the headers `webhook-*` or `svix-*`. The webhookSecret is a `whsec_…` secret. */
  z.strictObject({ method: z.literal('standard_webhooks') }),
  /** A signed token with a time of expiry, in a header. Its signature does not cover the body. */
  jwtSchema,
  /** Everybody who knows the URL can send events. */
  z.strictObject({ method: z.literal('none') }),
])

/**
 * A request by which the provider checks the URL, with a body of at most 16 KiB. The first whose `where` is true is answered before
 * verification. Nothing of it is stored, except by `secret`.
 */
const handshakeSchema = z.strictObject({
  where: requestExpression,
  /** Default: 200 */
  status: z.int().min(200).max(299).optional(),
  /** Also reads `signature`, where `sign` says of what. */
  answer: templateOver([...REQUEST, 'signature']),
  /** `text/plain` or `application/json`, also with a charset. Default: `text/plain` */
  type: z
    .string()
    .max(200)
    .regex(/^(?:text\/plain|application\/json)(?:; ?charset=[\w-]+)?$/i, 'must be text/plain or application/json')
    .optional(),
  /**
   * The secret that the provider will sign with, where the request carries it (Notion). While the integration has no `webhookSecret`, an
   * administrator can read it as `Integration.pendingWebhookSecret`, confirm it to the provider and set it as the `webhookSecret`.
   */
  secret: requestExpression.optional(),
  /**
   * A value that the answer has to sign with the secret, as `verify` does (Zoom). Everybody can ask for such a signature, so only a value
   * of at most 100 letters, digits, `-` and `_` is signed, and `verify.message` must have fixed text that no such value can have.
   */
  sign: requestExpression.optional(),
})

/** What of a connection a value is compared with. */
const connectionProperty = z.string().superRefine((text, context) => {
  const [, name] = /^(?:input|kept)\.(.+)$/s.exec(text) ?? []
  if (text === 'externalId' || (name !== undefined && fieldNameSchema.safeParse(name).success)) return
  const message = 'must be externalId, input.<name of an input field> or kept.<name of a kept value>'
  context.addIssue({ code: 'custom', message })
})

/** The requests that a provider sends to `Integration.webhookUrl`. */
export const webhookSchema = z.strictObject({
  verify: verifySchema,
  handshake: z.array(handshakeSchema).max(10).optional(),
  /**
   * Where the body has a list of events, each of which becomes an event of its own. `[]`: the body is the list. A request without a
   * list there is one event.
   */
  events: pathSchema.optional(),
  /**
   * The provider's id of an event. An event whose id was stored for this integration within seven days is answered 200 and not stored
   * again. Without it, a request that is sent twice is stored twice; `standard_webhooks` has an id of its own. With `events`, an id that
   * does not read `item` is the id of the request. The place in the list then distinguishes the events of a request.
   */
  id: eventExpression.optional(),
  /** The provider's name of the kind of event. */
  type: eventExpression.optional(),
  /**
   * The connections that an event concerns: those of the integration where `equals` has this value, compared as text. Each gets an event.
   * Without a match there is one event without a connection.
   */
  connection: z.strictObject({ value: eventExpression, equals: connectionProperty }).optional(),
  /** What is left out of the stored body, such as a token that the provider sends along. With `events`, paths in an item. */
  drop: z.array(propertyPathSchema).max(50).optional(),
  /**
   * Events for which `where` is true, or absent, start an incremental sync of these streams (default: all of them) of the
   * connections that they concern.
   */
  sync: z
    .array(
      z.strictObject({
        where: eventExpression.optional(),
        streams: z.array(z.string().min(1).max(100)).min(1).max(200).optional(),
      }),
    )
    .max(50)
    .optional(),
})

export type Webhook = z.infer<typeof webhookSchema>

/** The expressions of the events of a webhook, with their place in it. */
export function eventExpressionsOf({ id, type, connection, sync = [] }: Webhook) {
  const all: { path: (string | number)[]; source: string | undefined }[] = [
    { path: ['id'], source: id },
    { path: ['type'], source: type },
    { path: ['connection', 'value'], source: connection?.value },
    ...sync.map(({ where }, index) => ({ path: ['sync', index, 'where'], source: where })),
  ]
  return all.flatMap(({ path, source }) => (source === undefined ? [] : [{ path, source }]))
}
