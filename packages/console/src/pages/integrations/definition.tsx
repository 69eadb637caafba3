import { lazy, Suspense, useEffect, useMemo, useRef, useState } from 'react'
import { mutate, RefusedError, useDocument } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { Confirm } from '../../components/dialog.tsx'
import { Empty, Loading, messageOf, Notice, PageHead, Problem } from '../../components/feedback.tsx'
import { Field, textOf } from '../../components/form.tsx'
import { ButtonLink, Link } from '../../components/link.tsx'
import { navigate } from '../../router.ts'
import type { WorkspacePageProps } from '../../routes.tsx'
import type { Problem as TextProblem } from './editor/code-editor.tsx'
import { exampleDefinition } from './editor/example.ts'
import { type Fault, isObject, type JsonSchema } from './editor/json-schema.ts'
import {
  CreateIntegrationDocument,
  IntegrationDefinitionDocument,
  type IntegrationDefinitionQuery,
  UpdateIntegrationDocument,
} from './generated/graphql.ts'
import { t } from './texts.ts'
import { TryDefinition } from './try-definition.tsx'

const CodeEditor = lazy(async () => ({ default: (await import('./editor/code-editor.tsx')).CodeEditor }))

type Edited = NonNullable<NonNullable<IntegrationDefinitionQuery['workspace']>['integration']>

/** The definition of an integration. @param slug null: of a new one */
export function DefinitionPage({ slug, ...props }: WorkspacePageProps & { slug: string | null }) {
  return slug === null ? <Editing {...props} edited={null} /> : <ExistingDefinition {...props} slug={slug} />
}

function ExistingDefinition({ slug, ...props }: WorkspacePageProps & { slug: string }) {
  const { data, error, reload } = useDocument(IntegrationDefinitionDocument, { workspaceId: props.workspace.id, slug })
  if (data === undefined)
    return error === undefined ? <Loading lines={8} /> : <Problem message={error} retry={reload} />
  const edited = data.workspace?.integration
  if (edited == null) return <Empty title={t('common.noMatch')} text={t('common.missing')} />
  if (edited.definition === null) return <Empty title={edited.displayName} text={t('definition.hidden')} />
  return <Editing {...props} edited={edited} />
}

const draftKey = (workspaceId: string, slug = '') => `latchkey:definition:${workspaceId}:${slug}`

/** What was written of a new definition and not saved yet, for the page that brings one. */
export function newDefinitionDraft(workspaceId: string) {
  const key = draftKey(workspaceId)
  return { read: () => sessionStorage.getItem(key), write: (text: string) => sessionStorage.setItem(key, text) }
}

/** What was written and not saved yet. Values for a try are no part of it. Kept until the tab is closed. */
function useTextDraft(key: string, stored: string) {
  const [initial] = useState(() => sessionStorage.getItem(key) ?? stored)
  const [text, setText] = useState(initial)
  useEffect(() => {
    if (text === stored) sessionStorage.removeItem(key)
    else sessionStorage.setItem(key, text)
  }, [key, text, stored])
  return { initial, text, setText, isChanged: text !== stored, drop: () => sessionStorage.removeItem(key) }
}

interface EditingProps extends WorkspacePageProps {
  edited: Edited | null
}

