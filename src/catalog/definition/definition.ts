import { z } from 'zod'
import { FieldErrors, InvalidInputError } from '../../kit/errors.ts'
import { illFormedText } from '../../kit/input.ts'
import { compileTemplate, type Template, templateIn } from '../template/template.ts'
import {
  conditionSchema,
  expressionReadsName,
  jsonTemplates,
  pathTemplate,
  readsName,
  stringsIn,
  template,
  templateSchema,
} from '../template/template-schema.ts'
import { baseUrlProblem, pathTemplateProblem, urlTemplateProblem } from '../template/url-template.ts'
import { type ActionDefinition, actionSchema } from './action.ts'
import { type Auth, authSchema, loginStepsOf, ownAuthOf, ownAuthSchema } from './auth.ts'
import { credentialFieldsOf, valueTemplateOf } from './auth-fields.ts'
import { certificateTemplatesOf, isCertificateOfClient } from './client-certificate.ts'
import { currentDefinitionBudget, DefinitionBudget, parseWithin } from './definition-budget.ts'
import { fieldNameSchema, fieldsSchema } from './field.ts'
import { namesWithTemplates } from './fixed-names.ts'
import { clientHostSchema } from './oauth2.ts'
import { parametersSchema } from './parameters.ts'
import { isSamePath, keptPathSchema, mayBeSamePath, type Path, propertyPathSchema, readPath } from './path.ts'
import type { Placement } from './placement.ts'
import { headersSchema } from './primitives.ts'
import {
  hasTombstones,
  pagingBodyParameters,
  pagingFormParameters,
  pagingParameters,
  parentGroups,
  parentStreams,
  type StreamDefinition,
  streamSchema,
} from './stream.ts'
import { authOfKey, type Target, targetProblems, targetShape } from './target.ts'
import { eventExpressionsOf, type Webhook, webhookSchema } from './webhook.ts'
import { errorMap, fieldErrorsOf } from './zod-errors.ts'

const maxDefinitionBytes = 256 * 1024

const inputFieldsSchema = fieldsSchema.superRefine((fields, context) => {
  for (const [index, field] of fields.entries()) {
    if (!field.secret) continue
    const message =
      'must not be true, because inputs are visible to everyone who sees the connection; put the field into auth.fields'
    context.addIssue({ code: 'custom', path: [index, 'secret'], message })
  }
})

const afterConnectSchema = z
  .strictObject({
    ...targetShape,
    path: templateSchema([], afterConnectProblem),
    /** Sent with POST instead of GET. */
    json: jsonTemplates.optional(),
    /** The request is sent only when this is true. */
    where: conditionSchema(['input', 'kept']).optional(),
    keep: z.record(fieldNameSchema, keptPathSchema),
  })
  .refine(({ baseUrl, path }) => baseUrl === undefined || !isWholeUrl(path), {
    path: ['baseUrl'],
    message: 'must be left out, because the path is a whole URL',
  })

/** The request by which a credential is tested. */
const testRequestSchema = z.strictObject({
  ...targetShape,
  method: z.enum(['GET', 'POST']).optional(),
  path: pathTemplate,
  query: parametersSchema(template).optional(),
  headers: headersSchema(template).optional(),
  json: jsonTemplates.optional(),
})

const responseErrorSchema = z
  .strictObject({
    status: z.int().min(100).max(599).optional(),
    path: propertyPathSchema.optional(),
    equals: z.json().optional(),
    as: z.enum(['auth', 'retry', 'rate_limit', 'fail']),
    message: propertyPathSchema.optional(),
    code: propertyPathSchema.optional(),
  })
  .refine((rule) => rule.status !== undefined || rule.path !== undefined, 'needs a status or a path')

/** What a definition may contain. `parseDefinition` also checks what concerns several of its parts. */
export const definitionSchema = z.strictObject({
  /** For editors, which complete and check a definition by it. */
  $schema: z.string().max(2_000).optional(),
  displayName: z.string().min(1).max(200),
  docsUrl: z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }).optional(),
  categories: z.array(z.string().min(1).max(100)).max(20).optional(),
  baseUrl: templateSchema([], baseUrlProblem),
  inputFields: inputFieldsSchema.optional(),
  auth: authSchema,
  /** Other ways in which requests send the fields of the connection. */
  auths: z.record(fieldNameSchema, ownAuthSchema).optional(),
  /** Further hosts that may get the credential. Constants: no value of a connection adds one. */
  hosts: z.array(clientHostSchema).max(50).optional(),
  headers: headersSchema(template).optional(),
  query: parametersSchema(template).optional(),
  afterConnect: z.array(afterConnectSchema).max(20).optional(),
  responseErrors: z.array(responseErrorSchema).max(50).optional(),
  testRequest: testRequestSchema.optional(),
  rateLimit: z.strictObject({ requestsPerSecond: z.number().positive().max(10_000) }).optional(),
  streams: z.array(streamSchema).max(200).optional(),
  webhook: webhookSchema.optional(),
  actions: z.array(actionSchema).max(200).optional(),
})

