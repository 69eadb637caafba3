import { useState } from 'react'
import { mutate } from '../../api.ts'
import { Confirm } from '../../components/dialog.tsx'
import { Field, Form, SelectField } from '../../components/form.tsx'
import { Mark, Time } from '../../components/values.tsx'
import { setQuery, usePlace } from '../../router.ts'
import { RunAction } from './actions-form.tsx'
import { Answer, type ShownAnswer, toneOf } from './answer.tsx'
import type { ConnectionProps } from './connection.tsx'
import { ExecuteRequestDocument, type ExecuteRequestInput, type HttpMethod } from './generated/graphql.ts'
import { t } from './texts.ts'

const METHODS: readonly HttpMethod[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD']
const READING: readonly HttpMethod[] = ['GET', 'HEAD']

/** Sends requests through a connection: any request, or an action of its integration. */
export function Requests(props: ConnectionProps) {
  const { query } = usePlace()
  const mode = query.get('mode') === 'action' ? 'action' : 'request'
  return (
    <>
      <fieldset className="segments">
        <legend className="hidden">{t('requests.mode')}</legend>
        {(['request', 'action'] as const).map((each) => (
          <label key={each}>
            <input
              type="radio"
              name="mode"
              checked={mode === each}
              onChange={() => setQuery({ mode: each === 'action' ? each : '', action: '' })}
            />
            <span>{t(`requests.${each}`)}</span>
          </label>
        ))}
      </fieldset>
      {mode === 'action' ? <RunAction {...props} /> : <AnyRequest {...props} />}
    </>
  )
}

/** A request as it stands in the form. */
interface Draft {
  method: HttpMethod
  path: string
  query: string
  headers: string
  body: string
}

interface Sent {
  id: number
  at: string
  draft: Draft
  answer: ShownAnswer
}

const MAX_SENT = 20
/** What was sent through each connection. It is gone when the page is left or loaded again. */
const history = new Map<string, Sent[]>()
let sentCount = 0

const EMPTY: Draft = { method: 'GET', path: '/', query: '', headers: '', body: '' }

function AnyRequest({ connection: { id, integration }, readOnly, reload }: ConnectionProps) {
  const [draft, setDraft] = useState<Draft>(history.get(id)?.[0]?.draft ?? EMPTY)
  // A draft that is taken from the history fills the fields anew.
  const [formKey, setFormKey] = useState(0)
  const [method, setMethod] = useState(draft.method)
  const [asked, setAsked] = useState<Draft>()
  const [shown, setShown] = useState<Sent | undefined>(history.get(id)?.[0])
  const isReading = READING.includes(method)
  const sent = history.get(id) ?? []

  const send = async (request: Draft) => {
    const started = performance.now()
    const payload = await mutate(ExecuteRequestDocument, { input: inputOf(id, request) })
    if (payload.__typename !== 'ExecuteRequestPayload') return
    const { response, refreshed } = payload
    const entry: Sent = {
      id: ++sentCount,
      at: new Date().toISOString(),
      draft: request,
      answer: { ...response, refreshed, milliseconds: performance.now() - started },
    }
    history.set(id, [entry, ...sent].slice(0, MAX_SENT))
    setShown(entry)
    if (refreshed) reload()
  }
  const submit = async (form: FormData) => {
    const request = draftOf(form)
    // Mistakes are found before the question.
    inputOf(id, request)
    if (READING.includes(request.method)) await send(request)
    else setAsked(request)
  }
  const reuse = (entry: Sent) => {
    setDraft(entry.draft)
    setMethod(entry.draft.method)
    setFormKey(formKey + 1)
    setShown(entry)
  }
  return (
    <div className="request-columns">
      <section className="card request" aria-label={t('requests.request')}>
        <Form
          key={formKey}
          action={t('requests.send')}
          onSubmit={submit}
          disabledBecause={readOnly !== undefined && !isReading ? t('requests.readerMethod') : undefined}
        >
          {integration.baseUrl !== null && (
            <p className="hint">
              {t('requests.base')} <code>{integration.baseUrl}</code>
            </p>
          )}
          <div className="pair method">
            <SelectField
              label={t('requests.method')}
              name="method"
              options={METHODS.map((each) => [each, each])}
              defaultValue={draft.method}
              onChange={(value) => setMethod(value as HttpMethod)}
            />
            <Field label={t('requests.path')} name="path" required defaultValue={draft.path} placeholder="/users/me" />
          </div>
          <Field
            label={t('requests.query')}
            name="query"
            multiline
            hint={t('requests.queryHint')}
            defaultValue={draft.query}
          />
          <Field
            label={t('requests.headers')}
            name="headers"
            multiline
            hint={t('requests.headersHint')}
            defaultValue={draft.headers}
          />
          {!isReading && (
            <Field
              label={t('requests.body')}
              name="body"
              multiline
              hint={t('requests.bodyHint')}
              defaultValue={draft.body}
            />
          )}
        </Form>
      </section>
      <section aria-label={t('requests.answer')}>
        {shown === undefined ? (
          <p className="faint">{t('requests.none')}</p>
        ) : (
          <Answer key={shown.id} answer={shown.answer} title={`${shown.draft.method} ${shown.draft.path}`} />
        )}
        {sent.length > 1 && (
          <>
            <h2>{t('requests.history')}</h2>
            <p className="faint">{t('requests.historyText')}</p>
            <ul className="card list">
              {sent.map((entry) => (
                <li key={entry.id} className="row">
                  <button type="button" className="main stretched bare" onClick={() => reuse(entry)}>
                    <code>
                      {entry.draft.method} {entry.draft.path}
                    </code>
                  </button>
                  <span className="side">
                    <Mark tone={toneOf(entry.answer.status)}>{entry.answer.status}</Mark>
                    <Time at={entry.at} />
                  </span>
                </li>
              ))}
            </ul>
          </>
        )}
      </section>
      {asked !== undefined && (
        <Confirm
          title={t('requests.ask', { method: asked.method, path: asked.path })}
          text={t('requests.askText')}
          action={t('requests.send')}
          kind={asked.method === 'DELETE' ? 'danger' : 'primary'}
          onConfirm={() => send(asked)}
          onClose={() => setAsked(undefined)}
        />
      )}
    </div>
  )
}

function draftOf(form: FormData): Draft {
  const text = (name: string) => String(form.get(name) ?? '').trim()
  return {
    method: METHODS.find((each) => each === form.get('method')) ?? 'GET',
    ...{ path: text('path'), query: text('query'), headers: text('headers'), body: text('body') },
  }
}

/** @throws Error that names a line which cannot be read */
function inputOf(connectionId: string, { method, path, query, headers, body }: Draft): ExecuteRequestInput {
  const parameters: Record<string, string | string[]> = {}
  for (const [name, value] of pairsOf(query, '=')) {
    const before = parameters[name]
    parameters[name] = before === undefined ? value : [before, value].flat()
  }
  const input: ExecuteRequestInput = { connectionId, method, path, query: parameters }
  if (headers !== '') input.headers = Object.fromEntries(pairsOf(headers, ':'))
  if (body !== '' && !READING.includes(method)) input.body = jsonOrText(body)
  return input
}

function pairsOf(text: string, separator: string): [name: string, value: string][] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const at = line.indexOf(separator)
      if (at < 1) throw new Error(t('requests.badLine', { line, separator }))
      return [line.slice(0, at).trim(), line.slice(at + 1).trim()]
    })
}

/** A body that is JSON is sent as JSON, anything else as text. */
function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
