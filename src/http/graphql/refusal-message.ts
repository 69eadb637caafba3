import type { GraphQLError } from 'graphql'

/**
 * A message of graphql-js or Yoga without what it quotes of the document's and the variables' values: `got invalid value
 * { secretText: "…" }` would carry a secret into answers and logs.
 *
 * @param cause the innermost error: of our own scalars, or `error` itself
 * @param schemaNames whether it may tell names of the schema, suggestions among them
 */
export function refusalMessage(error: GraphQLError, cause: GraphQLError, schemaNames: boolean): string {
  const { message } = error
  const variable = /^Variable "\$(\w+)" got invalid value /.exec(message)?.[1]
  // Our own scalars say what is expected and never what came.
  const own = cause.extensions['code'] === 'INVALID_INPUT' ? cause.message : null
  if (variable !== undefined) return `The variable "$${variable}" is not valid. ${own ?? NO_FIT}`
  if (own !== null) return own
  if (/^Syntax Error: Document contains more tha[nt] \d+ tokens/.test(message)) return TOO_MANY_TOKENS
  if (message.startsWith('Syntax Error')) return 'Syntax Error: the document is not valid GraphQL at this place.'
  if (OF_THE_REQUEST.some((pattern) => pattern.test(message))) return message
  if (OF_THE_SCHEMA.some((pattern) => pattern.test(message))) {
    return schemaNames ? message : 'The document does not fit the schema at this place.'
  }
  return `A value in the document is not valid. ${NO_FIT}`
}

const NO_FIT = 'It does not fit the type that the schema asks for.'
const TOO_MANY_TOKENS = 'The document is too long. Send values as variables, and leave out what is not needed.'

/** Messages that hold names out of the document, or none at all, and never a value. */
const OF_THE_REQUEST = [
  /^Unknown fragment "\w+"\.$/,
  /^Unknown operation named "\w+"\.$/,
  /^Variable "\$\w+" is (?:not defined|never used)/,
  /^Fragment "\w+" is never used\.$/,
  /^Cannot spread fragment "\w+" within itself/,
  /^There can be only one (?:operation|fragment|variable|argument|input field) named "\$?\w+"\.$/,
  /^Must provide (?:an operation|query string|operation name)/,
  /^This anonymous operation must be the only defined operation\.$/,
  /^Could not determine what operation to execute\.$/,
  /^Can only perform a \w+ operation from a POST request\.$/,
  /^GraphQL only supports GET and POST requests\.$/,
  /^POST body (?:sent invalid JSON\.|is expected to be object but received \w+)$/,
  /^Expected (?:"\w+" param|params) to be (?:a string|an object|empty or an object),? but given \w+\.$/,
  /^Batching is not supported\.$/,
  /^Request body too large$/,
  /^Content-Length header is invalid\.$/,
]

/** Messages that hold names of the schema, and never a value. */
const OF_THE_SCHEMA = [
  /^Cannot query field "\w+" on type "\w+"\./,
  /^Unknown argument "\w+" on (?:field|directive) "@?[\w.]+"\./,
  /^Unknown type "\w+"\./,
  /^Unknown directive "@\w+"\.$/,
  /^Field "\w+" of type "[\w![\]]+" must have a selection of subfields\./,
  /^Field "\w+" must not have a selection since type "[\w![\]]+" has no subfields\.$/,
  /^Field "[\w.]+" (?:argument "\w+" )?of (?:required )?type "[\w![\]]+"(?: is required,| was not provided)/,
  /^Argument "\w+" of required type "[\w![\]]+" was not provided\.$/,
  /^Variable "\$\w+" (?:of required type "[\w![\]]+" was not provided|of type "[\w![\]]+" used in position)/,
  /^Variable "\$\w+" of non-null type "[\w![\]]+" must not be null\.$/,
  /^Variable "\$\w+" cannot be non-input type "[\w![\]]+"\.$/,
  /^Fragment (?:"\w+" )?cannot (?:be spread|condition)/,
  /^Fields "\w+" conflict because /,
  /^(?:Anonymous )?Subscription(?: "\w+")? must /,
  /^Directive "@\w+" (?:may not be used|argument "\w+")/,
  /^The directive "@\w+" can only be used once/,
  /^OneOf Input Object "\w+" must specify exactly one key\.$/,
  /^Schema is not configured to execute \w+ operation\.$/,
]
