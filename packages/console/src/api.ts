import {
  Client,
  type CombinedError,
  type DocumentInput,
  fetchExchange,
  mapExchange,
  stringifyDocument,
} from '@urql/core'
import { createClient } from 'graphql-ws'
import { useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { WorkspaceEventsDocument, type WorkspaceEventsSubscription } from './generated/graphql.ts'
import { navigate } from './router.ts'
import { t } from './texts.ts'

const HEADERS = { 'x-latchkey-console': '1' }

/** What the server says before somebody has signed in. */
export interface Session {
  signedIn: boolean
  oidc: boolean
  sandbox: boolean
  docs: boolean
}

let reading: Promise<Session> | undefined
let docsAreServed = false

/** Whether this deployment serves its documentation. Pages are shown only after the session was read, which says it. */
export function hasDocs(): boolean {
  return docsAreServed
}

/** Reads the session again after a sign-in, and once for those who ask at the same time. */
export function readSession(): Promise<Session> {
  reading ??= fetchSession().finally(() => {
    reading = undefined
  })
  return reading
}

async function fetchSession(): Promise<Session> {
  const response = await fetch('/console/session', { headers: HEADERS })
  if (!response.ok) throw new Error(await messageOf(response))
  const session: Session = await response.json()
  docsAreServed = session.docs
  return session
}

/** @throws Error with the message of the server */
export async function signIn(key: string): Promise<void> {
  const headers = { ...HEADERS, 'content-type': 'application/json' }
  const response = await fetch('/console/session', { method: 'POST', headers, body: JSON.stringify({ key }) })
  if (response.status === 401) throw new Error(t('common.keyRefused'))
  if (!response.ok) throw new Error(await messageOf(response))
}

export async function signOut(): Promise<void> {
  // Drafts belong to the person who wrote them.
  sessionStorage.clear()
  await fetch('/console/session', { method: 'DELETE', headers: HEADERS })
  location.assign('/console/sign-in')
}

async function messageOf(response: Response): Promise<string> {
  const body = await response.json().catch(() => null)
  return body?.error?.message ?? `${response.status} ${response.statusText}`
}

/** Leads to the sign-in, and from there back to this page. @param ended the session has ended while it was used */
export function askToSignIn({ ended = false } = {}): void {
  const back = `${location.pathname.slice('/console'.length)}${location.search}`
  if (back.startsWith('/sign-in')) return
  const query = new URLSearchParams(back === '' || back === '/' ? {} : { back })
  if (ended) query.set('problem', 'ended')
  navigate(`/sign-in${query.size === 0 ? '' : `?${query}`}`, { replace: true })
}

export const client = new Client({
  url: '/graphql',
  exchanges: [
    mapExchange({
      onError({ graphQLErrors }) {
        if (isUnauthenticated(graphQLErrors)) askToSignIn({ ended: true })
      },
    }),
    fetchExchange,
  ],
  fetchOptions: { headers: HEADERS, credentials: 'same-origin' },
  preferGetMethod: false,
})

interface Loaded<Data> {
  data: Data | undefined
  /** The message of the last failure. */
  error: string | undefined
  /** Its code, such as FORBIDDEN. Undefined: the server did not answer. */
  code: string | undefined
  /** Loads again and keeps what is shown until then. */
  reload: () => void
}

/** Answers that were asked for before a component needed them, by document and variables. Each is used once. */
const prefetched = new Map<string, Promise<unknown>>()

const keyOf = (document: DocumentInput<unknown, never>, variables: object) =>
  `${stringifyDocument(document)} ${JSON.stringify(variables)}`

/** Asks for a document that a component will need in a moment. */
export function prefetch<Data, Variables extends object>(
  document: DocumentInput<Data, Variables>,
  variables: Variables,
): void {
  prefetched.set(keyOf(document, variables), client.query(document, variables).toPromise())
}

function request<Data, Variables extends object>(document: DocumentInput<Data, Variables>, variables: Variables) {
  const key = keyOf(document, variables)
  const early = prefetched.get(key)
  prefetched.delete(key)
  const answer = client.query(document, variables)
  return early === undefined ? answer.toPromise() : (early as ReturnType<typeof answer.toPromise>)
}

/** How long a page waits before it asks a server again that could not be reached. */
const RETRY_MS = 5_000

/** Whether there was no answer. `fetch` says so with a `TypeError`. */
const isUnreachable = (error: CombinedError | undefined) => error?.networkError instanceof TypeError

/** Loads a document when its variables change. What is shown stays until the answer for the same page is there. */
export function useDocument<Data, Variables extends object>(
  document: DocumentInput<Data, Variables>,
  variables: Variables,
): Loaded<Data> {
  const key = JSON.stringify(variables)
  const [state, setState] = useState<{
    data?: Data | undefined
    error?: string | undefined
    code?: string | undefined
  }>({})
  const [count, setCount] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the variables, the count for reloads
  useEffect(() => {
    let left = false
    let timer: number | undefined
    void request(document, variables).then(({ data, error }) => {
      if (left) return
      if (isUnreachable(error)) timer = window.setTimeout(() => setCount((before) => before + 1), RETRY_MS)
      setState((before) => ({
        data: data ?? before.data,
        error: isUnreachable(error)
          ? t('common.unreachable')
          : (error?.graphQLErrors[0]?.message ?? error?.networkError?.message),
        code: error?.graphQLErrors[0]?.extensions.code as string | undefined,
      }))
    })
    return () => {
      left = true
      clearTimeout(timer)
    }
  }, [document, key, count])
  return { data: state.data, error: state.error, code: state.code, reload: () => setCount((before) => before + 1) }
}

interface FieldProblem {
  /** Begins with the name of the argument: `["input", "slug"]`. */
  path: readonly string[]
  message: string
}

interface MutationAnswer {
  __typename?: string
  message?: string
  fields?: readonly FieldProblem[]
  details?: unknown
}

/** An expected error of a mutation. */
export class RefusedError extends Error {
  /** The invalid fields. Empty: another error, or the document does not ask for them. */
  readonly fields: readonly FieldProblem[]
  /** Further facts, such as the line. Empty: none, or the document does not ask for them. */
  readonly details: Readonly<Record<string, unknown>>

  constructor(message: string, { fields, details }: Pick<MutationAnswer, 'fields' | 'details'>) {
    super(message)
    this.fields = fields ?? []
    this.details = { ...(details as object | null | undefined) }
  }
}

/** Runs a mutation of one field. @returns its payload. @throws RefusedError; Error with the message for people */
export async function mutate<Data extends Record<string, MutationAnswer>, Variables extends object>(
  document: DocumentInput<Data, Variables>,
  variables: Variables,
): Promise<Data[keyof Data]> {
  const { data, error } = await client.mutation(document, variables).toPromise()
  if (isUnreachable(error)) throw new Error(t('common.notSent'))
  if (error !== undefined) {
    throw new Error(error.graphQLErrors[0]?.message ?? error.networkError?.message ?? error.message)
  }
  const payload = Object.values(data ?? {})[0] as Data[keyof Data] | undefined
  if (payload === undefined) throw new Error('The answer is empty.')
  if (payload.__typename?.endsWith('Error')) throw new RefusedError(payload.message ?? '', payload)
  return payload
}

export type Live = 'connecting' | 'live' | 'offline'

let live: Live = 'connecting'
const watchers = new Set<() => void>()

function setLive(next: Live): void {
  live = next
  for (const changed of watchers) changed()
}

/** Whether events arrive. */
export function useLive(): Live {
  return useSyncExternalStore(
    (changed) => {
      watchers.add(changed)
      return () => watchers.delete(changed)
    },
    () => live,
  )
}

/** Close code of a session that has ended. */
const FORBIDDEN = 4403

const socket = createClient({
  url: `${location.origin.replace('http', 'ws')}/graphql`,
  retryAttempts: Number.POSITIVE_INFINITY,
  shouldRetry: (event) => (event as { code?: number }).code !== FORBIDDEN,
  retryWait: async (retries) => new Promise((resolve) => setTimeout(resolve, Math.min(500 * 2 ** retries, 8_000))),
  on: {
    connecting: () => setLive(live === 'offline' ? 'offline' : 'connecting'),
    connected: () => setLive('live'),
    closed(event) {
      setLive('offline')
      if ((event as { code?: number }).code === FORBIDDEN) askToSignIn({ ended: true })
    },
  },
})

function isUnauthenticated(errors: unknown): boolean {
  return (
    Array.isArray(errors) &&
    errors.some((error: { extensions?: { code?: unknown } }) => error.extensions?.code === 'UNAUTHENTICATED')
  )
}

/** A connection that takes longer than this may come after what the page loaded. */
const SLOW_MS = 250

export type LiveEvent = WorkspaceEventsSubscription['workspaceEvents']

/**
 * Calls `onEvent` for each event of a subscription, and `onGap` when events may have been missed: after a connection that was lost.
 * @param read takes the event out of the data
 */
export function useEvents<Data, Variables extends { workspaceId: string }, Event>(
  document: DocumentInput<Data, Variables>,
  variables: Variables,
  read: (data: Data) => Event,
  onEvent: (event: Event) => void,
  onGap: () => void,
): void {
  const latest = useRef({ read, onEvent, onGap })
  latest.current = { read, onEvent, onGap }
  const key = JSON.stringify(variables)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the variables
  useEffect(() => {
    let connections = 0
    const beganAt = performance.now()
    const stopWatching = socket.on('connected', () => {
      connections += 1
      // What a page shows may have been loaded before the first connection, when that took long.
      if (connections > 1 || performance.now() - beganAt > SLOW_MS) latest.current.onGap()
    })
    const stop = socket.subscribe<Data>(
      { query: stringifyDocument(document), variables },
      {
        next({ data, errors }) {
          if (isUnauthenticated(errors)) askToSignIn({ ended: true })
          else if (data != null) latest.current.onEvent(latest.current.read(data))
        },
        error(failure) {
          setLive('offline')
          if (isUnauthenticated(failure)) askToSignIn({ ended: true })
        },
        complete: () => undefined,
      },
    )
    return () => {
      stopWatching()
      stop()
    }
  }, [document, key])
}

interface Listener {
  onEvent: (event: LiveEvent) => void
  onGap: () => void
}

const listeners = new Map<string, Set<Listener>>()

/** Calls `onEvent` for each event of a workspace, and `onGap` when events may have been missed. */
export function useWorkspaceEvents(workspaceId: string, onEvent: Listener['onEvent'], onGap: Listener['onGap']): void {
  const latest = useRef<Listener>({ onEvent, onGap })
  latest.current = { onEvent, onGap }
  useEffect(() => {
    const listener: Listener = {
      onEvent: (event) => latest.current.onEvent(event),
      onGap: () => latest.current.onGap(),
    }
    const all = listeners.get(workspaceId) ?? new Set()
    listeners.set(workspaceId, all.add(listener))
    return () => void all.delete(listener)
  }, [workspaceId])
}

/** Subscribes to the events of the workspace, once for all of its pages. */
export function useEventsOfWorkspace(workspaceId: string): void {
  const tell = (what: (listener: Listener) => void) => {
    for (const listener of listeners.get(workspaceId) ?? []) what(listener)
  }
  useEvents(
    WorkspaceEventsDocument,
    { workspaceId },
    ({ workspaceEvents }) => workspaceEvents,
    (event) => tell(({ onEvent }) => onEvent(event)),
    () => tell(({ onGap }) => onGap()),
  )
}

/** How long events are collected before a page loads again. */
const COLLECT_MS = 400

/** Reloads a page some time after events of its workspace, at most once in that time. */
export function useReloadOnEvents(
  workspaceId: string,
  reload: () => void,
  concerns: (event: LiveEvent) => boolean = () => true,
): void {
  const timer = useRef<number | undefined>(undefined)
  const later = () => {
    timer.current ??= window.setTimeout(() => {
      timer.current = undefined
      reload()
    }, COLLECT_MS)
  }
  useEffect(() => () => clearTimeout(timer.current), [])
  useWorkspaceEvents(workspaceId, (event) => concerns(event) && later(), reload)
}

/** How often a page loads again what has no events. */
const POLL_MS = 5_000

/**
 * Reloads a page again and again while it is visible, for what changes without an event of the workspace, and after the events that
 * concern it. Default: none.
 */
export function useReloadWhileVisible(
  workspaceId: string,
  reload: () => void,
  concerns: (event: LiveEvent) => boolean = () => false,
): void {
  const latest = useRef(reload)
  latest.current = reload
  useReloadOnEvents(workspaceId, reload, concerns)
  useEffect(() => {
    const timer = setInterval(() => document.visibilityState === 'visible' && latest.current(), POLL_MS)
    return () => clearInterval(timer)
  }, [])
}
