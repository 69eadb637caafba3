import { Button } from '../../components/button.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { Notice } from '../../components/feedback.tsx'
import { Fact, Json, Time } from '../../components/values.tsx'
import { formatExact } from '../../texts.ts'
import { nameOf, type ShownRecord } from './record-list.tsx'
import { t } from './texts.ts'

interface RecordDialogProps {
  record: ShownRecord
  /** Shows the record above. Undefined: it is the first one. */
  previous: (() => void) | undefined
  next: (() => void) | undefined
  /** Shows what has changed after the record. */
  showChanges: () => void
  onClose: () => void
}

/** One record as JSON. */
export function RecordDialog({ record, previous, next, showChanges, onClose }: RecordDialogProps) {
  const { data, deleted, stream, changedAt } = record
  return (
    <Dialog title={t('records.record', { key: nameOf(record) })} onClose={onClose} wide>
      <dl>
        <Fact name={t('records.stream')}>
          <code>{stream}</code>
        </Fact>
        <Fact name={t(deleted ? 'records.deletedAt' : 'records.changed')}>
          {formatExact(new Date(changedAt))} · <Time at={changedAt} />
        </Fact>
      </dl>
      {deleted && <Notice tone="warn">{t('records.deletedText')}</Notice>}
      <Json value={data} />
      <div className="actions spread">
        <span className="actions">
          <Button
            onClick={() => previous?.()}
            disabledBecause={previous === undefined ? t('records.first') : undefined}
          >
            {t('records.previous')}
          </Button>
          <Button onClick={() => next?.()} disabledBecause={next === undefined ? t('records.last') : undefined}>
            {t('records.next')}
          </Button>
        </span>
        <Button onClick={showChanges}>{t('records.changes')}</Button>
        <Button kind="primary" onClick={onClose}>
          {t('common.close')}
        </Button>
      </div>
    </Dialog>
  )
}