/** How one third-party service authenticates, its base URL, its streams and its actions. It is data and contains no secret. */
export type IntegrationDefinition = z.infer<typeof definitionSchema>
/** The accepted input, in which paths may also be dotted strings. */
export type DefinitionInput = z.input<typeof definitionSchema>

/** The path may be a whole URL, because some providers answer at another host than the account's. */
function afterConnectProblem(compiled: Template): string | undefined {
  return isWholeUrl(compiled.source) ? urlTemplateProblem(compiled) : pathTemplateProblem(compiled)
}

/** Whether the path of a request is a whole URL. */
export function isWholeUrl(path: string): boolean {
  return /^https?:\/\//i.test(path)
}

/**
 * Checks a definition given as JSON. The result has its paths as lists and is otherwise unchanged; parsing it again gives the same.
 * @param options.path prefix of the paths in errors
 * @param options.isStored an older version may have accepted and stored it, with patterns that RE2 does not support. Default: false
 * @throws InvalidInputError with every invalid field
 */
export function parseDefinition(
  value: unknown,
  { path = [], isStored = false }: { path?: readonly string[]; isStored?: boolean } = {},
): IntegrationDefinition {
  checkJsonLimits(value, path, maxDefinitionBytes)
  const budget = new DefinitionBudget({ path, isStored })
  const parsed = parseWithin(budget, () => checkedSchema.safeParse(value, { error: errorMap }))
  if (!parsed.success) throw new InvalidInputError(fieldErrorsOf(parsed.error, path))
  return parsed.data
}

const checkedSchema = definitionSchema.superRefine((definition, context) => {
  checkDefinition(definition, (path, message) => context.addIssue({ code: 'custom', path, message }))
})

type Report = (path: (string | number)[], message: string) => void
interface AuthAt {
  auth: Auth
  path: (string | number)[]
}

/** Checks what concerns several parts of a definition, such as conflicting names. */
function checkDefinition(definition: IntegrationDefinition, report: Report): void {
  // An older version accepted them, and sent them as they stand.
  for (const place of currentDefinitionBudget().isStored ? [] : namesWithTemplates(definition)) {
    report(place, 'must not contain {{, because a name is not a template and would be sent as it stands')
  }
  const auths = [...authsIn(definition.auth, ['auth'])]
  for (const { auth, path } of auths) {
    if (auth.type === 'selective' && path.includes('options')) {
      report([...path, 'type'], 'must not be selective, because one field auth_method cannot select twice')
    }
    checkValueTemplate(auth, path, report)
    checkClient(definition, auth, path, report)
    checkFieldNames(definition, auth, path, report)
    checkLoginFields(auth, path, report)
    checkClientCertificate(definition, auth, path, report)
    checkExpiry(auth, path, report)
  }
  for (const [key, own] of Object.entries(definition.auths ?? {})) {
    for (const { auth, path } of authsIn(ownAuthOf(own), ['auths', key])) {
      if (path.length > 2) checkValueTemplate(auth, path, report)
      checkLoginFields(auth, path, report)
      checkExpiry(auth, path, report)
    }
  }
  // The login request of a session token does not carry the definition's headers.
  const placements = auths.filter(({ path }) => !path.includes('login')).flatMap(({ auth }) => placementsOf(auth))
  checkHeaders(definition.headers, ['headers'], placements, report)
  checkParameters(definition.query, 'query', ['query'], placements, report)
  const names = new Set<string>()
  for (const [index, stream] of (definition.streams ?? []).entries()) {
    const path = ['streams', index]
    if (names.has(stream.name)) report([...path, 'name'], `${stream.name} is the name of an earlier stream`)
    checkParent(stream, path, names, report)
    checkEach(stream, path, report)
    checkRecords(stream, path, report)
    checkFormat(stream, path, report)
    checkIncremental(stream, path, report)
    names.add(stream.name)
    const placed = placementsAt(definition, stream, path, placements, report)
    checkHeaders(stream.headers, [...path, 'headers'], placed, report)
    if (stream.pagination?.type === 'next') checkNextPlace(stream, stream.pagination.place, path, placed, report)
    checkQuery(stream, path, placed, report)
    checkBody(stream, path, placed, report)
  }
  checkWebhook(definition, names, report)
  for (const [index, request] of (definition.afterConnect ?? []).entries()) {
    placementsAt(definition, request, ['afterConnect', index], placements, report)
  }
  checkTestRequest(definition, placements, report)
  const actions = new Set<string>()
  for (const [index, action] of (definition.actions ?? []).entries()) {
    const path = ['actions', index]
    if (actions.has(action.name)) report([...path, 'name'], `${action.name} is the name of an earlier action`)
    actions.add(action.name)
    const placed = placementsAt(definition, action.request, [...path, 'request'], placements, report)
    checkAction(action, path, placed, report)
  }
}

