import { useState } from 'react'
import { mutate, useDocument } from '../../api.ts'
import { Loading, Notice, PageHead, Problem } from '../../components/feedback.tsx'
import { Field, Form, textOf } from '../../components/form.tsx'
import { Tabs } from '../../components/tabs.tsx'
import type { WorkspacePageProps } from '../../routes.tsx'
import { brandOf, hardToSeeIn, hexOf } from './brand.ts'
import { BrandingDocument, UpdateWorkspaceDocument } from './generated/graphql.ts'
import { Preview } from './preview.tsx'
import { Returning, type SettingsProps, WorkspaceSettings } from './settings.tsx'
import { t } from './texts.ts'
import './branding.css'

/** The tabs, by the part of the path behind that of the page. */
const TABS = ['page', 'returning', 'workspace'] as const

/** How a workspace presents itself on the connect page, where it leads afterwards, and the workspace itself. */
export function Branding({ workspace, base, rest, readOnly }: WorkspacePageProps) {
  const { data, error, reload } = useDocument(BrandingDocument, { workspaceId: workspace.id })
  const tab = TABS.find((each) => each === rest[0]) ?? 'page'
  const props =
    data?.workspace == null ? undefined : { workspace: data.workspace, role: data.viewer.role, readOnly, reload }
  return (
    <>
      <PageHead title={t('nav.branding')} />
      <Tabs
        label={t('nav.branding')}
        base={`${base}/branding`}
        tabs={TABS.map((each) => [each, t(`branding.tab.${each}`)])}
        current={tab}
      />
      {error !== undefined && <Problem message={error} retry={reload} />}
      {props === undefined ? (
        error === undefined && <Loading />
      ) : tab === 'returning' ? (
        <Returning {...props} />
      ) : tab === 'workspace' ? (
        <WorkspaceSettings {...props} />
      ) : (
        <ConnectPage {...props} />
      )}
    </>
  )
}

/** The branding beside a preview that follows what is typed. */
function ConnectPage({ workspace, readOnly, reload }: SettingsProps) {
  const { branding } = workspace
  const [typed, setTyped] = useState({
    name: branding.name ?? '',
    logoUrl: branding.logoUrl ?? '',
    color: branding.color ?? '',
  })
  const color = typed.color.trim()
  const hex = hexOf(color)
  const isKnown = color === '' || hex !== null
  const hard = color === '' || hex === null ? [] : hardToSeeIn(hex)
  const isHttps = typed.logoUrl.trim() === '' || typed.logoUrl.trim().startsWith('https://')
  const save = async (form: FormData) => {
    if (!isKnown) throw new Error(t('branding.noColor'))
    if (!isHttps) throw new Error(t('branding.noHttps'))
    const input = { name: textOf(form, 'name'), logoUrl: textOf(form, 'logoUrl'), color: textOf(form, 'color') }
    await mutate(UpdateWorkspaceDocument, { input: { workspaceId: workspace.id, branding: input } })
    reload()
  }
  return (
    <div className="branding">
      <div
        onInput={({ target }) => {
          const { name, value } = target as HTMLInputElement
          if (name in typed) setTyped((before) => ({ ...before, [name]: value }))
        }}
      >
        <p className="lead">{t('branding.lead')}</p>
        <Form action={t('common.save')} done={t('common.saved')} disabledBecause={readOnly} onSubmit={save}>
          <Field
            label={t('branding.name')}
            name="name"
            hint={t('branding.nameHint', { name: workspace.name })}
            placeholder={workspace.name}
            defaultValue={branding.name ?? ''}
          />
          <Field
            label={t('branding.logo')}
            name="logoUrl"
            type="url"
            hint={t('branding.logoHint')}
            placeholder="https://product.example/logo.svg"
            error={isHttps ? undefined : t('branding.noHttps')}
            defaultValue={branding.logoUrl ?? ''}
          />
          <div className="colour">
            <Field
              label={t('branding.color')}
              name="color"
              hint={t('branding.colorHint')}
              placeholder="#336699"
              error={isKnown ? undefined : t('branding.noColor')}
              defaultValue={branding.color ?? ''}
            />
            <span
              className="swatch"
              aria-hidden="true"
              style={{ background: brandOf({ color, logoUrl: null }).color }}
            />
          </div>
          {hard.map((theme) => (
            <Notice key={theme} tone="warn">
              {t(`branding.hard.${theme}`)}
            </Notice>
          ))}
        </Form>
      </div>
      <Preview
        name={typed.name.trim() || workspace.name}
        logoUrl={typed.logoUrl.trim() || null}
        color={color || null}
      />
    </div>
  )
}
