/** A document of codegen: a syntax tree (`TypedDocumentNode`) or a text (`TypedDocumentString`), with the types of its result. */
export type TypedDocument<Data, Variables> = (SyntaxTree | StringObject) & {
  __apiType?: (variables: Variables) => Data
}

interface SyntaxTree {
  readonly kind: string
  readonly definitions: readonly object[]
}

interface StringObject {
  toString(): string
  charAt(position: number): string
}

/** A node of the syntax tree of graphql-js. Which properties it has depends on its kind. */
interface Node {
  readonly kind: string
  readonly [property: string]: unknown
}

/** Returns the text of a document. Prints syntax trees itself, so that the package needs no other one. */
export function textOf(document: string | TypedDocument<unknown, never>): string {
  return typeof document === 'object' && 'definitions' in document
    ? print(document as unknown as Node)
    : document.toString()
}

function print(node: unknown): string {
  const { kind, ...n } = node as Node
  switch (kind) {
    case 'Document':
      return all(n['definitions'], '\n')
    case 'OperationDefinition':
      return `${n['operation']} ${before('', n['name'])}${wrapped('(', all(n['variableDefinitions'], ', '), ')')}${directives(n)} ${print(n['selectionSet'])}`
    case 'VariableDefinition':
      return `${print(n['variable'])}: ${print(n['type'])}${before(' = ', n['defaultValue'])}${directives(n)}`
    case 'SelectionSet':
      return `{ ${all(n['selections'], ' ')} }`
    case 'Field':
      return `${after(n['alias'], ': ')}${print(n['name'])}${wrapped('(', all(n['arguments'], ', '), ')')}${directives(n)}${before(' ', n['selectionSet'])}`
    case 'Argument':
    case 'ObjectField':
      return `${print(n['name'])}: ${print(n['value'])}`
    case 'FragmentSpread':
      return `...${print(n['name'])}${directives(n)}`
    case 'InlineFragment':
      return `...${before(' on ', n['typeCondition'])}${directives(n)} ${print(n['selectionSet'])}`
    case 'FragmentDefinition':
      return `fragment ${print(n['name'])} on ${print(n['typeCondition'])}${directives(n)} ${print(n['selectionSet'])}`
    case 'Directive':
      return `@${print(n['name'])}${wrapped('(', all(n['arguments'], ', '), ')')}`
    case 'Variable':
      return `$${print(n['name'])}`
    case 'NamedType':
      return print(n['name'])
    case 'ListType':
      return `[${print(n['type'])}]`
    case 'NonNullType':
      return `${print(n['type'])}!`
    case 'StringValue':
      return JSON.stringify(n['value'])
    case 'NullValue':
      return 'null'
    case 'ListValue':
      return `[${all(n['values'], ', ')}]`
    case 'ObjectValue':
      return `{ ${all(n['fields'], ', ')} }`
    case 'Name':
    case 'IntValue':
    case 'FloatValue':
    case 'BooleanValue':
    case 'EnumValue':
      return String(n['value'])
    default:
      throw new TypeError(`A document cannot contain ${kind}.`)
  }
}

const before = (text: string, node: unknown) => (node === undefined ? '' : text + print(node))
const after = (node: unknown, text: string) => (node === undefined ? '' : print(node) + text)
const all = (nodes: unknown, separator: string) => ((nodes ?? []) as unknown[]).map(print).join(separator)
const wrapped = (open: string, text: string, close: string) => (text === '' ? '' : open + text + close)
const directives = (node: Omit<Node, 'kind'>) => wrapped(' ', all(node['directives'], ' '), '')
