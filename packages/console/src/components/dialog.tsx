import { type FormEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { t } from '../texts.ts'
import { Button } from './button.tsx'
import { messageOf, Notice } from './feedback.tsx'

/** The browser keeps the focus inside, and closes it with Escape. */
export function Dialog({ title, children, onClose, wide = false }: DialogProps & { wide?: boolean }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const titleId = useId()
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog ref={dialog} onClose={onClose} aria-labelledby={titleId} className={wide ? 'wide' : undefined}>
      <h2 id={titleId}>{title}</h2>
      {children}
    </dialog>
  )
}

interface DialogProps {
  title: string
  children: ReactNode
  onClose: () => void
}

interface ConfirmProps extends Omit<DialogProps, 'children'> {
  /** What will happen, and to how many. */
  text?: string
  wide?: boolean
  /** The words on the button. */
  action: string
  kind?: 'primary' | 'danger'
  /** Fields that belong to the decision. */
  children?: ReactNode
  /** Runs when the button is pressed. The dialog closes when it is done, and shows the message when it throws. */
  onConfirm: (form: FormData) => Promise<void>
}

/** Says what will happen, and asks. */
export function Confirm({
  title,
  text,
  action,
  kind = 'primary',
  wide = false,
  children,
  onConfirm,
  onClose,
}: ConfirmProps) {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string>()
  const confirm = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    setBusy(true)
    setError(undefined)
    try {
      await onConfirm(new FormData(event.currentTarget))
      onClose()
    } catch (failure) {
      setError(messageOf(failure))
      setBusy(false)
    }
  }
  return (
    <Dialog title={title} onClose={onClose} wide={wide}>
      <form onSubmit={(event) => void confirm(event)}>
        {text !== undefined && <p>{text}</p>}
        {children}
        {error !== undefined && <Notice tone="bad">{error}</Notice>}
        <div className="actions">
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button kind={kind} busy={busy} type="submit">
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
