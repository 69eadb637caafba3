import { mutate } from '../../api.ts'
import { Confirm } from '../../components/dialog.tsx'
import { Field, textOf } from '../../components/form.tsx'
import { MetadataField, objectOf } from '../../components/metadata.tsx'
import type { ShownConnection } from './connection.tsx'
import { UpdateConnectionDocument } from './generated/graphql.ts'
import { t } from './texts.ts'

interface EditDialogProps {
  connection: ShownConnection
  onSaved: () => void
  onClose: () => void
}

/** Changes the name, the collection and the metadata of a connection. */
export function EditDialog({ connection, onSaved, onClose }: EditDialogProps) {
  const { id, displayName, collection, metadata } = connection
  const save = async (form: FormData) => {
    const name = textOf(form, 'collection')
    await mutate(UpdateConnectionDocument, {
      input: {
        connectionId: id,
        displayName: textOf(form, 'displayName') ?? '',
        metadata: objectOf(form, 'metadata', t('common.metadata')),
        // Left out while it is the same: some callers may not set it.
        ...(name === (collection?.name ?? null) ? {} : { collection: name }),
      },
    })
    onSaved()
  }
  return (
    <Confirm title={t('connection.edit')} action={t('common.save')} onConfirm={save} onClose={onClose} wide>
      <Field label={t('common.name')} name="displayName" required defaultValue={displayName} />
      <Field
        label={t('connection.collection')}
        name="collection"
        hint={t('connection.collectionHint')}
        defaultValue={collection?.name ?? ''}
      />
      <MetadataField metadata={metadata} />
    </Confirm>
  )
}
