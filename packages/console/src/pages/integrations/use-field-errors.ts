import { useState } from 'react'
import { RefusedError } from '../../api.ts'
import { t } from './texts.ts'

interface FieldErrors {
  /** The error of a field of the input, such as `oauthClient.clientSecret`. Undefined: it has none. */
  errorOf: (path: string) => string | undefined
  /** Wraps the sending of a form: errors of the known fields are shown at them. */
  reporting: (work: (form: FormData) => Promise<void>) => (form: FormData) => Promise<void>
}

/**
 * Shows the errors of a mutation at the fields of a form.
 * @param known paths of the fields that the form has. Errors of others stay in the message
 */
export function useFieldErrors(known: readonly string[]): FieldErrors {
  const [errors, setErrors] = useState<Readonly<Record<string, string>>>({})
  return {
    errorOf: (path) => errors[path],
    reporting: (work) => async (form) => {
      setErrors({})
      try {
        await work(form)
      } catch (failure) {
        if (!(failure instanceof RefusedError) || failure.fields.length === 0) throw failure
        const found: Record<string, string> = {}
        const others: string[] = []
        for (const { path, message } of failure.fields) {
          const place = path.slice(1).join('.')
          const field = known.find((each) => place === each || place.startsWith(`${each}.`))
          if (field === undefined) others.push(`${place}: ${message}`)
          else found[field] = message
        }
        setErrors(found)
        throw new Error(others.length > 0 ? others.join('\n') : t('form.correct'))
      }
    },
  }
}
