import { type Document, isNode, isScalar, LineCounter, parseDocument, visit } from 'yaml'

/** Where a value begins in a text, counted from 1. */
export interface TextPosition {
  line: number
  column: number
}

/** What makes a text unreadable. */
export interface TextProblem extends Partial<TextPosition> {
  message: string
}

export type StructuredText =
  | { problems: TextProblem[] }
  | {
      value: unknown
      /** Where the value at a path is. When there is none, where the last value on the way to it is. */
      positionOf(path: readonly (string | number)[]): TextPosition
    }

/** How many values the aliases (`*name`) of a text may stand for together. */
const MAX_ALIASES = 200

/**
 * Reads JSON or YAML, with the positions of its values. Aliases that would multiply the text and keys that are lists or objects, which
 * the parser needs long for, are problems.
 * @param options.json the text must be JSON. Default: YAML, which JSON is a part of
 */
export function readStructuredText(text: string, { json = false }: { json?: boolean } = {}): StructuredText {
  return json ? readJson(text) : readYaml(text)
}

/**
 * Reads JSON or YAML. A text that begins as JSON does is read as JSON first, which is many times faster.
 * Messages do not quote the text.
 */
export function readJsonOrYaml(text: string): StructuredText {
  if (!text.trimStart().startsWith('{')) return readYaml(text)
  const json = readJson(text)
  if (!('problems' in json)) return json
  const yaml = readYaml(text)
  if (!('problems' in yaml)) return yaml
  // The parser of JSON does not always say where.
  const [first] = yaml.problems
  const message = (json.problems[0]?.message ?? '')
    .replace(/,? (?:in JSON )?at position .*$/s, '')
    .replace(/, (?:\.{3})?".*is not valid JSON$/s, '')
  return { problems: [{ ...first, message }] }
}

function readJson(text: string): StructuredText {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return { problems: [{ message: `is not JSON: ${error instanceof Error ? error.message : error}` }] }
  }
  let parsed: { document: Document; lines: LineCounter } | undefined
  return {
    value,
    positionOf(path) {
      // JSON is YAML. The positions are only needed where something is wrong.
      parsed ??= parse(text)
      return positionIn(parsed, path)
    },
  }
}

function readYaml(text: string): StructuredText {
  try {
    const parsed = parse(text)
    const { document, lines } = parsed
    const problems = document.errors.slice(0, 20).map(({ message, pos: [offset] }): TextProblem => {
      return { ...positionAt(lines, offset), message: `is not YAML: ${yamlReason(message)}` }
    })
    if (problems.length === 0) problems.push(...keyProblems(parsed))
    if (problems.length > 0) return { problems }
    return {
      value: document.toJS({ maxAliasCount: MAX_ALIASES }),
      positionOf: (path) => positionIn(parsed, path),
    }
  } catch (error) {
    // Too many aliases, an alias without its anchor, or more levels than the parser can follow.
    if (!(error instanceof ReferenceError || error instanceof RangeError)) throw error
    return { problems: [{ message: `is not YAML that can be read: ${yamlReason(error.message)}` }] }
  }
}

/** The message of the YAML parser without the position, which a problem has anyway, and without what it quotes of the text. */
export function yamlReason(message: string): string {
  const [first = ''] = message.split('\n')
  return first.replace(/ at line \d+, column \d+:?$/, '').replace(/: .*$/, '')
}

function parse(text: string): { document: Document; lines: LineCounter } {
  const lines = new LineCounter()
  return { document: parseDocument(text, { lineCounter: lines, logLevel: 'silent' }), lines }
}

function keyProblems({ document, lines }: { document: Document; lines: LineCounter }): TextProblem[] {
  const problems: TextProblem[] = []
  visit(document, {
    Pair(_, { key }) {
      if (isScalar(key)) return undefined
      const offset = isNode(key) ? (key.range?.[0] ?? 0) : 0
      problems.push({ ...positionAt(lines, offset), message: 'is not YAML that can be read: a key must be text' })
      return visit.BREAK
    },
  })
  return problems
}

function positionIn(
  { document, lines }: { document: Document; lines: LineCounter },
  path: readonly (string | number)[],
): TextPosition {
  for (let length = path.length; length > 0; length -= 1) {
    const keys = path.slice(0, length)
    const node = document.getIn(keys, true) ?? document.getIn(keys.map(asIndex), true)
    if (isNode(node) && node.range) return positionAt(lines, node.range[0])
  }
  return { line: 1, column: 1 }
}

function asIndex(key: string | number): string | number {
  return /^\d+$/.test(String(key)) ? Number(key) : key
}

function positionAt(lines: LineCounter, offset: number): TextPosition {
  const { line, col } = lines.linePos(offset)
  return { line, column: col }
}
