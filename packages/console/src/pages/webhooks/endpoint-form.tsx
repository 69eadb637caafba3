import { type ReactNode, useState } from 'react'
import { mutate } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { DocsLink } from '../../components/docs-link.tsx'
import { PageHead } from '../../components/feedback.tsx'
import { Check, Field, Form, textOf } from '../../components/form.tsx'
import { Link } from '../../components/link.tsx'
import { ShownOnce, Snippet } from '../../components/shown-once.tsx'
import { EVENT_GROUPS } from '../../event-groups.ts'
import { navigate } from '../../router.ts'
import type { WorkspacePageProps } from '../../routes.tsx'
import {
  CreateWebhookEndpointDocument,
  type EndpointFragment,
  type EventType,
  UpdateWebhookEndpointDocument,
} from './generated/graphql.ts'
import { t } from './texts.ts'

const GROUP_NAMES = Object.keys(EVENT_GROUPS) as (keyof typeof EVENT_GROUPS)[]

export function NewEndpoint({ workspace, base, readOnly }: WorkspacePageProps) {
  const [created, setCreated] = useState<{ id: string; secret: string }>()
  const create = async (form: FormData) => {
    const input = { workspaceId: workspace.id, url: textOf(form, 'url') ?? '', ...settingsOf(form) }
    const payload = await mutate(CreateWebhookEndpointDocument, { input })
    if (payload.__typename !== 'CreateWebhookEndpointPayload') return
    setCreated({ id: payload.webhookEndpoint.id, secret: payload.secret })
  }
  return (
    <>
      <Link to={`${base}/webhooks`} className="back">
        ← {t('nav.webhooks')}
      </Link>
      <PageHead title={t(created === undefined ? 'webhooks.new' : 'webhooks.created')} />
      {created === undefined ? (
        <EndpointForm action={t('webhooks.create')} readOnly={readOnly} onSubmit={create} />
      ) : (
        <>
          <SigningSecret secret={created.secret} />
          <Button kind="primary" onClick={() => navigate(`${base}/webhooks/${created.id}`, { replace: true })}>
            {t('webhooks.goOn')}
          </Button>
        </>
      )}
    </>
  )
}

interface EditEndpointProps {
  endpoint: EndpointFragment
  readOnly: string | undefined
  onDone: () => void
}

/** The form for the settings of an endpoint that exists. */
export function EditEndpoint({ endpoint, readOnly, onDone }: EditEndpointProps) {
  const save = async (form: FormData) => {
    const url = textOf(form, 'url') ?? ''
    const input = { webhookEndpointId: endpoint.id, url, ...settingsOf(form) }
    await mutate(UpdateWebhookEndpointDocument, { input: { ...input, description: input.description ?? '' } })
    onDone()
  }
  return <EndpointForm endpoint={endpoint} action={t('common.save')} readOnly={readOnly} onSubmit={save} />
}

/** A new signing secret, and how a receiver uses it. */
export function SigningSecret({ secret }: { secret: string }) {
  return (
    <ShownOnce label={t('webhooks.secret')} value={secret}>
      <p className="faint">{t('webhooks.verify')}</p>
      <Snippet label={t('webhooks.snippet')} code={SNIPPET} />
      <p className="hint">
        <DocsLink page="webhooks" />
      </p>
    </ShownOnce>
  )
}

const SNIPPET = `import { Webhook } from 'standardwebhooks'

const webhook = new Webhook(process.env.WEBHOOK_SECRET)
// Throws if the signature is wrong. body: the bytes as they arrived.
const { type, data } = webhook.verify(body, request.headers)`

interface EndpointFormProps {
  endpoint?: EndpointFragment
  action: string
  readOnly: string | undefined
  onSubmit: (form: FormData) => Promise<void>
}

