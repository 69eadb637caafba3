import { z } from 'zod'
import { InvalidDurationError, parseDuration } from '../../kit/duration.ts'

/** An ISO 8601 duration longer than zero; it stays the text that it was. */
export const durationSchema = z.string().superRefine((text, context) => {
  try {
    parseDuration(text)
  } catch (error) {
    if (!(error instanceof InvalidDurationError)) throw error
    context.addIssue({ code: 'custom', message: `is no duration. ${error.message}` })
  }
})