function Editing({ workspace, base, readOnly, edited }: EditingProps) {
  const stored = useMemo(
    () => (edited === null ? exampleDefinition() : `${JSON.stringify(edited.definition, null, 2)}\n`),
    [edited],
  )
  const draft = useTextDraft(draftKey(workspace.id, edited?.slug), stored)
  const [version, setVersion] = useState(0)
  const [initial, setInitial] = useState(draft.initial)
  const [faults, setFaults] = useState<readonly Fault[]>([])
  const [problems, setProblems] = useState<TextProblem[]>([])
  const [message, setMessage] = useState<string>()
  const [asked, setAsked] = useState<'slug' | 'affected' | 'discard'>()
  const [affected, setAffected] = useState(0)
  const goTo = useRef<(position: number) => void>(() => undefined)
  const schema = useSchema()
  const definition = parsed(draft.text)
  const place = edited === null ? `${base}/integrations/new` : `${base}/integrations/${edited.slug}`

  /** Shows what the server found at its place in the text. @returns whether it concerns the text */
  const show = (failure: unknown): boolean => {
    if (!(failure instanceof RefusedError)) return false
    const found = failure.fields.filter(({ path }) => path[0] === 'input' && path[1] === 'definition')
    if (found.length === 0) return false
    setFaults(found.map(({ path, message: text }) => ({ path: path.slice(2), message: text })))
    setMessage(t('definition.refused'))
    return true
  }
  /** Runs something that may find faults in the text. */
  const guarded = async (work: () => Promise<void>) => {
    setMessage(undefined)
    if (definition === undefined) {
      setMessage(t('definition.notJson'))
      return
    }
    try {
      await work()
    } catch (failure) {
      if (!show(failure)) setMessage(messageOf(failure))
    }
  }
  /** Fails if the server finds faults in a new definition. Without a slug, nothing is created, and it says what else is wrong. */
  const refuseFaults = async () => {
    try {
      await mutate(CreateIntegrationDocument, { input: { workspaceId: workspace.id, slug: '', definition } })
    } catch (failure) {
      const isSlugOnly = failure instanceof RefusedError && failure.fields.every(({ path }) => path[1] === 'slug')
      if (!isSlugOnly || failure.fields.length === 0) throw failure
    }
  }
  const save = () =>
    guarded(async () => {
      if (edited === null) {
        await refuseFaults()
        setAsked('slug')
        return
      }
      const input = { integrationId: edited.id, definition }
      const dry = await mutate(UpdateIntegrationDocument, { input: { ...input, dryRun: true } })
      const count = dry.__typename === 'UpdateIntegrationPayload' ? dry.connectionsAffected : 0
      setAffected(count)
      if (count > 0) setAsked('affected')
      else await update()
    })
  /** @param secret of the OAuth client, which a definition that moves an address needs again */
  const update = async (secret: string | null = null) => {
    if (edited === null) return
    const client = edited.oauthClient
    try {
      await mutate(UpdateIntegrationDocument, {
        input: {
          integrationId: edited.id,
          definition,
          ...(secret === null || client === null
            ? {}
            : { oauthClient: { clientId: client.clientId, clientSecret: secret } }),
        },
      })
    } catch (failure) {
      const isSecret = failure instanceof RefusedError && failure.fields.some(({ path }) => path[1] === 'oauthClient')
      if (isSecret && asked !== 'affected') setAsked('affected')
      throw failure
    }
    draft.drop()
    navigate(place)
  }
  const create = async (form: FormData) => {
    try {
      const payload = await mutate(CreateIntegrationDocument, {
        input: { workspaceId: workspace.id, slug: textOf(form, 'slug') ?? '', definition },
      })
      if (payload.__typename !== 'CreateIntegrationPayload') return
      draft.drop()
      navigate(`${base}/integrations/${payload.integration.slug}/setup`, { replace: true })
    } catch (failure) {
      if (show(failure)) setAsked(undefined)
      else throw failure
    }
  }
  const discard = async () => {
    setInitial(stored)
    draft.setText(stored)
    setFaults([])
    setMessage(undefined)
    setVersion((before) => before + 1)
  }
  return (
    <>
      <Link to={place} className="back">
        ← {edited?.displayName ?? t('catalogue.title')}
      </Link>
      <PageHead title={edited === null ? t('definition.new') : t('definition.title', { name: edited.displayName })}>
        {edited === null && <ButtonLink to={`${base}/integrations/new/import`}>{t('import.title')}</ButtonLink>}
      </PageHead>
      <p className="soft definition-intro">
        {t('definition.text')} <code>Ctrl</code> + <code>Space</code> {t('definition.textKeys')}
      </p>
      <div className="definition">
        <div>
          <Suspense fallback={<Loading lines={10} />}>
            <CodeEditor
              key={version}
              label={t('definition.label')}
              initial={initial}
              schema={schema}
              faults={faults}
              readOnly={readOnly !== undefined}
              onChange={(text) => {
                draft.setText(text)
                setMessage(undefined)
              }}
              onProblems={(next) => setProblems((before) => (sameProblems(before, next) ? before : next))}
              onReady={(go) => {
                goTo.current = go
              }}
            />
          </Suspense>
          {problems.length > 0 && (
            <ul className="problems" aria-label={t('definition.problems')}>
              {problems.map(({ from, line, message: text }) => (
                <li key={`${from} ${text}`}>
                  <button type="button" onClick={() => goTo.current(from)}>
                    <span className="number">{t('definition.line', { line: String(line) })}</span> {text}
                  </button>
                </li>
              ))}
            </ul>
          )}
          {message !== undefined && <Notice tone="bad">{message}</Notice>}
          <div className="actions after-form">
            <Button kind="primary" onClick={() => void save()} disabledBecause={readOnly}>
              {t(edited === null ? 'create.action' : 'common.save')}
            </Button>
            {draft.isChanged && (
              <Button kind="quiet" onClick={() => setAsked('discard')}>
                {t('definition.discard')}
              </Button>
            )}
          </div>
          {readOnly !== undefined && <p className="faint">{readOnly}</p>}
        </div>
        <TryDefinition
          workspaceId={workspace.id}
          definition={definition}
          readOnly={readOnly}
          onRefused={(failure) => {
            setMessage(undefined)
            return show(failure)
          }}
        />
      </div>
      {asked === 'slug' && (
        <Confirm
          title={t('create.action')}
          text={t('definition.slugText')}
          action={t('create.action')}
          onConfirm={create}
          onClose={() => setAsked(undefined)}
        >
          <Field
            name="slug"
            label={t('create.slug')}
            hint={t('create.slugHint')}
            required
            defaultValue={slugOf(definition)}
          />
        </Confirm>
      )}
      {asked === 'affected' && (
        <Confirm
          title={t('definition.affectedTitle')}
          text={t(affected === 1 ? 'definition.affected.one' : 'definition.affected', { count: affected })}
          action={t('definition.saveAnyway')}
          kind="danger"
          onConfirm={(form) => update(textOf(form, 'clientSecret'))}
          onClose={() => setAsked(undefined)}
        >
          {edited?.oauthClient != null && (
            <Field name="clientSecret" type="password" label={t('client.secret')} hint={t('definition.secretAgain')} />
          )}
        </Confirm>
      )}
      {asked === 'discard' && (
        <Confirm
          title={t('definition.discard')}
          text={t(edited === null ? 'definition.discardNew' : 'definition.discardText')}
          action={t('definition.discard')}
          kind="danger"
          onConfirm={discard}
          onClose={() => setAsked(undefined)}
        />
      )}
    </>
  )
}

/** The schema by which the editor completes. Without it, the text can be edited all the same. */
function useSchema(): JsonSchema | undefined {
  const [schema, setSchema] = useState<JsonSchema>()
  useEffect(() => {
    fetch('/definition.schema.json')
      .then((response) => (response.ok ? response.json() : undefined))
      .then(setSchema, () => undefined)
  }, [])
  return schema
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function sameProblems(one: readonly TextProblem[], other: readonly TextProblem[]): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

/** A slug made of the name in a definition. */
function slugOf(definition: unknown): string {
  const name = isObject(definition) ? String(definition['displayName'] ?? '') : ''
  return name
    .toLowerCase()
    .normalize('NFKD')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replaceAll(/^-+|-+$/g, '')
}
