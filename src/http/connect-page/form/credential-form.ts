import { inputFieldsOf } from '../../../auth/check-fields.ts'
import type { CredentialDescription } from '../../../auth/strategy.ts'
import { authMethodField } from '../../../catalog/definition/auth-fields.ts'
import type { Method, Offer } from '../../../connecting/session-offers.ts'
import type { SubmittedValues } from '../../../connecting/submit-credential.ts'
import type { FieldError } from '../../../kit/errors.ts'
import type { CredentialField } from '../../../wire/credential-fields.ts'
import { fieldWords } from '../offer-words.ts'
import type { Texts } from '../texts/en.ts'
import type { Locale } from '../texts.ts'
import { affixesOf, placesOf, tidyValue } from './tidy-values.ts'

/** One field of a form. */
export interface FormField {
  /** Its name in the HTML form: `credential.<name>` or `input.<name>`. */
  key: string
  /** The id of its HTML element. */
  id: string
  /** With label and description in the reader's language. */
  field: CredentialField
  /** The value may contain line breaks, like a PEM key. */
  multiline: boolean
  /** The value that was entered; always empty for a secret. */
  value: string
  /** The value was cut from what was entered. */
  tidied: boolean
  problem: string | null
  /** The text that the definition puts around the value. Null: none. */
  affixes: ReturnType<typeof affixesOf>
  /** The value is a part of the address to which requests are sent. */
  inHost: boolean
}

/** The fields of an offer for one sign-in method. */
export interface CredentialForm {
  method: Method
  fields: FormField[]
}

/**
 * @param key the key of a sign-in method, for a definition that has several
 * @param values known values by key of the field
 * @returns null: the method does not exist, or must be chosen first
 */
export function buildForm(
  offer: Offer,
  key: string | null,
  values: ReadonlyMap<string, string>,
  locale: Locale,
): CredentialForm | null {
  const [sole, ...others] = offer.methods
  const method = others.length === 0 ? sole : offer.methods.find((each) => each.key === key)
  if (method === undefined) return null
  const auth = method.description
  const own = method.consent === null ? auth.credentialFields : []
  const places = placesOf(offer.definition)
  const shown = (kind: 'credential' | 'input') => (field: CredentialField, index: number) => {
    const key = `${kind}.${field.name}`
    const at = field.secret ? undefined : places.get(field.name)
    return {
      key,
      id: `${kind}-${index}`,
      field: { ...field, ...fieldWords(offer, field, locale) },
      value: field.secret ? '' : (values.get(key) ?? ''),
      tidied: false,
      problem: null,
      multiline: field.multiline || (field.secret && mayHaveLines(auth)),
      affixes: affixesOf(at),
      inHost: at !== undefined,
    }
  }
  const fields = [...inputFieldsOf(offer.definition).map(shown('input')), ...own.map(shown('credential'))]
  return { method, fields }
}

function mayHaveLines({ type, grant }: CredentialDescription): boolean {
  return type === 'JWT' || type === 'CUSTOM' || grant === 'JWT_BEARER'
}

export interface Submitted {
  values: SubmittedValues
  /** The values that may be shown again, by key of the field. */
  shown: Record<string, string>
  /** Keys of the fields that are shown with another value than was entered. */
  tidied: string[]
}

/** The values that were meant by what was entered. Empty values are left out. */
export function readSubmitted(
  { definition }: Offer,
  { fields, method }: CredentialForm,
  sent: ReadonlyMap<string, string>,
): Submitted {
  const values: { credential: Record<string, string>; input: Record<string, string> } = { credential: {}, input: {} }
  const shown: Record<string, string> = {}
  const tidied: string[] = []
  const places = placesOf(definition)
  for (const { key, field, multiline } of fields) {
    // HTML forms send line breaks as CR LF (HTML, section 4.10.22.4).
    const entered = sent.get(key)?.replaceAll('\r\n', '\n') ?? ''
    const value = tidyValue(field, entered, { places: places.get(field.name), multiline })
    const kind = key.startsWith('input.') ? 'input' : 'credential'
    if (value !== '') values[kind][field.name] = value
    if (field.secret) continue
    shown[key] = value
    if (value !== entered.trim()) tidied.push(key)
  }
  if (method.key !== null) values.credential[authMethodField.name] = method.key
  return { values: { fields: values.credential, input: values.input }, shown, tidied }
}

/** The form with each problem at its field. `others` are the problems that belong to no field. */
export function withProblems(
  form: CredentialForm,
  errors: readonly FieldError[],
  texts: Texts,
): { form: CredentialForm; others: string[] } {
  const keyOf = ({ path }: FieldError) => `${path[0] === 'input' ? 'input' : 'credential'}.${path.at(-1) ?? ''}`
  const known = new Set(form.fields.map(({ key }) => key))
  const fields = form.fields.map((shown) => {
    const error = errors.find((each) => keyOf(each) === shown.key)
    return error === undefined ? shown : { ...shown, problem: problemText(error.message, texts) }
  })
  const others = errors.filter((error) => !known.has(keyOf(error))).map(({ message }) => problemText(message, texts))
  return { form: { ...form, fields }, others }
}

function problemText(message: string, texts: Texts): string {
  if (message.startsWith('is too long to check')) return problemText('must be at most 16 KiB', texts)
  if (Object.hasOwn(texts.fieldProblems, message)) return texts.fieldProblems[message] ?? message
  return message.startsWith('does not match the pattern') ? texts.wrongFormat : sentence(message)
}

function sentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}${/[.!?]$/.test(message) ? '' : '.'}`
}
