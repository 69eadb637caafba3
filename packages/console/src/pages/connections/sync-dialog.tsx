import { useState } from 'react'
import { mutate } from '../../api.ts'
import { Confirm } from '../../components/dialog.tsx'
import { Check, SelectField } from '../../components/form.tsx'
import { TriggerSyncDocument } from '../../generated/graphql.ts'
import type { ShownConnection } from './connection.tsx'
import { t } from './texts.ts'

interface SyncDialogProps {
  connection: ShownConnection
  onStarted: () => void
  onClose: () => void
}

/** Asks which streams a sync reads, and whether it reads all of them or what has changed. */
export function SyncDialog({ connection, onStarted, onClose }: SyncDialogProps) {
  const { id, integration } = connection
  const [isFull, setIsFull] = useState(false)
  const isIncremental = integration.streams.some(({ syncModes }) => syncModes.includes('INCREMENTAL'))
  const start = async (form: FormData) => {
    const streams = form.getAll('stream').map(String)
    if (streams.length === 0) throw new Error(t('sync.noStream'))
    await mutate(TriggerSyncDocument, {
      input: {
        connectionId: id,
        streams: streams.length === integration.streams.length ? null : streams,
        fullRefresh: form.get('mode') === 'full',
        confirmDeletes: form.get('confirmDeletes') !== null,
      },
    })
    onStarted()
  }
  return (
    <Confirm
      title={t('connection.sync')}
      text={t('sync.text')}
      action={t('sync.start')}
      onConfirm={start}
      onClose={onClose}
    >
      {isIncremental && (
        <SelectField
          label={t('sync.mode')}
          name="mode"
          options={[
            ['incremental', t('sync.incremental')],
            ['full', t('sync.full')],
          ]}
          onChange={(value) => setIsFull(value === 'full')}
        />
      )}
      <fieldset>
        <legend>{t('connection.streams')}</legend>
        {integration.streams.map(({ name }) => (
          <Check key={name} name="stream" value={name} label={name} defaultChecked />
        ))}
      </fieldset>
      {(isFull || !isIncremental) && (
        <Check name="confirmDeletes" label={t('sync.confirmDeletes')} hint={t('sync.confirmDeletesHint')} />
      )}
    </Confirm>
  )
}