/** Checks the names that a webhook takes from the rest of the definition. */
function checkWebhook(
  { webhook, inputFields = [], auth }: IntegrationDefinition,
  streams: ReadonlySet<string>,
  report: Report,
): void {
  if (webhook === undefined) return
  const { verify, handshake = [], events, connection, sync = [] } = webhook
  for (const [index, { answer, sign }] of handshake.entries()) {
    const path = ['webhook', 'handshake', index]
    if (sign !== undefined && !canSign(verify)) {
      report(
        [...path, 'sign'],
        'needs the method hmac with a message that has other fixed text than letters, digits, - and _',
      )
    }
    if (sign === undefined && readsName(answer, 'signature'))
      report([...path, 'answer'], 'reads signature, which needs sign')
  }
  for (const { path, source } of events === undefined ? eventExpressionsOf(webhook) : []) {
    if (expressionReadsName(source, 'item')) report(['webhook', ...path], 'reads item, but the webhook has no events')
  }
  const [, input] = /^input\.(.+)$/.exec(connection?.equals ?? '') ?? []
  if (input !== undefined && !inputFields.some(({ name }) => name === input)) {
    report(['webhook', 'connection', 'equals'], `${input} is not the name of an input field`)
  }
  if ('secret' in verify && verify.secret === 'client' && ![...authsIn(auth, [])].some(({ auth }) => hasClient(auth))) {
    report(['webhook', 'verify', 'secret'], 'must be webhook, because this auth has no OAuth client')
  }
  for (const [index, { streams: wanted = [] }] of sync.entries()) {
    for (const [place, name] of wanted.entries()) {
      if (!streams.has(name))
        report(['webhook', 'sync', index, 'streams', place], `${name} is not the name of a stream`)
    }
  }
}

/** An action must not set what the credential sets. */
function checkAction(
  { request, idempotencyKey }: ActionDefinition,
  path: (string | number)[],
  placements: readonly Placement[],
  report: Report,
): void {
  const { headers, query, json, form } = request
  const at = [...path, 'request']
  checkHeaders(headers, [...at, 'headers'], placements, report)
  for (const placement of placements) {
    const { in: place, name } = placement
    if (place === 'query' && Object.hasOwn(query ?? {}, name)) report([...at, 'query', name], `${name} is set by auth`)
    if (place === 'form' && Object.hasOwn(form ?? {}, name)) report([...at, 'form', name], `${name} is set by auth`)
    if (place === 'form' && json !== undefined) {
      report([...at, 'json'], 'cannot be sent, because auth puts its value into a form')
    }
    if (place === 'json' && form !== undefined) {
      report([...at, 'form'], 'cannot be sent, because auth puts its value into JSON')
    }
    if (place === 'json' && readPath(json, name) !== undefined) {
      report([...at, 'json'], `${name.join('.')} is set by auth`)
    }
    if (idempotencyKey !== undefined && isSamePlace(placement, idempotencyKey)) {
      report([...path, 'idempotencyKey'], 'is the place of a value of auth')
    }
  }
}

/** Whether no request can have the signature that a handshake may ask for. */
function canSign(verify: Webhook['verify']): boolean {
  if (verify.method !== 'hmac' || verify.message === undefined) return false
  return compileTemplate(verify.message).parts.some((part) => 'text' in part && /[^\w-]/.test(part.text))
}

