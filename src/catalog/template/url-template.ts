import { climbs, withoutTrailingSlashes } from '../../egress/join-url.ts'
import { currentDefinitionBudget } from '../definition/definition-budget.ts'
import { budgetOf } from './budget.ts'
import { urlEncode } from './filters.ts'
import type { TemplateScope } from './template.ts'
import { compileTemplate, type Template, type TemplatePart } from './template.ts'
import { TemplateError } from './value.ts'

/**
 * Renders a template to an http(s) URL. An input in the host may contain only host characters. In the path and the query it is
 * percent-encoded. At the very beginning it must be a URL itself. An input therefore never changes the host, path prefix or query that
 * the template gives.
 * @param options.fragment whether the URL may have a fragment, as that of a page in a browser may. Default: false
 */
export function renderUrl(source: string, scope: TemplateScope, { fragment = false } = {}): URL {
  const template = compileTemplate(source)
  const rendered = renderParts(template, scope, '')
  const url = URL.parse(rendered)
  if (url === null || !isPlainWebUrl(url, fragment)) {
    throw new TemplateError(
      'unusable',
      `The URL template does not render to an http or https URL without ${fragment ? 'user name' : 'user name and fragment'}.`,
    )
  }
  return url
}

/**
 * Renders a template to a path below a base URL, with an optional query: `/users?active=true`.
 * @param segmentName what reads this name is percent-encoded with its slashes, so that it is part of one segment, and must not make an
 * empty segment. Default: no name
 */
export function renderPath(source: string, scope: TemplateScope, segmentName?: string): string {
  const path = renderParts(compileTemplate(source), scope, '/', segmentName)
  if (looksLikeUrl(path)) throw new TemplateError('unusable', 'An input makes a URL of the path.')
  return path
}

