/** Turns the text of a body into records as it comes. Both functions throw LineError. */
export interface RecordParser {
  /** @returns the records that are complete now */
  push(text: string): unknown[]
  /** The text is over. @returns what was still open */
  end(): unknown[]
}

/** A body that is not in its format. Holds nothing of the text. */
export class LineError extends Error {
  override readonly name = 'LineError'

  /** @param line from 1 @param what goes on the sentence: `line 7 ${what}` */
  constructor(line: number, what: string) {
    super(`line ${line} ${what}`)
  }
}