function hasClient({ type }: Auth): boolean {
  return type === 'oauth2' || type === 'oauth1'
}

function isSamePlace(one: Placement, other: Placement): boolean {
  if (one.in === 'json' || other.in === 'json') {
    return one.in === 'json' && other.in === 'json' && isSamePath(one.name, other.name)
  }
  const isHeader = one.in === 'header' && other.in === 'header'
  const same = isHeader ? one.name.toLowerCase() === other.name.toLowerCase() : one.name === other.name
  return one.in === other.in && same
}

function* authsIn(auth: Auth, path: (string | number)[]): Generator<AuthAt> {
  yield { auth, path }
  if (auth.type === 'selective') {
    for (const [index, option] of auth.options.entries())
      yield* authsIn(option.auth, [...path, 'options', index, 'auth'])
  }
  if (auth.type !== 'session_token') return
  for (const { step, place } of loginStepsOf(auth))
    if (step.auth) yield* authsIn(step.auth, [...path, ...place, 'auth'])
}

function checkValueTemplate(auth: Auth, path: (string | number)[], report: Report): void {
  const keys = { basic: 'username', bearer: 'token', api_key: 'value' } as const
  if (auth.type !== 'basic' && auth.type !== 'bearer' && auth.type !== 'api_key') return
  if (valueTemplateOf(auth) !== undefined) return
  const key = keys[auth.type]
  report([...path, key], `is missing: nothing says how the fields of this definition make the ${key}`)
}

/**
 * The client of the grant client_credentials is all that its connections have. A definition that names it must have the whole
 * of it: in constants, in fields of the credential, or in inputs.
 */
function checkClient(
  { inputFields = [] }: IntegrationDefinition,
  auth: Auth,
  path: (string | number)[],
  report: Report,
): void {
  if (auth.type !== 'oauth2' || auth.grant !== 'client_credentials') return
  const known = new Set([...inputFields, ...credentialFieldsOf(auth)].map(({ name }) => name))
  for (const key of ['clientId', 'clientSecret'] as const) {
    const source = auth[key]
    if (source === undefined) continue
    const { constant, references } = compileTemplate(source)
    if (constant?.trim() === '') report([...path, key], 'must not be empty')
    const unknown = [...references].find((reference) => {
      const name = /^(?:config|input)\['(.*)'\]$/.exec(reference)?.[1]
      return name !== undefined && !known.has(name)
    })
    if (unknown !== undefined) {
      report([...path, key], `reads ${unknown}, which is neither a field of the credential nor an input field`)
    }
  }
}

/** Inputs and credential fields are both read as `config`, so their names must differ. */
function checkFieldNames(
  definition: IntegrationDefinition,
  auth: Auth,
  path: (string | number)[],
  report: Report,
): void {
  const inputs = new Set((definition.inputFields ?? []).map((field) => field.name))
  for (const field of credentialFieldsOf(auth)) {
    if (inputs.has(field.name)) report([...path, 'fields'], `${field.name} is also the name of an input field`)
  }
}

/** The fields of a session token are those of its login too. Others would say anew which of them are secret. */
function checkLoginFields(auth: Auth, path: (string | number)[], report: Report): void {
  const isIgnored = currentDefinitionBudget().isStored || !path.includes('login')
  if (isIgnored || !('fields' in auth) || auth.fields === undefined || auth.fields.length === 0) return
  report([...path, 'fields'], 'must be empty or left out, because a login reads the fields of the session token')
}

/**
 * A client certificate consists of fields of the credential, and its private key of secret ones. Where people consent at the provider and
 * supply no fields, it is the secret of the OAuth client, which must then not be sent.
 */