function EndpointForm({ endpoint, action, readOnly, onSubmit }: EndpointFormProps) {
  const [chooses, setChooses] = useState((endpoint?.types.length ?? 0) > 0)
  return (
    <Form action={action} disabledBecause={readOnly} onSubmit={onSubmit}>
      <Field
        label={t('webhooks.url')}
        name="url"
        type="url"
        required
        hint={t('webhooks.urlHint')}
        placeholder="https://product.example/webhooks"
        defaultValue={endpoint?.url ?? ''}
      />
      <Field
        label={t('webhooks.description')}
        name="description"
        hint={t('webhooks.descriptionHint')}
        defaultValue={endpoint?.description ?? ''}
      />
      <fieldset>
        <legend>{t('webhooks.which')}</legend>
        <Radio name="which" value="all" checked={!chooses} onChange={() => setChooses(false)}>
          {t('webhooks.whichAll')}
        </Radio>
        <Radio name="which" value="some" checked={chooses} onChange={() => setChooses(true)}>
          {t('webhooks.whichSome')}
        </Radio>
      </fieldset>
      {chooses && (
        <div className="event-groups">
          {GROUP_NAMES.map((group) => (
            <fieldset key={group}>
              <legend>{t(`webhooks.group.${group}`)}</legend>
              {EVENT_GROUPS[group].map((type) => (
                <Check
                  key={type}
                  name="type"
                  value={type}
                  label={t(`webhooks.type.${type}`)}
                  hint={type}
                  defaultChecked={endpoint?.types.includes(type) ?? false}
                />
              ))}
            </fieldset>
          ))}
        </div>
      )}
      <Headers names={endpoint?.headerNames ?? []} />
    </Form>
  )
}

interface RadioProps {
  name: string
  value: string
  checked: boolean
  onChange: () => void
  children: ReactNode
}

function Radio({ children, ...input }: RadioProps) {
  return (
    <label className="check">
      <input type="radio" {...input} />
      <span>{children}</span>
    </label>
  )
}

/** Headers of an endpoint. Stored values are never shown: the list is kept as it is, or replaced. */
function Headers({ names }: { names: readonly string[] }) {
  const [rows, setRows] = useState<number[]>()
  if (rows === undefined) {
    return (
      <fieldset>
        <legend>{t('webhooks.headers')}</legend>
        <p className="hint">{t('webhooks.headersHint')}</p>
        {names.length > 0 && (
          <p className="tags">
            {names.map((name) => (
              <code key={name}>{name}</code>
            ))}
          </p>
        )}
        <div>
          <Button onClick={() => setRows([0])}>
            {t(names.length > 0 ? 'webhooks.replaceHeaders' : 'webhooks.addHeader')}
          </Button>
        </div>
      </fieldset>
    )
  }
  return (
    <fieldset>
      <legend>{t('webhooks.headers')}</legend>
      <p className="hint">{t(names.length > 0 ? 'webhooks.headersReplaced' : 'webhooks.headersHint')}</p>
      <input type="hidden" name="headers" value="given" />
      {rows.map((row) => (
        <div key={row} className="header-row">
          <input
            name="headerName"
            aria-label={t('webhooks.headerName')}
            placeholder="Authorization"
            autoComplete="off"
          />
          <input
            name="headerValue"
            type="password"
            aria-label={t('webhooks.headerValue')}
            placeholder={t('webhooks.headerValue')}
            autoComplete="off"
          />
          <Button kind="quiet" onClick={() => setRows(rows.filter((each) => each !== row))}>
            {t('webhooks.removeHeader')}
          </Button>
        </div>
      ))}
      <div className="actions">
        <Button onClick={() => setRows([...rows, (rows.at(-1) ?? -1) + 1])}>{t('webhooks.addHeader')}</Button>
        <Button kind="quiet" onClick={() => setRows(undefined)}>
          {t(names.length > 0 ? 'webhooks.keepHeaders' : 'webhooks.noHeaders')}
        </Button>
      </div>
    </fieldset>
  )
}

/** What the form says, apart from the URL. */
function settingsOf(form: FormData) {
  const types = form.get('which') === 'some' ? (form.getAll('type') as EventType[]) : []
  if (form.get('which') === 'some' && types.length === 0) throw new Error(t('webhooks.chooseOne'))
  const values = form.getAll('headerValue')
  const headers = form
    .getAll('headerName')
    .map((name, place) => [String(name).trim(), String(values[place] ?? '')] as const)
    .filter(([name]) => name !== '')
  return {
    description: textOf(form, 'description'),
    types,
    headers: form.get('headers') === null ? null : Object.fromEntries(headers),
  }
}
