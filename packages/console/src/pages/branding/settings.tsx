import { useState } from 'react'
import { mutate } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { Confirm } from '../../components/dialog.tsx'
import { Field, Form, textOf } from '../../components/form.tsx'
import { navigate } from '../../router.ts'
import { type BrandingQuery, DeleteWorkspaceDocument, UpdateWorkspaceDocument } from './generated/graphql.ts'
import { t } from './texts.ts'

/** What the tabs of the page need. */
export interface SettingsProps {
  workspace: NonNullable<BrandingQuery['workspace']>
  role: BrandingQuery['viewer']['role']
  readOnly: string | undefined
  reload: () => void
}

/** Where a browser may be sent after connecting, and whether the product confirms what it brings back. */
export function Returning({ workspace, readOnly, reload }: SettingsProps) {
  const save = async (form: FormData) => {
    const redirectUrls = (textOf(form, 'redirectUrls') ?? '').split(/\s+/).filter(Boolean)
    const confirmation = form.get('confirmation') === 'NONE' ? 'NONE' : 'REQUIRED'
    await mutate(UpdateWorkspaceDocument, { input: { workspaceId: workspace.id, redirectUrls, confirmation } })
    reload()
  }
  return (
    <Form action={t('common.save')} done={t('common.saved')} disabledBecause={readOnly} onSubmit={save}>
      <Field
        label={t('branding.redirectUrls')}
        name="redirectUrls"
        multiline
        hint={t('branding.redirectUrlsHint')}
        placeholder="https://product.example/connected"
        defaultValue={workspace.redirectUrls.join('\n')}
      />
      <fieldset>
        <legend>{t('branding.confirmation')}</legend>
        {(['REQUIRED', 'NONE'] as const).map((each) => (
          <label key={each} className="check">
            <input type="radio" name="confirmation" value={each} defaultChecked={workspace.confirmation === each} />
            <span>
              {t(`branding.confirmation.${each}`)}
              <span className="hint">{t(`branding.confirmationText.${each}`)}</span>
            </span>
          </label>
        ))}
      </fieldset>
    </Form>
  )
}

/** Name, address and end of the workspace. */
export function WorkspaceSettings({ workspace, role, readOnly }: SettingsProps) {
  const [asking, setAsking] = useState(false)
  const isOperator = role === 'OPERATOR'
  const rename = async (form: FormData) => {
    const slug = isOperator ? (textOf(form, 'slug') ?? workspace.slug) : workspace.slug
    const payload = await mutate(UpdateWorkspaceDocument, {
      input: {
        workspaceId: workspace.id,
        name: textOf(form, 'name') ?? '',
        ...(slug === workspace.slug ? {} : { slug }),
      },
    })
    if (payload.__typename !== 'UpdateWorkspacePayload') return
    // Another slug is another address of this page. The shell reads the name again only when it is loaded.
    location.assign(`/console/w/${payload.workspace.slug}/branding/workspace`)
  }
  const remove = async (form: FormData) => {
    if (textOf(form, 'confirm') !== workspace.name) throw new Error(t('branding.notTheName', { name: workspace.name }))
    await mutate(DeleteWorkspaceDocument, { input: { workspaceId: workspace.id } })
    navigate('/workspaces')
  }
  return (
    <>
      <Form action={t('common.save')} disabledBecause={readOnly} onSubmit={rename}>
        <Field
          label={t('branding.workspaceName')}
          name="name"
          required
          hint={t('branding.workspaceNameHint')}
          defaultValue={workspace.name}
        />
        {isOperator ? (
          <Field
            label={t('branding.slug')}
            name="slug"
            required
            hint={t('branding.slugHint')}
            defaultValue={workspace.slug}
          />
        ) : (
          <p className="faint">
            {t('branding.slug')}: <code>{workspace.slug}</code>. {t('branding.slugOperator')}
          </p>
        )}
      </Form>
      <section className="card danger-zone">
        <div>
          <h2>{t('branding.delete')}</h2>
          <p className="faint">{t('branding.deleteText')}</p>
        </div>
        <Button kind="danger" onClick={() => setAsking(true)} disabledBecause={readOnly}>
          {t('branding.delete')}
        </Button>
      </section>
      {asking && (
        <Confirm
          title={t('branding.ask', { name: workspace.name })}
          text={t('branding.askText', {
            connections: workspace.connections.totalCount ?? 0,
            endUsers: workspace.endUsers.totalCount ?? 0,
          })}
          action={t('branding.delete')}
          kind="danger"
          onConfirm={remove}
          onClose={() => setAsking(false)}
        >
          <Field label={t('branding.typeName', { name: workspace.name })} name="confirm" required autoFocus />
        </Confirm>
      )}
    </>
  )
}
