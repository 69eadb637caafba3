import { JsonSyntaxError, JsonTooDeepError, parseJson } from '../../kit/json.ts'
import { LineError, type RecordParser } from './record-parser.ts'

/** One JSON value a line (application/x-ndjson). Lines without anything are passed over. */
export class NdjsonParser implements RecordParser {
  readonly #maxLineLength: number
  #rest = ''
  #line = 0

  /** @param maxLineLength in characters */
  constructor(maxLineLength: number) {
    this.#maxLineLength = maxLineLength
  }

  push(text: string): unknown[] {
    const records: unknown[] = []
    let start = 0
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      this.#take(this.#rest + text.slice(start, end), records)
      this.#rest = ''
      start = end + 1
    }
    this.#rest += text.slice(start)
    if (this.#rest.length > this.#maxLineLength) {
      throw new LineError(this.#line + 1, `is longer than ${this.#maxLineLength} characters`)
    }
    return records
  }

  end(): unknown[] {
    const records: unknown[] = []
    this.#take(this.#rest, records)
    return records
  }

  #take(line: string, into: unknown[]): void {
    this.#line += 1
    if (line.trim() === '') return
    try {
      into.push(parseJson(line))
    } catch (error) {
      if (!(error instanceof JsonSyntaxError || error instanceof JsonTooDeepError)) throw error
      throw new LineError(this.#line, `cannot be read. ${error.message}`)
    }
  }
}
