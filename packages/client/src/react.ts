'use client'

import {
  type ButtonHTMLAttributes,
  createElement,
  type ReactElement,
  type ReactNode,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import { type ConnectedConnection, type ConnectOptions, connect } from './connect.ts'
import { createLatchkey, type Latchkey } from './create-latchkey.ts'
import type { ConnectionStatus, SyncJobStatus } from './generated/types.ts'

/** A token, or a function that fetches one. */
export type TokenSource = string | (() => string | Promise<string>)

export interface UseConnectOptions extends Omit<ConnectOptions, 'token' | 'signal' | 'onLost'> {
  /** The address of the gateway. */
  url: string
  /** The token of a connect session, or a function that fetches one from your backend. It is called for each click. */
  token: TokenSource
  /** Called with the connection when it can be used. */
  onConnected?: ((connection: ConnectedConnection) => unknown) | undefined
}

export interface ConnectState {
  /**
   * `idle`: nothing was started. `connecting`: the page is open. `lost`: it is not known whether the page is still open; offer to start
   * again. `connected`; `ended`: nothing was connected. `failed`: see `error`.
   */
  status: 'idle' | 'connecting' | 'lost' | 'connected' | 'ended' | 'failed'
  connection: ConnectedConnection | null
  error: unknown
  /** Opens the connect page. Call it in the handler of a click, because browsers block other popups. */
  start: () => void
  /** Closes the popup and stops waiting. */
  cancel: () => void
}

type Outcome = Pick<ConnectState, 'status' | 'connection' | 'error'>

const IDLE: Outcome = { status: 'idle', connection: null, error: null }

/** Lets the user connect an account. The popup is closed when the component is removed. */
export function useConnect(options: UseConnectOptions): ConnectState {
  const [outcome, setOutcome] = useState(IDLE)
  const latest = useLatest(options)
  const running = useRef<AbortController | null>(null)
  const cancel = useCallback(() => {
    running.current?.abort()
    running.current = null
  }, [])
  useEffect(() => cancel, [cancel])
  const start = useCallback(() => {
    cancel()
    const { token, onConnected, ...rest } = latest.current
    const abort = new AbortController()
    running.current = abort
    const report = (next: Outcome) => {
      if (running.current === abort) setOutcome(next)
    }
    const onLost = () => report({ ...IDLE, status: 'lost' })
    report({ ...IDLE, status: 'connecting' })
    // Not awaited: the popup has to open during the click.
    const fetched = typeof token === 'function' ? Promise.resolve().then(token) : token
    connect({ ...rest, token: fetched, onLost, signal: abort.signal }).then(
      (connection) => {
        report({ status: connection === null ? 'ended' : 'connected', connection, error: null })
        if (connection !== null && running.current === abort) onConnected?.(connection)
      },
      (error: unknown) => report({ status: 'failed', connection: null, error }),
    )
  }, [cancel, latest])
  const stop = useCallback(() => {
    cancel()
    setOutcome(IDLE)
  }, [cancel])
  return { ...outcome, start, cancel: stop }
}

export interface ConnectButtonProps
  extends UseConnectOptions,
    Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'children' | 'onClick' | 'type'> {
  /** Default: `Connect`. A function gets the state. */
  children?: ReactNode | ((state: ConnectState) => ReactNode)
}

/** A button without styles that opens the connect page. `data-status` has the status, for styles. */
export function ConnectButton({ children = 'Connect', ...props }: ConnectButtonProps): ReactElement {
  const { url, token, mode, popupFeatures, pollEveryMs, onHandle, onConnected, ...button } = props
  const state = useConnect({ url, token, mode, popupFeatures, pollEveryMs, onHandle, onConnected })
  return createElement(
    'button',
    {
      disabled: state.status === 'connecting',
      ...button,
      type: 'button',
      onClick: state.start,
      'aria-busy': state.status === 'connecting',
      'data-status': state.status,
    },
    typeof children === 'function' ? children(state) : children,
  )
}

/** The gateway, as an end user. */
export interface GatewayAccess {
  /** The address of the gateway. */
  url: string
  /** The token of a connect session or of an end user (an OIDC issuer of the workspace), or a function that fetches one. */
  token: TokenSource
  /** Id or slug of the workspace, while the OIDC issuer is not verified. */
  workspace?: string | undefined
}

export interface ConnectionItem {
  id: string
  displayName: string
  status: ConnectionStatus
  statusReason: string | null
  integration: { id: string; slug: string; displayName: string; logoUrl: string | null }
}

export interface ListState<Item> {
  items: Item[]
  loading: boolean
  error: unknown
  /** Reads the list again. */
  reload: () => void
}

const ITEM = 'id displayName status statusReason integration { id slug displayName logoUrl }'
const KIND = '{ viewer { kind } }'
const OF_END_USER = `query ($after: String) { viewer { endUser {
  connections(first: 100, after: $after) { nodes { ${ITEM} } pageInfo { hasNextPage endCursor } } } } }`
const OF_SESSION = `query ($id: ID!) { connectSession(id: $id) { connection { ${ITEM} } } }`

/** The connections of the end user. With the token of a connect session: the connection of that session. */
export function useConnections(gateway: GatewayAccess): ListState<ConnectionItem> {
  const access = useLatchkey(gateway)
  const [state, setState] = useState<Omit<ListState<ConnectionItem>, 'reload'>>({
    items: [],
    loading: true,
    error: null,
  })
  const [round, setRound] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: `reload` changes `round` so that the list is read again
  useEffect(() => {
    const abort = new AbortController()
    setState((previous) => ({ ...previous, loading: true }))
    readConnections(access, abort.signal).then(
      (items) => setState({ items, loading: false, error: null }),
      (error: unknown) => {
        if (!abort.signal.aborted) setState((previous) => ({ ...previous, loading: false, error }))
      },
    )
    return () => abort.abort()
  }, [access, round])
  const reload = useCallback(() => setRound((previous) => previous + 1), [])
  return { ...state, reload }
}

async function readConnections({ url, latchkey, tokenOf }: Access, signal: AbortSignal): Promise<ConnectionItem[]> {
  const options = { signal }
  const { viewer } = await latchkey.request<{ viewer: { kind: string } }>(KIND, {}, options)
  if (viewer.kind === 'CONNECT_SESSION') {
    const response = await fetch(`${url.replace(/\/+$/, '')}/connect/session`, {
      headers: { authorization: `Bearer ${await tokenOf()}` },
      credentials: 'omit',
      signal,
    })
    if (!response.ok) throw new Error(`The gateway answered with the status ${response.status}.`)
    const { session } = await response.json()
    const data = await latchkey.request<{ connectSession: { connection: ConnectionItem | null } | null }>(
      OF_SESSION,
      { id: session.id },
      options,
    )
    return data.connectSession?.connection == null ? [] : [data.connectSession.connection]
  }
  const items: ConnectionItem[] = []
  for (let after: string | null = null; ; ) {
    const data: EndUserConnections = await latchkey.request(OF_END_USER, { after }, options)
    if (data.viewer.endUser === null) throw new Error('The token belongs to no end user.')
    const { nodes, pageInfo } = data.viewer.endUser.connections
    items.push(...nodes)
    if (!pageInfo.hasNextPage) return items
    after = pageInfo.endCursor
  }
}

interface EndUserConnections {
  viewer: {
    endUser: {
      connections: { nodes: ConnectionItem[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } }
    } | null
  }
}

export interface SyncState {
  /** Null: there is no sync job yet. */
  status: SyncJobStatus | null
  recordsRead: number
  /** Null: not known. */
  total: number | null
  /** Why the last sync job failed. */
  message: string | null
  /** The status could not be read. */
  error: unknown
}

const NO_SYNC: SyncState = { status: null, recordsRead: 0, total: null, message: null, error: null }
const LATEST = `query ($id: ID!) { node(id: $id) { ... on Connection {
  events(first: 1, newestFirst: true) { nodes { cursor } }
  latestSyncJob { status recordsRead error { message } streams { total } } } } }`

/** The latest sync job of a connection, live. The token has to be one of an end user. */
export function useSyncStatus({ connectionId, ...gateway }: GatewayAccess & { connectionId: string }): SyncState {
  const access = useLatchkey(gateway)
  const [state, setState] = useState(NO_SYNC)
  useEffect(() => {
    const abort = new AbortController()
    const { signal } = abort
    const { latchkey } = access
    const read = async () => {
      const { node } = await latchkey.request<LatestSync>(LATEST, { id: connectionId }, { signal })
      setState(syncState(node?.latestSyncJob ?? null))
      return node?.events?.nodes[0]?.cursor ?? null
    }
    const run = async () => {
      const after = await read()
      for await (const event of latchkey.events.follow({ connectionId, after }, { signal })) {
        if (event.type.startsWith('SYNC_')) await read()
      }
    }
    run().catch((error: unknown) => {
      if (!signal.aborted) setState((previous) => ({ ...previous, error }))
    })
    return () => abort.abort()
  }, [access, connectionId])
  return state
}

interface LatestSync {
  node: { latestSyncJob?: LatestSyncJob | null; events?: { nodes: { cursor: string }[] } } | null
}

interface LatestSyncJob {
  status: SyncJobStatus
  recordsRead: number
  error: { message: string } | null
  streams: { total: number | null }[]
}

function syncState(job: LatestSyncJob | null): SyncState {
  if (job === null) return NO_SYNC
  const totals = job.streams.map(({ total }) => total)
  const total = totals.reduce<number | null>((sum, each) => (sum === null || each === null ? null : sum + each), 0)
  return {
    status: job.status,
    recordsRead: job.recordsRead,
    total: totals.length === 0 ? null : total,
    message: job.error?.message ?? null,
    error: null,
  }
}

interface Access {
  url: string
  latchkey: Latchkey
  tokenOf: () => string | Promise<string>
}

/** A client that uses the token of the latest rendering, so that a new function in each rendering changes nothing. */
function useLatchkey({ url, token, workspace }: GatewayAccess): Access {
  const latest = useLatest(token)
  return useMemo(() => {
    const tokenOf = () => (typeof latest.current === 'function' ? latest.current() : latest.current)
    return { url, tokenOf, latchkey: createLatchkey({ url, token: tokenOf, workspace }) }
  }, [url, workspace, latest])
}

function useLatest<T>(value: T): { readonly current: T } {
  const latest = useRef(value)
  useEffect(() => {
    latest.current = value
  })
  return latest
}
