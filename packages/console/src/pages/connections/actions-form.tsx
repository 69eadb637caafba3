import { useState } from 'react'
import { mutate, useDocument } from '../../api.ts'
import { Confirm } from '../../components/dialog.tsx'
import { Empty, Loading, Problem } from '../../components/feedback.tsx'
import { Field, Form, SelectField } from '../../components/form.tsx'
import { jsonOf } from '../../components/metadata.tsx'
import { Json, Mark } from '../../components/values.tsx'
import { setQuery, usePlace } from '../../router.ts'
import { Answer, type ShownAnswer } from './answer.tsx'
import type { ConnectionProps } from './connection.tsx'
import { ConnectionActionsDocument, type ConnectionActionsQuery, RunActionDocument } from './generated/graphql.ts'
import { t } from './texts.ts'

type Action = Extract<ConnectionActionsQuery['node'], { __typename: 'Connection' }>['integration']['actions'][number]

/** The part of JSON Schema of which a form is made. Anything else is entered as JSON. */
interface Schema {
  type?: string | string[]
  description?: string
  enum?: unknown[]
  default?: unknown
}

interface ObjectSchema {
  properties?: Record<string, Schema>
  required?: string[]
}

/** Chooses an action of the integration, asks for its arguments, and shows what it returns. */
export function RunAction({ connection: { id }, readOnly, reload }: ConnectionProps) {
  const { data, error, reload: again } = useDocument(ConnectionActionsDocument, { id })
  const { query } = usePlace()
  if (data === undefined) return error === undefined ? <Loading /> : <Problem message={error} retry={again} />
  const actions = data.node?.__typename === 'Connection' ? data.node.integration.actions : []
  const action = actions.find(({ name }) => name === query.get('action')) ?? actions[0]
  if (action === undefined) return <Empty title={t('actions.empty')} text={t('actions.emptyText')} />
  return (
    <>
      <div className="filters">
        <label className="filter wide">
          <span>{t('actions.action')}</span>
          <select value={action.name} onChange={(event) => setQuery({ action: event.target.value })}>
            {actions.map(({ name, title }) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
          </select>
        </label>
      </div>
      <ActionForm key={action.name} action={action} connectionId={id} readOnly={readOnly} reload={reload} />
    </>
  )
}

interface ActionFormProps {
  action: Action
  connectionId: string
  readOnly: string | undefined
  reload: () => void
}

interface Output {
  id: number
  output: unknown
  answer: ShownAnswer
}

function ActionForm({ action, connectionId, readOnly, reload }: ActionFormProps) {
  const [asked, setAsked] = useState<Record<string, unknown>>()
  const [shown, setShown] = useState<Output>()
  const { properties = {}, required = [] } = action.inputSchema as ObjectSchema
  const fields = Object.entries(properties).toSorted(
    ([a], [b]) => Number(required.includes(b)) - Number(required.includes(a)),
  )
  const run = async (given: Record<string, unknown>) => {
    const started = performance.now()
    const payload = await mutate(RunActionDocument, {
      input: { connectionId, action: action.name, arguments: given },
    })
    if (payload.__typename !== 'RunActionPayload') return
    const { output, response, refreshed } = payload
    const answer = { ...response, refreshed, milliseconds: performance.now() - started }
    setShown({ id: (shown?.id ?? 0) + 1, output, answer })
    if (refreshed) reload()
  }
  const submit = async (form: FormData) => {
    const given: Record<string, unknown> = {}
    for (const [name, schema] of fields) {
      const value = argumentOf(name, schema, form)
      if (value !== undefined) given[name] = value
    }
    if (action.readOnly) await run(given)
    else setAsked(given)
  }
  return (
    <div className="request-columns">
      <section className="card request" aria-label={action.title}>
        <div className="line">
          <code>{action.name}</code>
          <Mark tone={action.destructive ? 'bad' : action.readOnly ? 'good' : 'warn'}>
            {t(action.destructive ? 'actions.destructive' : action.readOnly ? 'actions.reads' : 'actions.writes')}
          </Mark>
        </div>
        {action.description !== null && <p className="hint">{action.description}</p>}
        <Form
          action={t('actions.run')}
          onSubmit={submit}
          disabledBecause={action.readOnly ? undefined : readOnly && t('requests.readerAction')}
        >
          {fields.map(([name, schema]) => (
            <Argument key={name} name={name} schema={schema} required={required.includes(name)} />
          ))}
        </Form>
      </section>
      <section aria-label={t('actions.output')}>
        {shown === undefined ? (
          <p className="faint">{t('actions.none')}</p>
        ) : (
          <>
            {shown.output !== null && (
              <article className="card answer">
                <header className="line">
                  <span className="title">{t('actions.output')}</span>
                </header>
                <Json value={shown.output} />
              </article>
            )}
            <Answer key={shown.id} answer={shown.answer} title={t('requests.answer')} />
          </>
        )}
      </section>
      {asked !== undefined && (
        <Confirm
          title={t('actions.ask', { title: action.title })}
          text={t(action.destructive ? 'actions.askDestructive' : 'actions.askText')}
          action={t('actions.run')}
          kind={action.destructive ? 'danger' : 'primary'}
          onConfirm={() => run(asked)}
          onClose={() => setAsked(undefined)}
        >
          <Json value={asked} />
        </Confirm>
      )}
    </div>
  )
}

type Kind = 'choice' | 'flag' | 'number' | 'text' | 'json'

function kindOf({ type, enum: choices }: Schema): Kind {
  if (choices?.every((each) => typeof each === 'string')) return 'choice'
  const [only = '', ...others] = [type ?? []].flat().filter((each) => each !== 'null')
  if (others.length > 0) return 'json'
  if (only === 'boolean') return 'flag'
  if (only === 'integer' || only === 'number') return 'number'
  return only === 'string' ? 'text' : 'json'
}

/** Names of arguments whose text is usually long. */
const LONG_TEXTS = /^(body|text|content|message|description|html|comment|note)$/

function Argument({ name, schema, required }: { name: string; schema: Schema; required: boolean }) {
  const kind = kindOf(schema)
  const { description, default: usual } = schema
  const shared = { label: name, name, required, defaultValue: textOfValue(usual) }
  if (kind === 'choice' || kind === 'flag') {
    const choices = kind === 'flag' ? ['true', 'false'] : (schema.enum as string[])
    return (
      <SelectField
        {...shared}
        hint={description}
        options={[
          ...(required ? [] : [['', t('actions.unset')] as const]),
          ...choices.map((each) => [each, each] as const),
        ]}
      />
    )
  }
  return (
    <Field
      {...shared}
      hint={kind === 'json' ? [description, t('actions.json')].filter(Boolean).join(' ') : description}
      type={kind === 'number' ? 'number' : 'text'}
      multiline={kind === 'json' || LONG_TEXTS.test(name)}
    />
  )
}

function textOfValue(value: unknown): string {
  if (value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** The value of an argument. Undefined: it is left out. @throws Error if it is not JSON where it has to be */
function argumentOf(name: string, schema: Schema, form: FormData): unknown {
  const text = String(form.get(name) ?? '')
  if (text.trim() === '') return undefined
  const kind = kindOf(schema)
  if (kind === 'number') return Number(text)
  if (kind === 'flag') return text === 'true'
  return kind === 'json' ? jsonOf(text, name) : text
}
