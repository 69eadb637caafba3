import type { IntegrationDefinition } from '../catalog/definition/definition.ts'
import { type Parameters, renderParameters } from '../catalog/definition/parameters.ts'
import { withSharedBudget } from '../catalog/template/budget.ts'
import { urlEncode } from '../catalog/template/filters.ts'
import type { TemplateScope } from '../catalog/template/template.ts'
import { compileTemplate } from '../catalog/template/template.ts'
import { renderUrl } from '../catalog/template/url-template.ts'
import { EgressError } from '../egress/egress-error.ts'
import { joinUrl, type QueryInput } from '../egress/join-url.ts'
import { PlainHeaders } from '../egress/plain-headers.ts'
import { checkHeaderNames, type HeadersInput } from '../egress/request-headers.ts'
import { InvalidInputError } from '../kit/errors.ts'
import { valueProblem } from '../wire/placement.ts'
import type { DraftBody, RequestDraft } from '../wire/request-draft.ts'
import type { Authenticator } from './strategy.ts'

export interface DraftRequest {
  method: string
  /** A path under the base URL, not a template; or a complete URL, which the caller has checked. */
  target: { path: string; query?: QueryInput } | URL
  /** Win over the definition's headers. Must not contain what the credential sets. */
  headers?: HeadersInput
  /** Templates of a stream's own headers; they win over the definition's headers too. */
  headerTemplates?: Readonly<Record<string, string>>
  /** Sent when no other header says what the sender accepts. */
  accept?: string
  body?: DraftBody
  /** The variables of the definition's templates. */
  scope: TemplateScope
  /** The base URL of the definition, if it was rendered already. */
  base?: URL
  authenticator: Authenticator
}

/**
 * Builds an authenticated request to an integration: its URL, all headers, the body and the credential. Most strategies have nothing to
 * wait for.
 *
 * @throws TemplateError for a missing input; PlacementConflictError when the request sets what the credential sets;
 * InvalidInputError for a path that leads away from the base URL and for headers that cannot be sent
 */
export function buildDraft(
  definition: IntegrationDefinition,
  request: DraftRequest,
): RequestDraft | Promise<RequestDraft> {
  const { method, target, authenticator, body } = request
  const scope = withSharedBudget(request.scope)
  const draft: RequestDraft = {
    method,
    url:
      target instanceof URL
        ? new URL(target)
        : asInputError('path', () =>
            joinUrl(request.base ?? renderUrl(definition.baseUrl, scope), target.path, target.query),
          ),
    headers: headersOf(request.headers),
    body,
    credentialHeaders: new Set(),
    clientCertificate: authenticator.clientCertificate,
  }
  addDefinitionHeaders(draft, request.headerTemplates ?? {}, scope)
  addDefinitionHeaders(draft, definition.headers ?? {}, scope)
  if (definition.query !== undefined) addDefinitionQuery(draft.url, definition.query, scope)
  if (request.accept !== undefined && !draft.headers.has('accept')) draft.headers.set('accept', request.accept)
  const applied = authenticator.apply(draft)
  return applied === undefined ? draft : applied.then(() => draft)
}

/**
 * Adds headers from templates, except those that the draft already has. A header whose template reads a variable may contain a
 * secret and is not sent to another origin.
 *
 * @throws TemplateError; InvalidInputError for a value that a header cannot contain
 */
export function addDefinitionHeaders(
  draft: RequestDraft,
  headers: Readonly<Record<string, string>>,
  scope: TemplateScope,
): void {
  for (const [name, source] of Object.entries(headers)) {
    if (draft.headers.has(name)) continue
    const template = compileTemplate(source)
    const value = template.render(scope)
    const problem = valueProblem({ in: 'header', name }, value)
    if (problem !== undefined)
      throw new InvalidInputError([{ path: ['headers', name], message: `The value ${problem}.` }])
    draft.headers.set(name, value)
    if (template.constant === undefined) draft.credentialHeaders.add(name.toLowerCase())
  }
}

/** Adds parameters from templates, except those that the URL already has. The rest of the query keeps its bytes. */
function addDefinitionQuery(url: URL, query: Parameters, scope: TemplateScope): void {
  const present = new Set(url.searchParams.keys())
  const added = renderParameters(query, scope).filter(([name]) => !present.has(name))
  if (added.length === 0) return
  const pairs = added.map(([name, value]) => `${urlEncode(name)}=${urlEncode(value)}`)
  url.search = [url.search.slice(1), ...pairs].filter((part) => part !== '').join('&')
}

function headersOf(input: HeadersInput = []): Headers {
  const headers = new PlainHeaders()
  for (const [name, value] of asInputError('headers', () => checkHeaderNames(input))) headers.append(name, value)
  return headers
}

function asInputError<T>(field: string, make: () => T): T {
  try {
    return make()
  } catch (error) {
    if (error instanceof EgressError) throw new InvalidInputError([{ path: [field], message: error.message }])
    throw error
  }
}
