import { urlEncode } from './filters.ts'
import type { TemplateScope } from './template.ts'
import { compileTemplate, type Template, type TemplatePart } from './template.ts'
import { TemplateError } from './value.ts'

/**
 * Renders a template to an http(s) URL. What an input may do depends on where it stands: in the host it may hold only
 * host characters, in the path and the query it is percent-encoded, at the very beginning it must be a URL itself. So
 * an input never moves a request to another host, path prefix or query than the template says.
 */
export function renderUrl(source: string, scope: TemplateScope): URL {
  const template = compileTemplate(source)
  const rendered = renderParts(template, scope, '')
  const url = URL.parse(rendered)
  if (url === null || !isPlainWebUrl(url)) {
    throw new TemplateError(
      'unusable',
      'The URL template does not make an http or https URL without user name and fragment.',
    )
  }
  return url
}

/** Renders a template to a path under a base URL, with the query that the template may hold: `/users?active=true`. */
export function renderPath(source: string, scope: TemplateScope): string {
  const path = renderParts(compileTemplate(source), scope, '/')
  if (looksLikeUrl(path)) throw new TemplateError('unusable', 'An input makes a URL of the path.')
  return path
}

/** What can be known of a URL template before anything is rendered; undefined: nothing is wrong. */
export function urlTemplateProblem(template: Template): string | undefined {
  if (template.constant !== undefined) {
    const url = URL.parse(template.constant)
    if (url === null || !isPlainWebUrl(url)) return 'must be an http or https URL without user name and fragment'
    return hasDotSegment(template.constant) ? 'must not hold the path segments . and ..' : undefined
  }
  const [first, second] = template.parts
  if (first && 'text' in first) {
    if (!/^https?:\/\//i.test(first.text)) return 'must begin with http:// or https://'
  } else if (second && (!('text' in second) || !/^[/?]/.test(second.text))) {
    return 'must go on with / after an expression that stands at its beginning'
  }
  const fixed = template.parts.map((part) => ('text' in part ? part.text : 'x')).join('')
  if (fixed.includes('#')) return 'must not hold a fragment'
  return /^https?:\/\/[^/?]*@/i.test(fixed) ? 'must not hold a user name' : undefined
}

/** Of a path template: it stays under the base URL. */
export function pathTemplateProblem(template: Template): string | undefined {
  const fixed = template.parts.map((part) => ('text' in part ? part.text : 'x')).join('')
  if (looksLikeUrl(fixed)) return 'must be a path under the base URL, not a URL'
  if (/[\\\s#]/.test(fixed)) return 'must not hold spaces, backslashes or a fragment'
  return hasDotSegment(fixed) ? 'must not hold the path segments . and ..' : undefined
}

function looksLikeUrl(path: string): boolean {
  return /^\s*([a-z][a-z0-9+.-]*:|[\\/]{2})/i.test(path)
}

function isPlainWebUrl(url: URL): boolean {
  const web = url.protocol === 'https:' || url.protocol === 'http:'
  return web && url.username === '' && url.password === '' && url.hash === ''
}

function renderParts(template: Template, scope: TemplateScope, before: string): string {
  let rendered = ''
  for (const [index, part] of template.parts.entries()) {
    rendered += 'text' in part ? part.text : inserted(part, scope, before + rendered, template.parts[index + 1])
  }
  if (template.constant === undefined && hasDotSegment(rendered)) {
    throw new TemplateError('unusable', 'An input makes a path segment . or .. in the URL.')
  }
  return rendered
}

function inserted(
  part: Exclude<TemplatePart, { text: string }>,
  scope: TemplateScope,
  before: string,
  next: TemplatePart | undefined,
): string {
  const value = part.evaluate(scope)
  if (before === '') return wholeOrigin(value, part.reference, next)
  if (/^https?:\/\/[^/?]*$/i.test(before)) return hostPart(value, part.reference)
  if (part.urlEncoded) return value
  if (before.includes('?')) return urlEncode(value)
  if (!value.isWellFormed()) throw new TemplateError('unusable', 'is not well-formed Unicode', part.reference)
  return encodeURI(value).replace(/[?#]/g, encodeURIComponent)
}

function wholeOrigin(value: string, reference: string, next: TemplatePart | undefined): string {
  const url = URL.parse(value)
  if (url === null || !isPlainWebUrl(url) || url.search !== '' || /[\s\\]/.test(value)) {
    throw new TemplateError('unusable', 'must be an http or https URL without user name, query and fragment', reference)
  }
  return next === undefined ? value : value.replace(/\/+$/, '')
}

function hostPart(value: string, reference: string): string {
  if (/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$/i.test(value)) return value
  throw new TemplateError(
    'unusable',
    'stands in a host name: it may hold only letters, digits, dots and hyphens',
    reference,
  )
}

function hasDotSegment(urlOrPath: string): boolean {
  const path = urlOrPath.replace(/^https?:\/\/[^/?]*/i, '').split('?')[0] ?? ''
  return path.split(/[/\\]/).some((segment) => /^(\.|%2e){1,2}$/i.test(segment))
}
