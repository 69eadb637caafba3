import { mutate } from '../../api.ts'
import { Confirm } from '../../components/dialog.tsx'
import { Field, textOf } from '../../components/form.tsx'
import { MetadataField, objectOf } from '../../components/metadata.tsx'
import { UpsertEndUserDocument } from './generated/graphql.ts'
import { t } from './texts.ts'

interface EndUserDialogProps {
  workspaceId: string
  /** The end user that is changed. Undefined: a new one. */
  endUser?: { externalId: string; displayName: string | null; email: string | null; metadata: unknown }
  onSaved: (id: string) => void
  onClose: () => void
}

/** Creates an end user or changes one. */
export function EndUserDialog({ workspaceId, endUser, onSaved, onClose }: EndUserDialogProps) {
  const save = async (form: FormData) => {
    const values = {
      displayName: textOf(form, 'displayName'),
      email: textOf(form, 'email'),
      metadata: objectOf(form, 'metadata', t('common.metadata')),
    }
    // An end user that exists already keeps what was left empty in the form for a new one.
    const given = endUser === undefined ? Object.entries(values).filter(([, value]) => value !== null) : null
    const externalId = endUser?.externalId ?? textOf(form, 'externalId') ?? ''
    const payload = await mutate(UpsertEndUserDocument, {
      input: { workspaceId, externalId, ...(given === null ? values : Object.fromEntries(given)) },
    })
    if (payload.__typename === 'UpsertEndUserPayload') onSaved(payload.endUser.id)
  }
  return (
    <Confirm
      title={t(endUser === undefined ? 'endUsers.add' : 'endUser.edit')}
      action={t(endUser === undefined ? 'common.create' : 'common.save')}
      onConfirm={save}
      onClose={onClose}
      wide
    >
      {endUser === undefined && (
        <Field label={t('endUsers.externalId')} name="externalId" required hint={t('endUsers.externalIdHint')} />
      )}
      <Field label={t('common.name')} name="displayName" defaultValue={endUser?.displayName ?? ''} />
      <Field label={t('endUsers.email')} name="email" type="email" defaultValue={endUser?.email ?? ''} />
      <MetadataField metadata={endUser?.metadata} />
    </Confirm>
  )
}