function checkClientCertificate(
  { auth: whole, inputFields = [] }: IntegrationDefinition,
  auth: Auth,
  path: (string | number)[],
  report: Report,
): void {
  const templates = certificateTemplatesOf(auth)
  if (templates === undefined) return
  const given = 'clientCertificate' in auth ? auth.clientCertificate : undefined
  const at = [...path, 'clientCertificate']
  if (auth.type === 'oauth1' && auth.requestTokenUrl !== undefined) {
    report(at, 'must be left out: people who consent at the provider supply no certificate')
    return
  }
  const ofClient = isCertificateOfClient(auth)
  const login = path.indexOf('login')
  const holder = login === -1 ? auth : authAt(whole, path.slice(1, login))
  const secret = new Set(ofClient ? ['client_secret'] : secretNamesOf(holder))
  const known = new Set([...inputFields, ...credentialFieldsOf(holder)].map(({ name }) => name))
  if (ofClient) for (const name of ['client_id', 'client_secret']) known.add(name)
  for (const part of ['certificate', 'key', 'passphrase'] as const) {
    const source = templates[part]
    // The fields of a session token need not include the standard one for a passphrase.
    if (source === undefined || (part === 'passphrase' && given?.passphrase === undefined)) continue
    const { constant, references } = compileTemplate(source)
    // `config` itself is among the references of `config.client_key`.
    const names = [...references]
      .filter((reference) => reference !== 'config' || references.size === 1)
      .map((reference) => /^config\['(.*)'\]$/.exec(reference)?.[1] ?? reference)
    const unknown = names.find((name) => !known.has(name))
    if (unknown !== undefined) {
      const what = ofClient
        ? 'an input field, client_id or client_secret'
        : 'a field of the credential or an input field'
      report([...at, part], `reads ${unknown}, which is not ${what}`)
    } else if (part === 'certificate') continue
    else if (constant !== undefined) report([...at, part], 'must read a field: a definition contains no secret')
    else if (names.some((name) => !secret.has(name))) report([...at, part], 'must read only secret fields')
  }
  if (!ofClient || auth.type !== 'oauth2') return
  for (const [key, method] of [
    ['clientAuth', auth.clientAuth ?? 'client_secret_post'],
    ['revocation', auth.revocation?.clientAuth ?? auth.clientAuth ?? 'client_secret_post'],
  ] as const) {
    if (method === 'none' || method === 'private_key_jwt' || (key === 'revocation' && auth.revocation === undefined))
      continue
    const place = key === 'revocation' ? [...path, key, 'clientAuth'] : [...path, key]
    report(
      place,
      'must be none or private_key_jwt, because the secret of the client is its private key, which is not sent',
    )
  }
}

function secretNamesOf(auth: Auth): string[] {
  return credentialFieldsOf(auth).flatMap(({ name, secret }) => (secret === true ? [name] : []))
}

/** The auth at a place in another one: that of an option, or itself. */
function authAt(auth: Auth, path: readonly (string | number)[]): Auth {
  const index = path[0] === 'options' ? Number(path[1]) : Number.NaN
  const option = auth.type === 'selective' ? auth.options[index] : undefined
  return option?.auth ?? auth
}

/** Everybody who sees a connection sees when its credential expires. A token that is a number can be read as that. */
function checkExpiry(auth: Auth, path: (string | number)[], report: Report): void {
  if (currentDefinitionBudget().isStored) return
  const check = (keys: string[], expiry: Path | undefined, tokens: readonly Path[]) => {
    if (expiry === undefined || !tokens.some((token) => mayBeSamePath(token, expiry))) return
    report([...path, ...keys, 'path'], 'must not be the place of a token, because the expiry is not secret')
  }
  if (auth.type === 'session_token') check(['expiry'], auth.expiry?.path, [auth.tokenPath])
  if (auth.type !== 'oauth2') return
  const { accessToken = ['access_token'], refreshToken = ['refresh_token'], ...response } = auth.tokenResponse ?? {}
  for (const key of ['expiry', 'refreshTokenExpiry'] as const) {
    check(['tokenResponse', key], response[key]?.path, [accessToken, refreshToken, ['id_token']])
  }
}

const authorization: Placement = { in: 'header', name: 'Authorization' }

function placementsOf(auth: Auth): Placement[] {
  switch (auth.type) {
    case 'basic':
    case 'bearer':
    case 'oauth1':
      return [authorization]
    case 'api_key':
    case 'session_token':
      return [auth.placement]
    case 'oauth2':
    case 'jwt':
      return [auth.placement ?? authorization]
    case 'signature':
      if (auth.method === 'hmac') return [auth.placement, auth.timestamp, auth.nonce].filter((placement) => !!placement)
      if (auth.method === 'wsse') return [{ in: 'header', name: 'X-WSSE' }]
      return ['Authorization', 'X-Amz-Date', 'X-Amz-Security-Token'].map((name) => ({ in: 'header', name }))
    default:
      return []
  }
}

