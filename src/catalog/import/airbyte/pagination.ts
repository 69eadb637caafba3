import { readPath } from '../../definition/path.ts'
import {
  asExpression,
  type Code,
  hasExpressions,
  type Key,
  NotTranslatable,
  placeText,
  shown,
  translateCondition,
  translateTemplate,
} from './jinja.ts'
import { type Component, isCustom, objectAt, textAt, typeOf } from './manifest.ts'
import { ManifestScope, type StreamNames, usualValue } from './scope.ts'
import { place, type StreamDraft, type Target, targetOf, writtenPath } from './stream-draft.ts'

/**
 * Translates how a stream is read page by page.
 * @param written where the templates of the request put the page by themselves
 * @throws NotTranslatable
 */
export function addPagination(
  draft: StreamDraft,
  paginator: Component | undefined,
  names: StreamNames,
  written: Target | 'url' | undefined,
): void {
  if (paginator === undefined || typeOf(paginator) === 'NoPagination') return
  if (isCustom(paginator))
    throw new NotTranslatable(`Its pagination is code of the connector (${textAt(paginator, 'class_name')}).`)
  const strategy = objectAt(paginator, 'pagination_strategy')
  if (strategy === undefined) return
  if (isCustom(strategy))
    throw new NotTranslatable(`Its pagination is code of the connector (${textAt(strategy, 'class_name')}).`)
  const size = pageSize(strategy, names, draft)
  const sizeOption = objectAt(paginator, 'page_size_option')
  const sizeTarget = sizeOption === undefined || size === undefined ? undefined : targetOf(sizeOption, 'the page size')
  const option = objectAt(paginator, 'page_token_option')
  const pages: Pages = { draft, names, strategy, size, sizeTarget }
  const isPath = option !== undefined && (typeOf(option) === 'RequestPath' || textAt(option, 'inject_into') === 'path')
  if (isPath || written === 'url') {
    if (typeOf(strategy) !== 'CursorPagination') throw new NotTranslatable('Numbers of pages are not URLs.')
    addCursor(pages, 'url')
    return
  }
  if (option === undefined && written === undefined) {
    // Without a place for its token, every page is the first one.
    placeSize(pages)
    draft.notes.push('The manifest sends no page with its requests, so only one page is read.')
    return
  }
  const target = written ?? targetOf(option ?? {}, 'the page')
  if (written !== undefined && option !== undefined)
    throw new NotTranslatable('Its requests have the page in several places.')
  if (written !== undefined && typeOf(strategy) === 'CursorPagination' && isFilled(draft, target))
    throw new NotTranslatable('Its first request has another value in the place of the next page.')
  delete draft.query[target.in === 'query' ? (target.path[0] ?? '') : '']
  if (typeOf(strategy) === 'CursorPagination') addCursor(pages, target)
  else if (typeOf(strategy) === 'PageIncrement') addPageNumbers(pages, target)
  else if (typeOf(strategy) === 'OffsetIncrement') addOffset(pages, target)
  else throw new NotTranslatable(`The pagination ${typeOf(strategy)} does not exist in a definition.`)
}

/** Whether the requests of a stream have a value of their own in a place. */
function isFilled({ query, headers, form, json }: StreamDraft, { in: where, path }: Target): boolean {
  const group = { query, header: headers, form, json }[where]
  return readPath(group, path) !== undefined
}

interface Pages {
  draft: StreamDraft
  names: StreamNames
  strategy: Component
  size: number | undefined
  sizeTarget: Target | undefined
}

/** The page size is fixed in a definition: a configurable one has its default. */
function pageSize(strategy: Component, names: StreamNames, draft: StreamDraft): number | undefined {
  const given = textAt(strategy, 'page_size')
  if (given === undefined || given.trim() === '') return undefined
  if (/^\d+$/.test(given.trim())) return Number(given)
  const value = Number(usualValue(given, names) ?? Number.NaN)
  const usable = Number.isInteger(value) && value > 0 ? value : 100
  if (translateTemplate(given, new ManifestScope(names)).constant === undefined)
    draft.notes.push(`The page size is ${usable}, because it cannot depend on an input.`)
  return usable
}

