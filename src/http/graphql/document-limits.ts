import { EnvelopArmorPlugin } from '@escape.tech/graphql-armor'
import { type DocumentNode, GraphQLError, type ParseOptions, parse, type Source, validate } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { GraphQLContext } from '../../graphql/kernel/context.ts'
import { checkDocument, type DocumentLimits, tooMuch } from './more-document-limits.ts'

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