function checkHeaders(
  headers: Record<string, string> | undefined,
  path: (string | number)[],
  placements: readonly Placement[],
  report: Report,
): void {
  for (const name of Object.keys(headers ?? {})) {
    const taken = placements.some(
      (placement) =>
        (placement.in === 'header' && placement.name.toLowerCase() === name.toLowerCase()) ||
        (placement.in === 'cookie' && name.toLowerCase() === 'cookie'),
    )
    if (taken) report([...path, name], `${name} is set by auth`)
  }
}

/** Parameters of a definition or stream must not be those that the credential sets. */
function checkParameters(
  parameters: object | undefined,
  place: 'query' | 'form',
  path: (string | number)[],
  placements: readonly Placement[],
  report: Report,
): void {
  for (const name of Object.keys(parameters ?? {})) {
    if (placements.some((placement) => placement.in === place && placement.name === name)) {
      report([...path, name], `${name} is set by auth`)
    }
  }
}

function checkQuery(
  stream: StreamDefinition,
  path: (string | number)[],
  placements: readonly Placement[],
  report: Report,
): void {
  const byAuth = new Set(placements.flatMap((placement) => (placement.in === 'query' ? [placement.name] : [])))
  checkParameters(stream.query, 'query', [...path, 'query'], placements, report)
  const seen = new Set(Object.keys(stream.query ?? {}))
  for (const parameter of pagingParameters(stream)) {
    if (byAuth.has(parameter.name)) report([...path, ...parameter.path], `${parameter.name} is set by auth`)
    else if (seen.has(parameter.name))
      report([...path, ...parameter.path], `${parameter.name} is already set by this stream`)
    seen.add(parameter.name)
  }
}

function checkBody(
  stream: StreamDefinition,
  path: (string | number)[],
  placements: readonly Placement[],
  report: Report,
): void {
  for (const placement of placements) {
    if (placement.in === 'json' && readPath(stream.json, placement.name) !== undefined) {
      report([...path, 'json'], `${placement.name.join('.')} is set by auth`)
    }
    if (placement.in === 'form' && stream.json)
      report([...path, 'json'], 'cannot be sent, because auth puts its value into a form')
    if (placement.in === 'json' && stream.form)
      report([...path, 'form'], 'cannot be sent, because auth puts its value into JSON')
  }
  checkForm(stream, path, placements, report)
  const seen = new Set<string>()
  for (const parameter of pagingBodyParameters(stream)) {
    if (seen.has(parameter.name) || readPath(stream.json, parameter.name.split('.')) !== undefined) {
      report([...path, ...parameter.path], `${parameter.name} is already set by this stream`)
    }
    seen.add(parameter.name)
  }
}

function checkForm(
  stream: StreamDefinition,
  path: (string | number)[],
  placements: readonly Placement[],
  report: Report,
): void {
  const { form, json } = stream
  checkParameters(form, 'form', [...path, 'form'], placements, report)
  if (form !== undefined && json !== undefined) {
    report([...path, 'form'], 'must be left out, because a request has one body and json is given')
  }
  const seen = new Set(Object.keys(form ?? {}))
  const isJson = json !== undefined || pagingBodyParameters(stream).length > 0
  for (const parameter of pagingFormParameters(stream)) {
    const at = [...path, ...parameter.path]
    if (isJson) report(at, 'cannot go into a form, because the body of the request is JSON')
    if (placements.some((placement) => placement.in === 'form' && placement.name === parameter.name)) {
      report(at, `${parameter.name} is set by auth`)
    } else if (seen.has(parameter.name)) report(at, `${parameter.name} is already set by this stream`)
    seen.add(parameter.name)
  }
}

/**
 * Checks where a request is sent and how it is authenticated.
 * @param usual the placements of the definition's auth
 * @returns those of the request
 */
function placementsAt(
  definition: IntegrationDefinition,
  target: Target,
  path: (string | number)[],
  usual: readonly Placement[],
  report: Report,
): readonly Placement[] {
  for (const [key, message] of targetProblems(definition, target)) report([...path, key], message)
  const own = authOfKey(definition, target.auth)
  return own === undefined ? usual : placementsOf(ownAuthOf(own))
}

