/** The connection that a session has created or renewed. */
export interface ConnectedConnection {
  /** Global id, as in the GraphQL API. */
  id: string
  status: 'PENDING' | 'ACTIVE' | 'NEEDS_REAUTH' | 'ERROR' | 'DISABLED'
  displayName: string
  /** The slug of its integration. */
  integration: string
}

export interface ConnectOptions {
  /**
   * The token from `createConnectSession`. The session's `allowedOrigins` must contain the origin of this page. With a promise
   * the popup opens at once, before the token is there, because browsers allow popups only right after a click.
   */
  token: string | Promise<string>
  /** The address of the gateway. Default: the origin of this script. */
  url?: string
  /**
   * `popup`: opens the hosted page in a popup, or like `redirect` if popups are blocked. `redirect`: replaces this page with the
   * hosted page, which returns to the session's redirectUrl. `watch`: opens nothing and only waits, for a link that is opened
   * elsewhere. Default: `popup`.
   */
  mode?: 'popup' | 'redirect' | 'watch'
  /** The features argument of `window.open`. */
  popupFeatures?: string
  /**
   * Sends the one-time handle to your backend. The backend calls `confirmConnection` with the handle and the end user who is
   * signed in. Without this function, or when the windows cannot communicate, the handle is passed to the redirectUrl.
   */
  onHandle?: (handle: string, connectionId: string) => unknown
  /**
   * Called once when this page can no longer tell whether the popup is still open at the provider: the user has closed it, or
   * the provider's page has cut the windows apart (Cross-Origin-Opener-Policy). The user may still finish, so the promise
   * stays open. Offer to start again: call `connect` again, with the same token or a new one, and abort this call with `signal`.
   */
  onLost?: () => unknown
  /** Stops waiting and closes the popup. */
  signal?: AbortSignal
  /** Time between status requests, in milliseconds. Default: 1,000. */
  pollEveryMs?: number
}

/**
 * Lets the user of this page connect an account.
 *
 * @returns the connection when it can be used; null: the session failed, expired or was revoked, the popup was closed while
 * it showed a page of the gateway, or `signal` was aborted
 */
export function connect(options: ConnectOptions): Promise<ConnectedConnection | null>

declare global {
  // The script sets this when it is loaded.
  var latchkey: { connect: typeof connect }
}