function placeSize({ draft, size, sizeTarget }: Pages): void {
  if (sizeTarget !== undefined && size !== undefined)
    place(draft, sizeTarget, sizeTarget.in === 'json' ? size : String(size))
}

/** The parameter as `pagination.param` has it. Undefined: it is in a header. */
function paramOf({ in: where, path }: Target): { param: string; in?: 'json' | 'form' } | undefined {
  if (where === 'query') return { param: path[0] ?? '' }
  if (where === 'form') return { param: path[0] ?? '', in: 'form' }
  if (where === 'json' && path.every((key) => !key.includes('.'))) return { param: path.join('.'), in: 'json' }
  return undefined
}

function placementOf({ in: where, path }: Target): Record<string, unknown> {
  return { in: where, name: where === 'json' ? [...path] : (path[0] ?? '') }
}

function addPageNumbers(pages: Pages, target: Target): void {
  const { draft, names, strategy, size, sizeTarget } = pages
  const given = textAt(strategy, 'start_from_page') ?? '0'
  const start = Number(hasExpressions(given) ? (usualValue(given, names) ?? 0) : given)
  const isFirstSent = textAt(strategy, 'inject_on_first_request') === 'true'
  const param = paramOf(target)
  if (param === undefined || (start === 0 && !isFirstSent)) {
    // The first page has no number, and the second one has the number after the start.
    placeSize(pages)
    const value = start === 0 ? 'page' : `page + ${start}`
    if (isFirstSent) place(draft, target, String(start))
    draft.rest['pagination'] = { type: 'next', value, place: placementOf(target) }
    return
  }
  const isTogether = sizeTarget !== undefined && sizeTarget.in === target.in && size !== undefined
  const sizeParam = isTogether ? paramOf(sizeTarget)?.param : undefined
  if (sizeParam === undefined) placeSize(pages)
  else if (sizeTarget?.in === 'query') delete draft.query[sizeParam]
  draft.rest['pagination'] = {
    ...{ type: 'page', ...param },
    ...(start === 1 ? {} : { start }),
    ...(sizeParam === undefined ? {} : { sizeParam }),
    ...(size === undefined ? {} : { size }),
  }
}

/** A page size that is not sent. The offset is the number of records so far, whatever it is. */
const USUAL_SIZE = 100

function addOffset(pages: Pages, target: Target): void {
  const { draft, size, sizeTarget, strategy } = pages
  const param = paramOf(target)
  if (param === undefined) throw new NotTranslatable('An offset cannot be sent in a header.')
  const isTogether = sizeTarget !== undefined && sizeTarget.in === target.in
  const limitParam = isTogether ? paramOf(sizeTarget)?.param : undefined
  if (limitParam === undefined) placeSize(pages)
  else if (sizeTarget?.in === 'query') delete draft.query[limitParam]
  if (textAt(strategy, 'inject_on_first_request') !== 'true')
    draft.notes.push(`The first request also has ${param.param}=0.`)
  draft.rest['pagination'] = {
    type: 'offset',
    ...param,
    ...(limitParam === undefined ? {} : { limitParam }),
    size: size ?? USUAL_SIZE,
  }
}

/** A place of a response, as a path of a definition. */
function pathOf(code: Code | undefined, root: string): Key[] | undefined {
  const { place: found } = code ?? {}
  if (found === undefined || found.root !== root || found.keys.length === 0) return undefined
  return found.keys.some((key) => typeof key === 'number' && key < 0) ? undefined : found.keys
}