/** A test request must not set what the credential sets. An older version removed it. */
function checkTestRequest(definition: IntegrationDefinition, usual: readonly Placement[], report: Report): void {
  const { testRequest } = definition
  if (testRequest === undefined) return
  const path = ['testRequest']
  const placements = placementsAt(definition, testRequest, path, usual, report)
  checkHeaders(testRequest.headers, [...path, 'headers'], placements, report)
  checkParameters(testRequest.query, 'query', [...path, 'query'], placements, report)
}

/** The next page must not be named where the credential, or another header of the stream, is. */
function checkNextPlace(
  stream: StreamDefinition,
  place: Placement | 'url',
  path: (string | number)[],
  placements: readonly Placement[],
  report: Report,
): void {
  if (place === 'url') return
  const at = [...path, 'pagination', 'place']
  if (placements.some((placement) => isSamePlace(placement, place))) report(at, 'is the place of a value of auth')
  if (place.in !== 'header') return
  const name = place.name.toLowerCase()
  if (Object.keys(stream.headers ?? {}).some((each) => each.toLowerCase() === name)) {
    report(at, `${place.name} is already set by this stream`)
  }
}

type At = readonly (string | number)[]

/** @param earlier names of the streams before this one; parents come first, so no stream is its own ancestor */
function checkParent(stream: StreamDefinition, path: At, earlier: ReadonlySet<string>, report: Report): void {
  const reads = placesOf(stream).filter(({ source }) => readsName(source, 'parent'))
  if (stream.parent === undefined) {
    for (const { path: place } of reads) report([...path, ...place], 'reads parent, but this stream has no parent')
    return
  }
  const isList = Array.isArray(stream.parent)
  for (const [index, name] of parentStreams(stream).entries()) {
    if (earlier.has(name)) continue
    report([...path, 'parent', ...(isList ? [index] : []), 'stream'], `${name} is not the name of an earlier stream`)
  }
  const inEach = (stream.each ?? []).flatMap(({ values }) => values)
  const sources = [...reads.map(({ source }) => source), ...inEach.filter((source) => readsName(source, 'parent'))]
  // Otherwise every parent would cause the same request.
  const problem = 'is read by no template of path, query, headers, json or form'
  if (sources.length === 0) report([...path, 'parent'], problem)
  else
    for (const { as } of parentGroups(stream)) {
      if (sources.some((source) => readsValueOf(source, 'parent', as))) continue
      const index = [stream.parent].flat().findIndex((each) => each !== undefined && 'as' in each && each.as === as)
      report([...path, 'parent', index, 'as'], `${problem}: {{ parent.${as} }}`)
    }
}

/** A value that nothing reads would only repeat the same requests. */
function checkEach(stream: StreamDefinition, path: At, report: Report): void {
  const { each, parent, incremental } = stream
  const places = placesOf(stream)
  if (each === undefined) {
    for (const { path: place, source } of places) {
      if (readsName(source, 'item')) report([...path, ...place], 'reads item, but this stream has no each')
    }
    return
  }
  for (const [index, { as, values }] of each.entries()) {
    const at = [...path, 'each', index]
    const isRead = places.some(({ source }) => readsValueOf(source, 'item', as))
    if (!isRead) report([...at, 'as'], `is read by no template of path, query, headers, json or form: {{ item.${as} }}`)
    if (parent !== undefined) continue
    for (const [place, source] of [values].flat().entries()) {
      if (readsName(source, 'parent')) report([...at, 'values', place], 'reads parent, but this stream has no parent')
    }
  }
  if (incremental?.feed !== undefined) {
    report([...path, 'each'], 'must be left out, because the cursor of a feed belongs to one list')
  }
}

/** Whether a template reads the value `as` of the object `name`, or all of its values. */
function readsValueOf(source: string, name: string, as: string): boolean {
  const references = [...(templateIn(source)?.references ?? [])]
  const readsKey = references.some((reference) => reference.startsWith(`${name}[`))
  return references.includes(`${name}['${as}']`) || (references.includes(name) && !readsKey)
}

/** What the templates of `records` read must exist for the records of the stream. */
function checkRecords({ records, parent, each, incremental }: StreamDefinition, path: At, report: Report): void {
  const { where, set = {}, map } = records ?? {}
  const absent = [
    { name: 'parent', isAbsent: parent === undefined, why: 'this stream has no parent' },
    { name: 'window', isAbsent: incremental?.window === undefined, why: 'this stream has no incremental.window' },
    { name: 'item', isAbsent: each === undefined, why: 'this stream has no each' },
    { name: 'key', isAbsent: map !== true || records?.path?.includes('*') === true, why: 'the records are no map' },
  ]
  for (const { name, isAbsent, why } of absent) {
    if (!isAbsent) continue
    if (where !== undefined && expressionReadsName(where, name)) {
      report([...path, 'records', 'where'], `reads ${name}, but ${why}`)
    }
    for (const [field, source] of Object.entries(set)) {
      if (readsName(source, name)) report([...path, 'records', 'set', field], `reads ${name}, but ${why}`)
    }
  }
}

