import { type FormEvent, type ReactNode, useEffect, useId, useState } from 'react'
import { t } from '../texts.ts'
import { Button } from './button.tsx'
import { messageOf, Notice } from './feedback.tsx'

interface FieldProps {
  label: string
  /** Name of the value in the form. */
  name: string
  hint?: ReactNode
  /** What is wrong with the value. */
  error?: string | undefined
  defaultValue?: string
  /** Text that stays in the field, such as `.zendesk.com`. */
  suffix?: string
  placeholder?: string
  required?: boolean
  /** Default: text. */
  type?: 'text' | 'password' | 'email' | 'url' | 'number' | 'datetime-local' | 'color'
  /** Several lines. */
  multiline?: boolean
  autoFocus?: boolean
}

/** One value of a form with its label, its hint and its error. */
export function Field({ label, name, hint, error, multiline = false, type = 'text', suffix, ...input }: FieldProps) {
  const id = useId()
  const attributes = {
    ...{ id, name, autoComplete: 'off', spellCheck: false, 'aria-invalid': error !== undefined },
    'aria-describedby': [hint === undefined ? '' : `${id}-hint`, error === undefined ? '' : `${id}-error`]
      .join(' ')
      .trim(),
    ...input,
  }
  return (
    <div className="field">
      <label htmlFor={id}>
        {label}
        {input.required !== true && <span className="faint"> ({t('common.optional')})</span>}
      </label>
      {hint !== undefined && (
        <p id={`${id}-hint`} className="hint">
          {hint}
        </p>
      )}
      {multiline ? (
        <textarea rows={4} {...attributes} />
      ) : suffix === undefined ? (
        <input type={type} {...attributes} />
      ) : (
        <span className="with-suffix">
          <input type={type} {...attributes} />
          <span>{suffix}</span>
        </span>
      )}
      {error !== undefined && (
        <p id={`${id}-error`} className="reason bad">
          {error}
        </p>
      )}
    </div>
  )
}

type Options = readonly (readonly [value: string, label: string])[]

interface SelectFieldProps extends Pick<FieldProps, 'label' | 'name' | 'hint' | 'error' | 'required' | 'defaultValue'> {
  options: Options
  onChange?: (value: string) => void
}

export function SelectField({ label, name, hint, error, required, options, defaultValue, onChange }: SelectFieldProps) {
  const id = useId()
  return (
    <div className="field">
      <label htmlFor={id}>
        {label}
        {required === false && <span className="faint"> ({t('common.optional')})</span>}
      </label>
      {hint !== undefined && (
        <p id={`${id}-hint`} className="hint">
          {hint}
        </p>
      )}
      <select
        {...{ id, name, defaultValue, required, 'aria-invalid': error !== undefined }}
        aria-describedby={[hint === undefined ? '' : `${id}-hint`, error === undefined ? '' : `${id}-error`]
          .join(' ')
          .trim()}
        onChange={(event) => onChange?.(event.target.value)}
      >
        {options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
      {error !== undefined && (
        <p id={`${id}-error`} className="reason bad">
          {error}
        </p>
      )}
    </div>
  )
}

interface CheckProps extends Pick<FieldProps, 'label' | 'name' | 'hint'> {
  value?: string
  defaultChecked?: boolean
  onChange?: (checked: boolean) => void
}

/** A choice of its own, or one of a list of several with the same name. */
export function Check({ label, name, hint, value, defaultChecked, onChange }: CheckProps) {
  return (
    <label className="check">
      <input
        type="checkbox"
        name={name}
        value={value ?? 'on'}
        defaultChecked={defaultChecked}
        onChange={(event) => onChange?.(event.target.checked)}
      />
      <span>
        {label}
        {hint !== undefined && <span className="hint">{hint}</span>}
      </span>
    </label>
  )
}

interface FormProps {
  children: ReactNode
  /** The words on the button. */
  action: string
  /** Why nothing can be sent. Undefined: it can. */
  disabledBecause?: string | undefined
  /** What is said when it is done. */
  done?: string
  /** Leaves the form, where it can be left. */
  cancel?: () => void
  /** Default: primary. Plain where another button of the page is. */
  kind?: 'primary' | 'plain'
  /** What stands beside the button. */
  beside?: ReactNode
  onSubmit: (form: FormData) => Promise<void>
}

/** Sends a form, and shows the message when that fails. */
export function Form({
  children,
  action,
  disabledBecause,
  done,
  cancel,
  kind = 'primary',
  beside,
  onSubmit,
}: FormProps) {
  const [busy, setBusy] = useState(false)
  const [result, setResult] = useState<{ tone: 'good' | 'bad'; text: string }>()
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (disabledBecause !== undefined) return
    setBusy(true)
    setResult(undefined)
    try {
      await onSubmit(new FormData(event.currentTarget))
      if (done !== undefined) setResult({ tone: 'good', text: done })
    } catch (failure) {
      setResult({ tone: 'bad', text: messageOf(failure) })
    }
    setBusy(false)
  }
  return (
    <form className="form" onSubmit={(event) => void submit(event)}>
      {children}
      {result !== undefined && <Notice tone={result.tone}>{result.text}</Notice>}
      <div className="actions">
        {cancel !== undefined && <Button onClick={cancel}>{t('common.cancel')}</Button>}
        <Button type="submit" kind={kind} busy={busy} disabledBecause={disabledBecause}>
          {action}
        </Button>
        {beside}
      </div>
    </form>
  )
}

/** The text of a field, trimmed. Null: empty. */
export function textOf(form: FormData, name: string): string | null {
  const value = String(form.get(name) ?? '').trim()
  return value === '' ? null : value
}

interface FilterProps {
  label: string
  value: string
  options: Options
  onChange: (value: string) => void
}

/** A filter of a list, with the choice "all". */
export function Filter({ label, value, options, onChange }: FilterProps) {
  return (
    <label className="filter">
      <span>{label}</span>
      <select value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">{t('common.all')}</option>
        {options.map(([each, text]) => (
          <option key={each} value={each}>
            {text}
          </option>
        ))}
      </select>
    </label>
  )
}

interface SearchFilterProps extends Omit<FilterProps, 'options'> {
  placeholder?: string
}

/** A filter by text. It is applied a moment after the last key, so that not every letter is a request. */
export function SearchFilter({ label, value, placeholder, onChange }: SearchFilterProps) {
  const [text, setText] = useState(value)
  useEffect(() => setText(value), [value])
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new function on every render is not another text
  useEffect(() => {
    if (text.trim() === value) return undefined
    const timer = setTimeout(() => onChange(text.trim()), 350)
    return () => clearTimeout(timer)
  }, [text, value])
  return (
    <label className="filter">
      <span>{label}</span>
      <input type="search" value={text} placeholder={placeholder} onChange={(event) => setText(event.target.value)} />
    </label>
  )
}