function addCursor(pages: Pages, target: Target | 'url'): void {
  const { draft, strategy, names } = pages
  placeSize(pages)
  const source = textAt(strategy, 'cursor_value') ?? ''
  const scope = new ManifestScope(names, ['page'])
  if (!hasExpressions(source)) throw new NotTranslatable(`The next page is always ${shown(source)}.`)
  const translated = translateTemplate(source, scope)
  const { only } = translated
  const condition = textAt(strategy, 'stop_condition')
  const stop = condition === undefined || condition.trim() === '' ? undefined : translateCondition(condition, scope)
  const isLink = target === 'url' && only?.place?.root === 'headers' && only.place.keys.join() === 'link,next,url'
  if (isLink) {
    draft.rest['pagination'] = { type: 'link_header' }
    return
  }
  const param = target === 'url' ? undefined : paramOf(target)
  const path = pathOf(only, 'answer')
  const lastPath = pathOf(only, 'last')
  const end = only === undefined ? 'unknown' : endOf(stop, only)
  if (end !== 'unknown') {
    const hasMore = end === undefined ? {} : { hasMore: writtenPath(end) }
    if (path !== undefined && target === 'url' && end === undefined) {
      draft.rest['pagination'] = { type: 'next_url', path: writtenPath(path) }
      return
    }
    if (path !== undefined && param !== undefined) {
      draft.rest['pagination'] = { type: 'cursor', path: writtenPath(path), ...param, ...hasMore }
      return
    }
    if (lastPath !== undefined && param !== undefined) {
      draft.rest['pagination'] = {
        type: 'cursor',
        from: 'last_record',
        path: writtenPath(lastPath),
        ...param,
        ...hasMore,
      }
      return
    }
  }
  const value = asExpression(translated).text
  draft.rest['pagination'] = {
    ...{ type: 'next', value },
    ...(stop === undefined || stop.constant === false || end === undefined ? {} : { stop: stop.text }),
    place: target === 'url' ? 'url' : placementOf(target),
  }
}

/**
 * What the end of a list is known by besides a missing value.
 * @returns undefined: nothing else. A path of `hasMore`. `unknown`: a condition that needs to be evaluated
 */
function endOf(stop: Code | undefined, value: Code): Key[] | undefined | 'unknown' {
  if (stop === undefined || stop.constant === false) return undefined
  const text = stop.text.replaceAll(/[()]/g, '').trim()
  // An empty page is the end in any case, and a short one is followed by an empty one.
  if (/^count (?:==|<=?) \d+$/.test(text)) return value.place?.root === 'last' ? undefined : 'unknown'
  const read = negatedPlace(text)
  if (read === undefined) return 'unknown'
  if (read === placeTextOf(value) || (value.place !== undefined && placeTextOf(value).startsWith(`${read}.`)))
    return undefined
  // A list that becomes empty ends there, too.
  const keys = /^answer((?:\.[A-Za-z_]\w*)+)$/.exec(read)?.[1]?.slice(1).split('.')
  return keys ?? 'unknown'
}

function placeTextOf({ place: found }: Code): string {
  return found === undefined ? '' : placeText(found.root, found.keys)
}

/** The place that a condition says to be missing, empty or false. Guards of places above it are left out. */
function negatedPlace(condition: string): string | undefined {
  const [, above, below] = /^not (.+) or (\S+) is (?:none|undefined|not defined)$/.exec(condition) ?? []
  const first = above === undefined ? undefined : lastGuarded(above)
  if (first !== undefined && below?.startsWith(`${first}.`)) return lastGuarded(below)
  const patterns = [
    /^not (.+)$/,
    /^(.+) is none$/,
    /^(.+) is undefined$/,
    /^(.+) is not defined$/,
    /^(.+) == (?:''|""|false|0)$/,
    /^(.+) \| length == 0$/,
    /^(.+) \| default'' == ''$/,
  ]
  for (const pattern of patterns) {
    const found = pattern.exec(condition)?.[1]?.trim()
    if (found !== undefined) return lastGuarded(found.replace(/ \| default(?:''|false|none|0)?$/, '').trim())
  }
  const [, key, container] = /^(?:not (?:\S+ or |))?'([A-Za-z_]\w*)' not in (\S+)$/.exec(condition) ?? []
  const [, guard, key2, container2] = /^not (\S+) or '([A-Za-z_]\w*)' not in (\S+)$/.exec(condition) ?? []
  if (key2 !== undefined && guard === container2) return `${container2}.${key2}`
  return key === undefined || condition.startsWith('not ') ? undefined : `${container}.${key}`
}

/** `a and a.b and a.b.c` as `a.b.c`. Undefined: it is another condition. */
function lastGuarded(text: string): string | undefined {
  const parts = text.split(' and ')
  const last = parts.at(-1) ?? ''
  const isChain = parts.every((part) => last === part || last.startsWith(`${part}.`))
  return isChain && /^[\w.]+$/.test(last) ? last : undefined
}
