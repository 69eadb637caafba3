import { inputFieldsOf } from '../../auth/check-input.ts'
import type { CredentialDescription } from '../../auth/strategy.ts'
import { authMethodField } from '../../catalog/definition/auth-fields.ts'
import type { Offer } from '../../connecting/session-offers.ts'
import type { TypedValues } from '../../connecting/submit-credential.ts'
import type { FieldError } from '../../kit/errors.ts'
import type { CredentialField } from '../../wire/credential-fields.ts'
import type { Texts } from './texts.ts'

/** One field of a form, as it is shown. */
export interface FormField {
  /** Its name in the form: `credential.<name>` or `input.<name>`. */
  key: string
  /** Of its element. */
  id: string
  field: CredentialField
  /** May hold line breaks: a key in PEM form. */
  multiline: boolean
  /** What was entered; never of a secret. */
  value: string
  problem: string | null
}

/** The fields of an offer, for the way of signing in that was chosen. */
export interface CredentialForm {
  /** Key of the option of a definition with several ways; null: there is one way. */
  method: string | null
  fields: FormField[]
}

/** The ways of signing in of which one has to be chosen first. Those that end at a provider's own page are not among them. */
export function methodsOf({ description }: Offer): readonly { key: string; label: string }[] {
  return description.options.filter(({ auth }) => auth.grant !== 'AUTHORIZATION_CODE')
}

/**
 * @param method key of an option, where the definition has several
 * @param values what was entered before, by key
 * @returns null: that way is not offered, or one has to be chosen first
 */
export function formOf(
  offer: Offer,
  method: string | null,
  values: ReadonlyMap<string, string>,
): CredentialForm | null {
  const methods = methodsOf(offer)
  const [sole] = methods
  const chosen = methods.length === 1 ? sole : methods.find(({ key }) => key === method)
  const several = offer.description.options.length > 0
  if (several && chosen === undefined) return null
  const way = offer.description.options.find(({ key }) => key === chosen?.key)?.auth ?? offer.description
  const own = offer.consent ? [] : way.credentialFields
  const shown = (kind: 'credential' | 'input') => (field: CredentialField, index: number) => {
    const key = `${kind}.${field.name}`
    const value = field.secret ? '' : (values.get(key) ?? '')
    return { key, id: `${kind}-${index}`, field, value, problem: null, multiline: field.secret && takesLines(way) }
  }
  const fields = [...inputFieldsOf(offer.definition).map(shown('input')), ...own.map(shown('credential'))]
  return { method: several ? (chosen?.key ?? null) : null, fields }
}

function takesLines({ type, grant }: CredentialDescription): boolean {
  return type === 'JWT' || type === 'CUSTOM' || grant === 'JWT_BEARER'
}

/** What a form that was sent holds for these fields. What is left empty is not given. */
export function valuesOf({ fields, method }: CredentialForm, sent: ReadonlyMap<string, string>): TypedValues {
  const typed: { credential: Record<string, string>; input: Record<string, string> } = { credential: {}, input: {} }
  for (const { key, field } of fields) {
    // Forms send line breaks as CR LF (HTML, section 4.10.22.4).
    const value = sent.get(key)?.replaceAll('\r\n', '\n') ?? ''
    const kind = key.startsWith('input.') ? 'input' : 'credential'
    if (value !== '') typed[kind][field.name] = value
  }
  if (method !== null) typed.credential[authMethodField.name] = method
  return { fields: typed.credential, input: typed.input }
}

/** The form with what is wrong beside each field. @returns also what is wrong and belongs to none of them */
export function withProblems(
  form: CredentialForm,
  errors: readonly FieldError[],
  texts: Texts,
): { form: CredentialForm; others: string[] } {
  const keyOf = ({ path }: FieldError) => `${path[0] === 'input' ? 'input' : 'credential'}.${path.at(-1) ?? ''}`
  const known = new Set(form.fields.map(({ key }) => key))
  const fields = form.fields.map((shown) => {
    const error = errors.find((each) => keyOf(each) === shown.key)
    return error === undefined ? shown : { ...shown, problem: inWords(error.message, texts) }
  })
  const others = errors.filter((error) => !known.has(keyOf(error))).map(({ message }) => message)
  return { form: { ...form, fields }, others }
}

function inWords(message: string, texts: Texts): string {
  if (Object.hasOwn(texts.fieldProblems, message)) return texts.fieldProblems[message] ?? message
  return message.startsWith('does not match the pattern') ? texts.wrongFormat : sentence(message)
}

function sentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}${/[.!?]$/.test(message) ? '' : '.'}`
}
