import {
  type Completion,
  type CompletionContext,
  type CompletionResult,
  startCompletion,
} from '@codemirror/autocomplete'
import { syntaxTree } from '@codemirror/language'
import type { EditorState } from '@codemirror/state'
import type { EditorView } from '@codemirror/view'
import type { SyntaxNode } from '@lezer/common'
import { alternativesOf, isObject, type JsonSchema, schemasAt } from './json-schema.ts'
import { jsonOf, nameOf, pathOf, rootOf } from './json-tree.ts'

/** Completes keys and values of JSON by its schema. */
export function completeBySchema(schema: () => JsonSchema | undefined) {
  return (context: CompletionContext): CompletionResult | null => {
    const root = schema()
    const found = root === undefined ? null : optionsAt(root, context)
    if (found === null) return null
    // The quotes around a text are replaced too, and are no part of what is looked for.
    const typed = context.state.sliceDoc(found.from, context.pos).replaceAll('"', '').toLowerCase()
    const begins = ({ label }: Completion) => label.toLowerCase().replace('"', '').startsWith(typed)
    const options = found.options
      .filter(({ label }) => label.toLowerCase().includes(typed))
      .toSorted((a, b) => Number(begins(b)) - Number(begins(a)) || (b.boost ?? 0) - (a.boost ?? 0))
    return options.length === 0 ? null : { ...found, options, filter: false }
  }
}

function optionsAt(root: JsonSchema, { state, pos, explicit }: CompletionContext): CompletionResult | null {
  const node = syntaxTree(state).resolveInner(pos, -1)
  const word = /[\w$.-]*$/.exec(state.sliceDoc(state.doc.lineAt(pos).from, pos))?.[0] ?? ''
  if (node.name === 'PropertyName') return keysAt(root, state, node, { from: node.from, to: node.to })
  if (node.name === 'String') return valuesAt(root, state, node, { from: node.from, to: node.to })
  const around = enclosing(node)
  if (around === null || (word === '' && !explicit)) return null
  const range = { from: pos - word.length, to: pos }
  // Behind a colon stands a value.
  if (around.name === 'Property' || /:\s*[\w$.-]*$/.test(state.sliceDoc(Math.max(0, pos - 200), pos)))
    return valuesAt(root, state, around.name === 'Property' ? around : propertyBefore(around, pos), range)
  return around.name === 'Object' ? keysIn(root, state, around, range, null) : valuesAt(root, state, node, range)
}

function enclosing(node: SyntaxNode): SyntaxNode | null {
  for (let each: SyntaxNode | null = node; each !== null; each = each.parent) {
    if (['Object', 'Array', 'Property'].includes(each.name)) return each
  }
  return null
}

function propertyBefore(object: SyntaxNode, pos: number): SyntaxNode {
  return object.getChildren('Property').findLast((property) => property.from < pos) ?? object
}

interface Range {
  from: number
  to: number
}

function keysAt(root: JsonSchema, state: EditorState, name: SyntaxNode, range: Range): CompletionResult | null {
  const property = name.parent
  return property?.parent == null ? null : keysIn(root, state, property.parent, range, property)
}

/** @param current the property whose key is completed. Null: there is none yet */
function keysIn(
  root: JsonSchema,
  state: EditorState,
  object: SyntaxNode,
  { from, to }: Range,
  current: SyntaxNode | null,
): CompletionResult {
  const value = jsonOf(state, rootOf(state))
  const written = new Set(
    object
      .getChildren('Property')
      .filter((each) => current === null || each.from !== current.from)
      .map((each) => nameOf(state, each)),
  )
  const isWhole =
    current !== null &&
    state
      .sliceDoc(to, to + 20)
      .trimStart()
      .startsWith(':')
  // A key of several alternatives, such as `type`, has the schemas of all of them.
  const found = new Map<string, { schemas: JsonSchema[]; isRequired: boolean }>()
  for (const { properties = {}, required = [] } of schemasAt(root, value, pathOf(state, object))) {
    for (const [key, schema] of Object.entries(properties)) {
      if (written.has(key)) continue
      const known = found.get(key) ?? { schemas: [], isRequired: false }
      found.set(key, {
        schemas: [...known.schemas, schema],
        isRequired: known.isRequired || required.includes(key),
      })
    }
  }
  const options = [...found].map(([key, { schemas, isRequired }]): Completion => {
    const info = schemas.find(({ description }) => description !== undefined)?.description
    return {
      label: JSON.stringify(key),
      type: 'property',
      boost: isRequired ? 10 : 0,
      ...(info === undefined ? {} : { info }),
      apply: (view, _completion, start, end) =>
        insertKey(view, key, isWhole ? null : startOfValue(root, schemas), start, end),
    }
  })
  return { from, to, options }
}

const STARTS: Readonly<Record<string, string>> = { string: '""', object: '{}', array: '[]' }

/** What a value begins with, and how far the cursor stands from its end. */
function startOfValue(root: JsonSchema, schemas: readonly JsonSchema[]): { text: string; fromEnd: number } {
  const [first, ...others] = schemas.flatMap((each) => alternativesOf(root, each))
  if (first?.const !== undefined && others.length === 0) return { text: JSON.stringify(first.const), fromEnd: 0 }
  const text = STARTS[first?.type ?? ''] ?? ''
  return { text, fromEnd: text === '' ? 0 : 1 }
}

function insertKey(
  view: EditorView,
  key: string,
  start: { text: string; fromEnd: number } | null,
  from: number,
  to: number,
): void {
  const name = JSON.stringify(key)
  const text = start === null ? name : `${name}: ${start.text}`
  const at = from + text.length - (start?.fromEnd ?? 0)
  view.dispatch({ changes: { from, to, insert: text }, selection: { anchor: at }, userEvent: 'input.complete' })
  if (start !== null) startCompletion(view)
}

function valuesAt(
  root: JsonSchema,
  state: EditorState,
  node: SyntaxNode,
  { from, to }: Range,
): CompletionResult | null {
  const value = jsonOf(state, rootOf(state))
  const path = pathOf(state, node)
  const key = path.at(-1)
  const outer = path.slice(0, -1)
  const schemas = schemasAt(root, without(value, path), path)
  // The value that distinguishes alternatives, such as `type`, is offered from all of them.
  const all =
    typeof key === 'string'
      ? schemasAt(root, without(value, path), outer).flatMap((each) => each.properties?.[key] ?? [])
      : []
  const options = new Set(
    [...schemas, ...all.flatMap((each) => alternativesOf(root, each))].flatMap((each) => [
      ...(each.const === undefined ? [] : [each.const]),
      ...(each.enum ?? []),
      ...(each.type === 'boolean' ? [true, false] : []),
    ]),
  )
  if (options.size === 0) return null
  return {
    from,
    to,
    options: [...options].map((option) => ({ label: JSON.stringify(option), type: 'enum' })),
  }
}

/** A copy of a value without what is at a path. */
function without(value: unknown, path: readonly (string | number)[]): unknown {
  const [key, ...rest] = path
  if (key === undefined) return undefined
  if (Array.isArray(value)) return value.map((each, index) => (index === key ? without(each, rest) : each))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, each]) =>
      name !== key ? [[name, each]] : rest.length === 0 ? [] : [[name, without(each, rest)]],
    ),
  )
}
