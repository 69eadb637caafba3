import { EnvelopArmorPlugin } from '@escape.tech/graphql-armor'
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type ParseOptions,
  parse,
  type SelectionSetNode,
  type Source,
  validate,
} from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { GraphQLContext } from '../../graphql/kernel/context.ts'
import { InvalidInputError } from '../../kit/errors.ts'

/** Characters of a document. Parsed documents are kept for a while, so that this is also a limit of memory. */
const MAX_DOCUMENT = 64 * 1024
const MAX_TOKENS = 2_000
const MAX_DEPTH = 12
const TOO_DEEP = 'The document is nested too deeply. Ask in two steps.'
const MAX_ALIASES = 15
const MAX_DIRECTIVES = 20
/** Validation stops here: a long document full of mistakes costs no more than one with a few. */
const MAX_VALIDATION_ERRORS = 5

/**
 * What a document may be, before anything is resolved: over HTTP, SSE and WebSocket, which all parse and validate through
 * these plugins. graphql-armor counts depth, aliases and directives. It has no eye for `__typename`, for repeated fields and
 * for what variables make of `first`, so its cost limit is off and ours stand beside it. The parser counts tokens itself.
 */
export function useDocumentLimits({ introspection }: { introspection: boolean }): Plugin<GraphQLContext>[] {
  const limits: DocumentLimits = { maxFields: 2_000, maxRepeats: 15, maxMerged: 100, introspection }
  // Documents are parsed once and used again.
  const checked = new WeakSet<DocumentNode>()
  const ours: Plugin<GraphQLContext> = {
    onParse({ params, setParseFn }) {
      if (params.source.toString().length > MAX_DOCUMENT) throw documentTooLarge()
      setParseFn(parseWithin)
    },
    onValidate({ params, setValidationFn }) {
      if (!checked.has(params.documentAST)) checkDocument(params.documentAST, limits)
      checked.add(params.documentAST)
      setValidationFn((schema, document, rules) =>
        validate(schema, document, rules, { maxErrors: MAX_VALIDATION_ERRORS }),
      )
    },
  }
  const armor = EnvelopArmorPlugin({
    maxDepth: {
      n: MAX_DEPTH,
      flattenFragments: true,
      ...refusing(TOO_DEEP),
    },
    maxAliases: {
      n: MAX_ALIASES,
      allowList: [],
      ...refusing('The document has too many aliases. Send several operations.'),
    },
    maxDirectives: { n: MAX_DIRECTIVES, ...refusing('The document has too many directives.') },
    maxTokens: { enabled: false },
    costLimit: { enabled: false },
    blockFieldSuggestion: { enabled: false },
  })
  return [ours, armor as Plugin<GraphQLContext>]
}

/** Fewer tokens than the limit can still nest deeper than the stack of the parser. */
function parseWithin(source: string | Source, options?: ParseOptions): DocumentNode {
  try {
    return parse(source, { ...options, maxTokens: MAX_TOKENS })
  } catch (error) {
    throw error instanceof RangeError ? tooMuch(TOO_DEEP) : error
  }
}

/** An error of ours that ends validation, in place of one that calls itself a syntax error. */
function refusing(message: string): { exposeLimits: false; onReject: (() => never)[] } {
  return {
    exposeLimits: false,
    onReject: [
      () => {
        throw tooMuch(message)
      },
    ],
  }
}

function documentTooLarge(): GraphQLError {
  return new GraphQLError('The document is too long.', {
    extensions: { code: 'INVALID_INPUT', http: { status: 413 } },
  })
}

/** Of one document. Depth, aliases and directives are graphql-armor's to count. */
interface DocumentLimits {
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
function checkDocument(document: DocumentNode, limits: DocumentLimits): void {
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
