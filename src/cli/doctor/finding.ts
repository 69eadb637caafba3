/** The result of one check. Contains no secret, because it is printed and pasted into reports. */
export interface Finding {
  /** `note`: useful to know; Latchkey works nevertheless. */
  result: 'ok' | 'note' | 'problem'
  /** What was checked, in one to three words. */
  subject: string
  message: string
  /** How to fix it. */
  remedy?: string
}

export function ok(subject: string, message: string): Finding {
  return { result: 'ok', subject, message }
}

export function note(subject: string, message: string, remedy?: string): Finding {
  return { result: 'note', subject, message, remedy }
}

export function problemFinding(subject: string, message: string, remedy: string): Finding {
  return { result: 'problem', subject, message, remedy }
}
