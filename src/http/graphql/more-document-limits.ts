import { type DocumentNode, type FragmentDefinitionNode, Kind, type SelectionSetNode } from 'graphql'
import { InvalidInputError } from '../../kit/errors.ts'

/** Of one document. Depth, aliases and directives are graphql-armor's to count. */
export interface DocumentLimits {
  /** Fields of an operation with its fragments written out. */
  maxFields: number
  /** The same field in one selection set as it is written. */
  maxRepeats: number
  /** The same name of a result in one selection set with its fragments written out: comparing them is quadratic. */
  maxMerged: number
  introspection: boolean
}

/**
 * Looks at a document before it is validated, for what makes validation and execution expensive. Takes time in proportion
 * to the document as it is written, whatever its fragments grow to.
 * @throws InvalidInputError
 */
export function checkDocument(document: DocumentNode, limits: DocumentLimits): void {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition)
  }
  const sizes = new Map<string, number>()

  const sizeOf = (set: SelectionSetNode): number => {
    checkRepeats(set, limits)
    checkMerged(set, fragments, limits)
    let size = 0
    for (const selection of set.selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) size += sizeOfFragment(selection.name.value)
      else {
        if (selection.kind === Kind.FIELD) size += 1
        if (selection.selectionSet !== undefined) size += sizeOf(selection.selectionSet)
      }
    }
    return size
  }
  const sizeOfFragment = (name: string): number => {
    const known = sizes.get(name)
    if (known !== undefined) return known
    const fragment = fragments.get(name)
    // A fragment within itself, and one that is missing, are for validation to name.
    sizes.set(name, 0)
    const size = fragment === undefined ? 0 : sizeOf(fragment.selectionSet)
    sizes.set(name, size)
    return size
  }
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION && sizeOf(definition.selectionSet) > limits.maxFields) {
      throw tooMuch('The document selects too many fields once its fragments are written out. Select fewer.')
    }
  }
}

function checkRepeats(set: SelectionSetNode, { maxRepeats, introspection }: DocumentLimits): void {
  const counts = new Map<string, number>()
  for (const selection of set.selections) {
    const name = selection.kind === Kind.INLINE_FRAGMENT ? '...' : selection.name.value
    if (!introspection && (name === '__schema' || name === '__type')) {
      throw tooMuch('Introspection is switched off in production. The schema comes with the package.')
    }
    const count = (counts.get(name) ?? 0) + 1
    counts.set(name, count)
    // Inline fragments have no name to repeat; there may be one for each type.
    if (count > (name === '...' ? 10 * maxRepeats : maxRepeats)) {
      throw tooMuch('The document repeats a field too often. Send several operations, or ask for a list.')
    }
  }
}

function checkMerged(
  set: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  { maxMerged }: DocumentLimits,
): void {
  const counts = new Map<string, number>()
  const visited = new Set<string>()
  const pending = [set]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const selection of next.selections) {
      if (selection.kind === Kind.INLINE_FRAGMENT) pending.push(selection.selectionSet)
      else if (selection.kind === Kind.FIELD) {
        const key = selection.alias?.value ?? selection.name.value
        const count = (counts.get(key) ?? 0) + 1
        counts.set(key, count)
        if (count > maxMerged) throw tooMuch('The document selects a field too often in one place. Select it once.')
      } else if (!visited.has(selection.name.value)) {
        visited.add(selection.name.value)
        const fragment = fragments.get(selection.name.value)
        if (fragment !== undefined) pending.push(fragment.selectionSet)
      }
    }
  }
}

/** Limits are not told as numbers: they are not for probing. */
export function tooMuch(message: string): InvalidInputError {
  return new InvalidInputError([], message)
}
