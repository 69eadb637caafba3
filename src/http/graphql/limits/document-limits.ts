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
import type { GraphQLContext } from '../../../graphql/kernel/context.ts'
import { InvalidInputError } from '../../../kit/errors.ts'

/** Characters of a document. Parsed documents are cached, so this also limits memory. */
const MAX_DOCUMENT = 64 * 1024
const MAX_TOKENS = 2_000
const MAX_DEPTH = 12
const TOO_DEEP = 'The document is nested too deeply. Split it into two operations.'
const MAX_ALIASES = 15
const MAX_DIRECTIVES = 20
/** Validation stops after this many errors, so that a document full of errors is not expensive. */
const MAX_VALIDATION_ERRORS = 5

/**
 * Limits documents before anything is resolved. HTTP, SSE and WebSocket all parse and validate through these plugins.
 * graphql-armor limits depth, aliases and directives. Its cost limit is off, because it ignores `__typename`, repeated fields
 * and variables in `first`; our own limits cover these. The parser limits tokens.
 */
export function useDocumentLimits({ introspection }: { introspection: boolean }): Plugin<GraphQLContext>[] {
  const limits: DocumentLimits = { maxFields: 2_000, maxRepeats: 15, maxMerged: 100, introspection }
  // Parsed documents are cached and come here again.
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
      ...rejectWith(TOO_DEEP),
    },
    maxAliases: {
      n: MAX_ALIASES,
      allowList: [],
      ...rejectWith('The document has too many aliases. Split it into several operations.'),
    },
    maxDirectives: { n: MAX_DIRECTIVES, ...rejectWith('The document has too many directives. Use fewer.') },
    maxTokens: { enabled: false },
    costLimit: { enabled: false },
    blockFieldSuggestion: { enabled: false },
  })
  return [ours, armor as Plugin<GraphQLContext>]
}

/** Parses with a token limit. A document within the limit can still overflow the parser's stack. */
function parseWithin(source: string | Source, options?: ParseOptions): DocumentNode {
  try {
    return parse(source, { ...options, maxTokens: MAX_TOKENS })
  } catch (error) {
    throw error instanceof RangeError ? tooMuch(TOO_DEEP) : error
  }
}

/** Makes graphql-armor fail with our own error. Its own error claims to be a syntax error. */
function rejectWith(message: string): { exposeLimits: false; onReject: (() => never)[] } {
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
  return new GraphQLError('The document is too long. Split it into several operations.', {
    extensions: { code: 'INVALID_INPUT', http: { status: 413 } },
  })
}

/** Limits that graphql-armor does not have. */
interface DocumentLimits {
  /** Fields of an operation, with its fragments expanded. */
  maxFields: number
  /** Repetitions of one field in a selection set, without expanding fragments. */
  maxRepeats: number
  /** Repetitions of one response name in a selection set, with fragments expanded. Validation compares them pairwise. */
  maxMerged: number
  introspection: boolean
}

/**
 * Checks a document before validation for what makes validation and execution expensive. Takes time proportional to the
 * length of the document, whatever its fragments expand to.
 *
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
    // Validation reports fragments that contain themselves or are missing.
    sizes.set(name, 0)
    const size = fragment === undefined ? 0 : sizeOf(fragment.selectionSet)
    sizes.set(name, size)
    return size
  }
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION && sizeOf(definition.selectionSet) > limits.maxFields) {
      throw tooMuch('The document selects too many fields, counted with its fragments expanded. Select fewer fields.')
    }
  }
}

function checkRepeats(set: SelectionSetNode, { maxRepeats, introspection }: DocumentLimits): void {
  const counts = new Map<string, number>()
  for (const selection of set.selections) {
    const name = selection.kind === Kind.INLINE_FRAGMENT ? '...' : selection.name.value
    if (!introspection && (name === '__schema' || name === '__type')) {
      throw tooMuch('Introspection is switched off in production. The schema is in the package: schema/schema.graphql.')
    }
    const count = (counts.get(name) ?? 0) + 1
    counts.set(name, count)
    // Inline fragments have a higher limit, because there may be one for each type.
    if (count > (name === '...' ? 10 * maxRepeats : maxRepeats)) {
      throw tooMuch('The document repeats a field too often. Split it into several operations, or use a list field.')
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
        if (count > maxMerged)
          throw tooMuch('The document selects a field too often in one place, counted with fragments. Select it once.')
      } else if (!visited.has(selection.name.value)) {
        visited.add(selection.name.value)
        const fragment = fragments.get(selection.name.value)
        if (fragment !== undefined) pending.push(fragment.selectionSet)
      }
    }
  }
}

/** The error of every limit. Messages do not contain the limit, so that nobody can tune a request to it. */
export function tooMuch(message: string): InvalidInputError {
  return new InvalidInputError([], message)
}
