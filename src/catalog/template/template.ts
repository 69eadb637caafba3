import { parse, tokenize } from '@huggingface/jinja'
import { syntaxError, TemplateError } from './template-error.ts'
import { compileExpression, type ExpressionNode, referenceOf } from './template-expression.ts'
import type { TemplateScope } from './template-operators.ts'
import { isRecord, toText } from './value.ts'

/** A piece of a template: fixed text, or one `{{ expression }}`. */
export type TemplatePart =
  | { text: string }
  | { evaluate(scope: TemplateScope): string; reference: string; urlEncoded: boolean }

/**
 * A template that has been read once. It holds expressions only: names, keys, literals, `~`, arithmetic, comparisons,
 * `a if b else c` and the filters of template-filters.ts. It cannot loop, call or assign.
 */
export interface Template {
  readonly source: string
  readonly parts: readonly TemplatePart[]
  /** The text of a template without an expression. */
  readonly constant: string | undefined
  /** Everything it may read, in one spelling: `config`, `config['username']`. */
  readonly references: ReadonlySet<string>
  /**
   * The inputs are opaque: `1e5`, `012` and `null` stay what they were. Throws TemplateError, which names what is
   * missing, and holds no value.
   */
  render(scope: TemplateScope): string
}

const maxTemplateBytes = 4 * 1024
const maxCached = 2_000
const cache = new Map<string, Template>()

/** Throws TemplateError (`fault: 'syntax'`). The same source is read once. */
export function compileTemplate(source: string): Template {
  const known = cache.get(source)
  if (known) return known
  const template = readTemplate(source)
  if (cache.size >= maxCached) cache.delete(cache.keys().next().value ?? '')
  cache.set(source, template)
  return template
}

/** `compileTemplate(source).render(scope)`. */
export function renderTemplate(source: string, scope: TemplateScope): string {
  return compileTemplate(source).render(scope)
}

/** Renders every string inside a JSON value; its keys and everything else stay as they are. */
export function renderJson(value: unknown, scope: TemplateScope): unknown {
  if (typeof value === 'string') return renderTemplate(value, scope)
  if (Array.isArray(value)) return value.map((item) => renderJson(item, scope))
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, renderJson(item, scope)]))
}

/** The top-level names that a template reads: `config`, `input`, `kept`. */
export function namesOf(template: Template): string[] {
  return [...template.references].filter((reference) => !reference.includes('['))
}

function readTemplate(source: string): Template {
  if (Buffer.byteLength(source) > maxTemplateBytes)
    throw syntaxError(`A template is at most ${maxTemplateBytes} bytes.`)
  if (source.includes('{%')) throw syntaxError('Statements ({% … %}) are not allowed: only {{ expressions }}.')
  const references = new Set<string>()
  const parts = /\{\{|\{#/.test(source) ? compileParts(source, references) : [{ text: source }]
  const constant = parts.every((part) => 'text' in part)
    ? parts.map((part) => ('text' in part ? part.text : '')).join('')
    : undefined
  return {
    source,
    parts,
    constant,
    references,
    render: (scope) => constant ?? parts.map((part) => ('text' in part ? part.text : part.evaluate(scope))).join(''),
  }
}

function compileParts(source: string, references: Set<string>): TemplatePart[] {
  try {
    return parseNodes(source).flatMap((node): TemplatePart[] => {
      if (node.type === 'Comment') return []
      if (node.type === 'StringLiteral') return [{ text: node.value }]
      const evaluate = compileExpression(node, { references })
      const reference = nameOf(node)
      return [{ evaluate: (scope) => toText(evaluate(scope), reference), reference, urlEncoded: isUrlEncoded(node) }]
    })
  } catch (error) {
    if (error instanceof TemplateError) throw error
    if (error instanceof RangeError) throw syntaxError('The template is nested too deeply.')
    // The parser runs off the end of its tokens with a TypeError; its other messages say what it did not expect.
    const detail = error instanceof SyntaxError ? `: ${error.message}` : ': an expression is not complete'
    throw syntaxError(`The template does not parse${detail}`)
  }
}

/** The parser drops one line break at the end, as Jinja does; a canonical text to be signed may need it. */
function parseNodes(source: string): (ExpressionNode | { type: 'Comment' })[] {
  // The package types its nodes as `Statement { type: string }`; compileExpression refuses every type that it does not know.
  return parse(tokenize(`${source}\n`)).body as (ExpressionNode | { type: 'Comment' })[]
}

function nameOf(node: ExpressionNode): string {
  return node.type === 'FilterExpression' ? nameOf(node.operand) : referenceOf(node)
}

function isUrlEncoded(node: ExpressionNode): boolean {
  return node.type === 'FilterExpression' && node.filter.type === 'Identifier' && node.filter.value === 'urlencode'
}