/** Line formats contain only records, so they have no records path, next link or cursor. */
function checkFormat(stream: StreamDefinition, path: At, report: Report): void {
  const { format, pagination, recordsPath, records } = stream
  if (recordsPath !== undefined && records?.path !== undefined) {
    report([...path, 'recordsPath'], 'must be left out, because records.path says where the records are')
  }
  if (format === undefined || format === 'json') return
  const pathKey = records?.path === undefined ? ['recordsPath'] : ['records', 'path']
  if ((records?.path ?? recordsPath ?? []).length > 0) {
    report([...path, ...pathKey], `must be left out, because each line of ${format} is a record`)
  }
  for (const shape of ['one', 'map'] as const) {
    if (records?.[shape])
      report([...path, 'records', shape], `must be left out, because each line of ${format} is a record`)
  }
  if (pagination?.type === 'next_url' || pagination?.type === 'cursor' || pagination?.type === 'next') {
    report([...path, 'pagination', 'type'], `must be one of link_header, page, offset, because the format is ${format}`)
    return
  }
  for (const [key, value] of Object.entries(pagination ?? {})) {
    if (Array.isArray(value)) {
      report([...path, 'pagination', key], `must be a header (header:<name>), because the format is ${format}`)
    }
  }
}

function checkIncremental(stream: StreamDefinition, path: At, report: Report): void {
  const { incremental, parent, pagination, format, deletes, primaryKey } = stream
  const at = (...keys: string[]) => [...path, 'incremental', ...keys]
  const readsWindow = placesOf(stream).filter(({ source }) => readsName(source, 'window'))
  if (incremental?.window === undefined) {
    for (const { path: place } of readsWindow) {
      report([...path, ...place], 'reads window, but this stream has no incremental.window')
    }
  } else if (readsWindow.length === 0 && incremental.param === undefined && incremental.until === undefined) {
    report(at('window'), 'is not sent: set param or until, or read window.from and window.to in a template')
  }
  if (incremental?.per !== undefined && parent === undefined) report(at('per'), 'needs a stream with a parent')
  const starts = { start: incremental?.start, 'feed.start': incremental?.feed?.start }
  for (const [key, source = ''] of Object.entries(starts)) {
    if (parent === undefined && readsName(source, 'parent')) {
      report(at(...key.split('.')), 'reads parent, but this stream has no parent')
    }
  }
  if (hasTombstones(stream) && primaryKey === undefined) {
    report([...path, 'deletes'], 'needs a primaryKey, by which the deleted record is found')
  }
  if (incremental?.feed === undefined) return
  if (pagination !== undefined) {
    report([...path, 'pagination'], 'must be left out, because the cursor of the feed also leads to the next page')
  }
  if (format !== undefined && format !== 'json') {
    report([...path, 'format'], 'must be json, because the cursor of the feed is in the response')
  }
  if (deletes === 'missing') {
    report([...path, 'deletes'], 'must not be missing, because a feed does not contain what has not changed')
  }
}

function placesOf({ path, query, headers, json, form }: StreamDefinition) {
  return [...stringsIn({ path, query, headers, json, form }, [])]
}

/**
 * Refuses JSON that cannot be stored without a change, and more than `maxBytes` of it.
 * @throws InvalidInputError with the path of the invalid value
 */
function checkJsonLimits(value: unknown, path: readonly string[], maxBytes: number): void {
  const errors = new FieldErrors()
  const illFormed = illFormedText(value)
  if (illFormed !== null) errors.add([...path, ...illFormed.path], illFormed.reason)
  errors.throwIfAny()
  const json = JSON.stringify(value)
  if (Buffer.byteLength(json ?? '') > maxBytes) errors.add(path, `must be at most ${maxBytes} bytes of JSON`)
  errors.throwIfAny()
}

/** An entry of the built-in catalogue. */
export interface Provider {
  slug: string
  definition: IntegrationDefinition
}
