import type { ReactNode } from 'react'

interface ButtonProps {
  children: ReactNode
  onClick?: () => void
  kind?: 'primary' | 'plain' | 'danger' | 'quiet'
  type?: 'button' | 'submit'
  busy?: boolean
  /** Why the button cannot be used. Undefined: it can. */
  disabledBecause?: string | undefined
  /** Name for screen readers, where the content does not say enough. */
  label?: string
}

export function Button({
  children,
  onClick,
  kind = 'plain',
  type = 'button',
  busy,
  disabledBecause,
  label,
}: ButtonProps) {
  const isDisabled = disabledBecause !== undefined || busy === true
  return (
    // aria-disabled keeps the button in the order of the keyboard, so that its reason can be read.
    <button
      type={type}
      className={`button ${kind}`}
      aria-disabled={isDisabled}
      aria-busy={busy}
      aria-label={label}
      title={disabledBecause}
      onClick={isDisabled ? (event) => event.preventDefault() : onClick}
    >
      {children}
    </button>
  )
}
