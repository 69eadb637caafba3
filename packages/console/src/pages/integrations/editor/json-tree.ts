import { syntaxTree } from '@codemirror/language'
import type { EditorState } from '@codemirror/state'
import type { SyntaxNode } from '@lezer/common'
import type { JsonPath } from './json-schema.ts'

const VALUES = new Set(['Object', 'Array', 'String', 'Number', 'True', 'False', 'Null'])

/** The outermost value of the text, also where the text is not complete. */
export function rootOf(state: EditorState): SyntaxNode | null {
  return valueIn(syntaxTree(state).topNode)
}

/** The value of a node, without the parts that are not complete. */
export function jsonOf(state: EditorState, node: SyntaxNode | null): unknown {
  switch (node?.name) {
    case 'Object':
      return Object.fromEntries(
        node.getChildren('Property').map((property) => [nameOf(state, property), jsonOf(state, valueIn(property))]),
      )
    case 'Array':
      return itemsOf(node).map((item) => jsonOf(state, item))
    case 'String':
    case 'Number':
    case 'True':
    case 'False':
    case 'Null':
      return parsed(state.sliceDoc(node.from, node.to))
    default:
      return undefined
  }
}

/** The place of a node: keys and indexes from the outermost value. */
export function pathOf(state: EditorState, node: SyntaxNode): (string | number)[] {
  const { parent } = node
  if (parent === null) return []
  const outer = pathOf(state, parent)
  if (node.name === 'Property') return [...outer, nameOf(state, node)]
  if (parent.name === 'Array') return [...outer, itemsOf(parent).filter((item) => item.to <= node.from).length]
  return outer
}

/** The part of the text for a path: its key and value, or the innermost part of the path that is there. */
export function rangeOf(state: EditorState, path: JsonPath): { from: number; to: number } {
  let node = rootOf(state)
  let range = { from: node?.from ?? 0, to: Math.min(node?.to ?? 0, (node?.from ?? 0) + 1) }
  for (const key of path) {
    if (node?.name === 'Array') {
      node = itemsOf(node)[Number(key)] ?? null
      if (node !== null) range = { from: node.from, to: firstLineEnd(state, node) }
    } else {
      const property: SyntaxNode | undefined = node
        ?.getChildren('Property')
        .find((each) => nameOf(state, each) === String(key))
      if (property === undefined) break
      range = { from: property.from, to: firstLineEnd(state, property) }
      node = valueIn(property)
    }
  }
  return range
}

function firstLineEnd(state: EditorState, { from, to }: SyntaxNode): number {
  return Math.min(to, state.doc.lineAt(from).to)
}

export function nameOf(state: EditorState, property: SyntaxNode): string {
  const name = property.getChild('PropertyName')
  return name === null ? '' : String(parsed(state.sliceDoc(name.from, name.to)) ?? '')
}

function valueIn(node: SyntaxNode): SyntaxNode | null {
  for (let child = node.firstChild; child !== null; child = child.nextSibling) {
    if (VALUES.has(child.name)) return child
  }
  return null
}

function itemsOf(array: SyntaxNode): SyntaxNode[] {
  const items: SyntaxNode[] = []
  for (let child = array.firstChild; child !== null; child = child.nextSibling) {
    if (VALUES.has(child.name)) items.push(child)
  }
  return items
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
