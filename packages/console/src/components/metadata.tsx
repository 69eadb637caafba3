import { formatNumber, t } from '../texts.ts'
import { Field } from './form.tsx'

/** Tags that a row shows before it says how many more there are. */
const MAX_TAGS = 4

/** Metadata as tags. Nothing if there is none. */
export function Tags({ metadata, max = MAX_TAGS }: { metadata: unknown; max?: number }) {
  const entries = Object.entries((metadata ?? {}) as Record<string, unknown>)
  if (entries.length === 0) return null
  return (
    <span className="tags">
      {entries.slice(0, max).map(([key, value]) => (
        <code key={key}>
          {key}={typeof value === 'string' ? value : JSON.stringify(value)}
        </code>
      ))}
      {entries.length > max && (
        <span className="faint">{t('common.moreTags', { count: formatNumber(entries.length - max) })}</span>
      )}
    </span>
  )
}

/** The metadata of an object as JSON that can be edited. `objectOf` reads it. */
export function MetadataField({ metadata }: { metadata: unknown }) {
  const isEmpty = Object.keys((metadata ?? {}) as object).length === 0
  return (
    <Field
      label={t('common.metadata')}
      name="metadata"
      hint={t('common.metadataEdit')}
      multiline
      defaultValue={isEmpty ? '' : JSON.stringify(metadata, null, 2)}
    />
  )
}

/** The JSON object of a field. Null: empty. @throws Error that names the field */
export function objectOf(form: FormData, name: string, label: string): Record<string, unknown> | null {
  const text = String(form.get(name) ?? '').trim()
  if (text === '') return null
  const value = jsonOf(text, label)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error(t('common.noObject', { name: label }))
  }
  return value as Record<string, unknown>
}

/** @throws Error that names the field */
export function jsonOf(text: string, label: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error(t('common.noJson', { name: label }))
  }
}

/**
 * A filter by metadata, from text such as `plan=pro, seats=5`. Values are JSON where they can be; quotes make `"5"` a text.
 * Null: none.
 */
export function metadataFilter(text: string): Record<string, unknown> | null {
  const entries = text
    .split(',')
    .map((part) => part.trim().split('='))
    .filter(([key, value]) => key && value !== undefined)
    .map(([key = '', ...rest]) => [key.trim(), parsed(rest.join('=').trim())])
  return entries.length === 0 ? null : Object.fromEntries(entries)
}

function parsed(value: string): unknown {
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}
