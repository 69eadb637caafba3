/** The connection that has come of a session. */
export interface ConnectedConnection {
  /** Global id, as of the GraphQL API. */
  id: string
  status: 'PENDING' | 'ACTIVE' | 'NEEDS_REAUTH' | 'ERROR' | 'DISABLED'
  displayName: string
  /** Slug of its integration. */
  integration: string
}

export interface ConnectOptions {
  /**
   * The token of `createConnectSession`, whose `allowedOrigins` must name the origin of this page. As a promise it may still be
   * on its way: the window is opened at once, as browsers want it.
   */
  token: string | Promise<string>
  /** Default: where this script came from. */
  url?: string
  /**
   * `popup`: the hosted page in a window of its own; where that is blocked, in place of this page. `redirect`: in place of
   * this page, which ends; the session's redirectUrl is where it goes on. `watch`: opens nothing, for a link that is
   * followed elsewhere. Default: `popup`.
   */
  mode?: 'popup' | 'redirect' | 'watch'
  /** Of `window.open`. */
  popupFeatures?: string
  /**
   * Takes the one-time handle to your backend, which passes it to `confirmConnection` together with the end user that it
   * knows is sitting here. Without it, or where the windows cannot see each other, the handle comes to the redirectUrl.
   */
  onHandle?: (handle: string, connectionId: string) => unknown
  /** Gives up. */
  signal?: AbortSignal
  /** Milliseconds. Default: 1,000. */
  pollEveryMs?: number
}

/**
 * Lets the person at this page connect an account.
 * @returns the connection once it may be used; null when nothing came of it: the session failed, expired or was revoked, or
 * `signal` was aborted
 */
export function connect(options: ConnectOptions): Promise<ConnectedConnection | null>

declare global {
  // Set by the script when it is loaded.
  var latchkey: { connect: typeof connect }
}