/** Checks a URL template without rendering it. @returns the problem, or undefined */
export function urlTemplateProblem(template: Template, { fragment = false } = {}): string | undefined {
  if (template.constant !== undefined) {
    const url = URL.parse(template.constant)
    if (fragment && (url === null || !isPlainWebUrl(url, true))) return 'must be an http or https URL without user name'
    if (url === null || !isPlainWebUrl(url, fragment))
      return 'must be an http or https URL without user name and fragment'
    if (!currentDefinitionBudget().isStored && !hasPlainOrigin(template)) return NO_PLAIN_ORIGIN
    return hasDotSegment(template.constant) ? 'must not contain the path segments . and ..' : undefined
  }
  const [first, second] = template.parts
  if (first && 'text' in first) {
    if (!/^https?:\/\//i.test(first.text)) return 'must begin with http:// or https://'
    // An older version accepted it. comparableOrigin takes the whole of it for the origin.
    if (!currentDefinitionBudget().isStored && !hasPlainOrigin(template)) return NO_PLAIN_ORIGIN
  } else if (second && (!('text' in second) || !/^[/?]/.test(second.text))) {
    return 'must continue with / after an expression at its beginning'
  }
  const fixed = template.parts.map((part) => ('text' in part ? part.text : 'x')).join('')
  if (!fragment && fixed.includes('#')) return 'must not hold a fragment'
  return /^https?:\/\/[^/?]*@/i.test(fixed) ? 'must not hold a user name' : undefined
}

/** Checks a template for a base URL without rendering it. @returns the problem, or undefined */
export function baseUrlProblem(template: Template): string | undefined {
  const fixed = template.parts.map((part) => ('text' in part ? part.text : 'x')).join('')
  return fixed.includes('?') ? 'must not contain a query' : urlTemplateProblem(template)
}

/** Checks that a path template stays below the base URL. @returns the problem, or undefined */
export function pathTemplateProblem(template: Template): string | undefined {
  const fixed = template.parts.map((part) => ('text' in part ? part.text : 'x')).join('')
  if (looksLikeUrl(fixed)) return 'must be a path under the base URL, not a URL'
  if (/[\\\s#]/.test(fixed)) return 'must not contain spaces, backslashes or a fragment'
  return hasDotSegment(fixed) ? 'must not contain the path segments . and ..' : undefined
}

/** As `urlTemplateProblem`, for the URL of a page in a browser, which may have a fragment. */
export function pageUrlTemplateProblem(template: Template): string | undefined {
  return urlTemplateProblem(template, { fragment: true })
}

const NO_PLAIN_ORIGIN =
  'must begin with http:// or https:// and a host, without spaces, backslashes and further slashes'

/**
 * Whether a URL template begins with an expression, or with the scheme, two slashes and a host. In every other form, such as
 * `https:/host`, `https:///host` or with spaces before it, a URL parser finds the host at another place than a reader does.
 */
export function hasPlainOrigin({ parts }: Template): boolean {
  const fixed = parts.map((part) => ('text' in part ? part.text : 'x')).join('')
  const [first] = parts
  return (first !== undefined && !('text' in first)) || /^https?:\/\/[^/\\?#\s]/i.test(fixed)
}

/**
 * The part of a URL template that decides the origin, if it has a plain one (`hasPlainOrigin`): fixed texts and expressions, in order. It ends with the text before the first
 * `/` or `?`, or with an expression that is the end of the host.
 */
export function originPartOf(source: string): (string | { expression: string })[] {
  const parts: (string | { expression: string })[] = []
  for (const part of withoutComments(compileTemplate(source).parts)) {
    if (!('text' in part)) {
      parts.push({ expression: part.source })
      continue
    }
    // At the very beginning, an expression is a URL with its scheme.
    const scheme = parts.length === 0 ? (/^https?:\/\//i.exec(part.text)?.[0] ?? '') : ''
    const end = part.text.slice(scheme.length).search(/[/?#\\]/)
    const text = end === -1 ? part.text : part.text.slice(0, scheme.length + end)
    if (text !== '') parts.push(text)
    if (end !== -1) break
  }
  return parts
}

/** A comment divides a text into two parts. They are one text when the template is rendered. */
function withoutComments(parts: readonly TemplatePart[]): TemplatePart[] {
  const joined: TemplatePart[] = []
  for (const part of parts) {
    const last = joined.at(-1)
    if ('text' in part && last !== undefined && 'text' in last)
      joined[joined.length - 1] = { text: last.text + part.text }
    else joined.push(part)
  }
  return joined
}

function looksLikeUrl(path: string): boolean {
  return /^\s*([a-z][a-z0-9+.-]*:|[\\/]{2})/i.test(path)
}

function isPlainWebUrl(url: URL, fragment = false): boolean {
  const web = url.protocol === 'https:' || url.protocol === 'http:'
  return web && url.username === '' && url.password === '' && (fragment || url.hash === '')
}

function renderParts(template: Template, scope: TemplateScope, before: '' | '/', segmentName?: string): string {
  if (template.constant !== undefined) return template.constant
  const budget = budgetOf(scope)
  let rendered = ''
  let place: UrlPlace = before === '' ? 'start' : 'path'
  for (const [index, part] of template.parts.entries()) {
    const next = template.parts[index + 1]
    const isSegment = place === 'path' && segmentName !== undefined && !('text' in part) && part.names.has(segmentName)
    const piece =
      'text' in part
        ? part.text
        : isSegment
          ? inSegment(part, part.evaluate(scope, budget), rendered, next)
          : inserted(part, part.evaluate(scope, budget), place, next)
    budget.produce(piece.length)
    rendered += piece
    place = placeAfter(place, piece, rendered)
  }
  if (hasDotSegment(rendered)) {
    throw new TemplateError('unusable', 'An input produces a path segment . or .. in the URL.')
  }
  return rendered
}

/** Where in a URL the next part is inserted. */
type UrlPlace = 'start' | 'host' | 'path' | 'query'

/** Reads only the new piece once the scheme is known, so that a long URL is not read again for each part. */
function placeAfter(place: UrlPlace, piece: string, rendered: string): UrlPlace {
  if (place === 'query' || piece === '') return place
  const schemeIsKnown = rendered.length - piece.length >= 'https://'.length
  if (place === 'host' && schemeIsKnown && !/[/?#]/.test(piece)) return 'host'
  if (!schemeIsKnown && /^https?:\/\/[^/?]*$/i.test(rendered)) return 'host'
  // In a fragment, as in a query, an input is one value.
  return /[?#]/.test(schemeIsKnown ? piece : rendered) ? 'query' : 'path'
}

function inserted(
  part: Exclude<TemplatePart, { text: string }>,
  value: string,
  place: UrlPlace,
  next: TemplatePart | undefined,
): string {
  if (place === 'start') return wholeOrigin(value, part.reference, next)
  if (place === 'host') return hostPart(value, part.reference)
  if (part.urlEncoded) return value
  if (place === 'query') return urlEncode(value)
  if (!value.isWellFormed()) throw new TemplateError('unusable', 'is not well-formed Unicode', part.reference)
  return encodeURI(value).replace(/[?#]/g, encodeURIComponent)
}

/** An empty segment would lead to another resource: `/items/` is the list. */
function inSegment(
  part: Exclude<TemplatePart, { text: string }>,
  value: string,
  before: string,
  next: TemplatePart | undefined,
): string {
  const isWhole = /(?:^|\/)$/.test(before) && (next === undefined || ('text' in next && /^[/?]/.test(next.text)))
  if (value === '' && isWhole) throw new TemplateError('unusable', 'must not be empty', part.reference)
  return part.urlEncoded ? value : urlEncode(value)
}

function wholeOrigin(value: string, reference: string, next: TemplatePart | undefined): string {
  const url = URL.parse(value)
  if (url === null || !isPlainWebUrl(url) || url.search !== '' || /[\s\\]/.test(value)) {
    throw new TemplateError('unusable', 'must be an http or https URL without user name, query and fragment', reference)
  }
  return next === undefined ? value : withoutTrailingSlashes(value)
}

function hostPart(value: string, reference: string): string {
  if (/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$/i.test(value)) return value
  throw new TemplateError(
    'unusable',
    'is part of a host name and may contain only letters, digits, dots and hyphens',
    reference,
  )
}

function hasDotSegment(urlOrPath: string): boolean {
  const path = urlOrPath.replace(/^https?:\/\/[^/?]*/i, '').split('?')[0] ?? ''
  return /(?:^|[/\\])(?:\.|%2e){1,2}(?:[/\\]|$)/i.test(path) || climbs(path)
}
