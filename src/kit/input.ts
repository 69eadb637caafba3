import { InvalidInputError } from './errors.ts'
import { FieldErrors } from './field-errors.ts'
import { isPlainHost } from './plain-host.ts'

/** Collects what is wrong with an input, so that the caller learns all of it at once. */
export interface InputCheck {
  wrong(path: string[], message: string): void
  /** Takes over the fields of an InvalidInputError that `work` throws; undefined then. Other errors pass. */
  part<T>(work: () => T): T | undefined
  /** A text for people or of the caller's own: not blank, at most `max` characters. Absent is fine. */
  text(path: string[], value: string | null | undefined, max: number): void
  /** An absolute http or https URL. Absent is fine. */
  url(path: string[], value: string | null | undefined): void
  /** A plain JSON object. Absent is fine. */
  object(path: string[], value: unknown): void
  /** @throws InvalidInputError when anything was wrong */
  done(): void
}

const MAX_URL = 2_048
const MAX_JSON = 64 * 1024

export function checkInput(): InputCheck {
  const errors = new FieldErrors()
  const wrong = (path: string[], message: string) => errors.add(path, message)
  return {
    wrong,
    part(work) {
      try {
        return work()
      } catch (error) {
        if (!(error instanceof InvalidInputError)) throw error
        errors.list.push(...error.fields)
        return undefined
      }
    },
    text(path, value, max) {
      if (value == null) return
      if (value.trim() === '') wrong(path, 'Must not be blank.')
      else if ([...value].length > max) wrong(path, `Must have at most ${max} characters.`)
    },
    url(path, value) {
      if (value == null) return
      const url = URL.canParse(value) ? new URL(value) : null
      if (url === null || !['http:', 'https:'].includes(url.protocol) || value.length > MAX_URL) {
        wrong(path, `Must be an absolute http or https URL of at most ${MAX_URL} characters.`)
      } else if (url.username !== '' || url.password !== '') wrong(path, 'Must not hold a user name or password.')
      else if (!isPlainHost(url.hostname)) wrong(path, 'Must have a host of letters, digits, dots and dashes.')
    },
    object(path, value) {
      if (value == null) return
      if (typeof value !== 'object' || Array.isArray(value)) wrong(path, 'Must be a JSON object.')
      else if (JSON.stringify(value).length > MAX_JSON) wrong(path, `Must have at most ${MAX_JSON} characters of JSON.`)
    },
    done: () => errors.throwIfAny(),
  }
}
