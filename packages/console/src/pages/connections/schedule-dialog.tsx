import { useState } from 'react'
import { mutate } from '../../api.ts'
import { Confirm } from '../../components/dialog.tsx'
import { Check, Field, SelectField, textOf } from '../../components/form.tsx'
import type { ShownConnection } from './connection.tsx'
import { UpdateConnectionDocument } from './generated/graphql.ts'
import { t } from './texts.ts'

interface ScheduleDialogProps {
  connection: ShownConnection
  onSaved: () => void
  onClose: () => void
}

const UNITS = [
  ['60', t('schedule.minutes')],
  ['3600', t('schedule.hours')],
  ['86400', t('schedule.days')],
] as const

/** Changes when syncs start by themselves. */
export function ScheduleDialog({ connection, onSaved, onClose }: ScheduleDialogProps) {
  const { id, schedule } = connection
  const [kind, setKind] = useState(schedule === null ? 'none' : schedule.cron === null ? 'interval' : 'cron')
  const seconds = schedule?.intervalSeconds ?? 3_600
  const [unit] = UNITS.findLast(([each]) => seconds % Number(each) === 0) ?? UNITS[0]
  const save = async (form: FormData) => {
    const paused = form.get('paused') !== null
    const input =
      kind === 'none'
        ? null
        : kind === 'cron'
          ? { cron: textOf(form, 'cron'), timezone: textOf(form, 'timezone'), paused }
          : { intervalSeconds: Math.round(Number(form.get('count')) * Number(form.get('unit'))), paused }
    await mutate(UpdateConnectionDocument, { input: { connectionId: id, schedule: input } })
    onSaved()
  }
  return (
    <Confirm
      title={t('schedule.title')}
      text={t('schedule.text')}
      action={t('common.save')}
      onConfirm={save}
      onClose={onClose}
    >
      <SelectField
        label={t('schedule.kind')}
        name="kind"
        defaultValue={kind}
        options={[
          ['none', t('schedule.none')],
          ['interval', t('schedule.interval')],
          ['cron', t('schedule.cron')],
        ]}
        onChange={setKind}
      />
      {kind === 'interval' && (
        <div className="pair">
          <Field
            label={t('schedule.count')}
            name="count"
            type="number"
            required
            defaultValue={String(seconds / Number(unit))}
          />
          <SelectField label={t('schedule.unit')} name="unit" options={UNITS} defaultValue={unit} />
        </div>
      )}
      {kind === 'cron' && (
        <>
          <Field
            label={t('schedule.expression')}
            name="cron"
            required
            hint={t('schedule.expressionHint')}
            placeholder="0 6 * * 1-5"
            defaultValue={schedule?.cron ?? ''}
          />
          <Field
            label={t('schedule.timezone')}
            name="timezone"
            required
            defaultValue={schedule?.timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone}
          />
        </>
      )}
      {kind !== 'none' && (
        <Check name="paused" label={t('schedule.paused')} defaultChecked={schedule?.paused ?? false} />
      )}
    </Confirm>
  )
}
