/** What one check found. Holds no secret: it is printed, and pasted into reports. */
export interface Finding {
  /** `note`: worth knowing, and nothing that stops Latchkey. */
  result: 'ok' | 'note' | 'problem'
  /** What was looked at, in a word or three. */
  subject: string
  message: string
  /** What to do about it. */
  remedy?: string
}

export function ok(subject: string, message: string): Finding {
  return { result: 'ok', subject, message }
}

export function note(subject: string, message: string, remedy?: string): Finding {
  return { result: 'note', subject, message, ...(remedy === undefined ? {} : { remedy }) }
}

export function problemFinding(subject: string, message: string, remedy: string): Finding {
  return { result: 'problem', subject, message, remedy }
}
