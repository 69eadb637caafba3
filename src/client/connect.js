/** @typedef {import('./connect.d.ts').ConnectOptions} ConnectOptions */

const POLL_EVERY_MS = 1_000
const POPUP = 'popup,width=520,height=760'
const OVER = new Set(['FAILED', 'EXPIRED', 'REVOKED'])
/** How often the popup is looked at, and the gateway while the popup may just have been closed. */
const WATCH_EVERY_MS = 250
/** How long the gateway is asked that often after a sign that the popup was closed. */
const HURRY_MS = 2_000
/** The next page of a popup that leaves one reports within this time that it is shown. */
const NEXT_PAGE_MS = 400
/** A popup that looks closed and has shown no page after this time was closed before its first page. */
const FIRST_PAGE_MS = 5_000

/**
 * Lets the user of this page connect an account. Polls the gateway for the result instead of watching the popup: with
 * Cross-Origin-Opener-Policy, on this page or at the provider, the windows cannot communicate and an open popup looks closed.
 * The gateway's own pages report to the gateway when their window is closed. That the popup looks closed is a reason to ask the
 * gateway, and no more than a guess while the provider's page is shown.
 *
 * @param {ConnectOptions} options
 */
export async function connect(options) {
  const { token, mode = 'popup', signal, onHandle, onLost, pollEveryMs = POLL_EVERY_MS } = options
  const gateway = gatewayOf(options.url)
  if (signal?.aborted) return null
  // Before any await, because browsers allow popups only right after a click.
  const popup = mode === 'popup' ? open('', '_blank', options.popupFeatures ?? POPUP) : null
  const wakeUp = createWakeUp()
  let session
  let result
  let handled = false
  /** The popup has nothing more to do. */
  let taken = false
  let hurryUntil = 0
  /** When the popup looked closed first. */
  let closedSince
  /** The id of the gateway's page that was open while the popup did not look closed. */
  let visible
  let left = false
  let lost = false
  const hurry = () => {
    hurryUntil = performance.now() + HURRY_MS
    wakeUp.ring()
  }
  const watch = () => {
    if (popup === null || closedSince !== undefined || !popup.closed) return
    closedSince = performance.now()
    hurry()
  }
  const watching = setInterval(watch, WATCH_EVERY_MS)
  /** @param {MessageEvent} event */
  const onMessage = (event) => {
    if (event.origin !== gateway || popup === null || event.source !== popup) return
    if (event.data?.type !== 'latchkey:connected' || result !== undefined) return
    result = event.data
    wakeUp.ring()
  }
  addEventListener('message', onMessage)
  addEventListener('focus', hurry)
  document.addEventListener('visibilitychange', hurry)
  signal?.addEventListener('abort', wakeUp.ring)
  try {
    const secret = await token
    if (signal?.aborted || popup?.closed) return close(popup)
    const link = `${gateway}/connect/${encodeURIComponent(secret)}`
    if (popup !== null) popup.location.href = link
    else if (mode !== 'watch') {
      // Redirect mode, or the popup was blocked. This page ends here, and the session's redirectUrl continues.
      location.assign(link)
      return await new Promise(() => undefined)
    }
    for (;;) {
      const state = await fetchStatus(gateway, secret)
      if (signal?.aborted) return close(popup)
      if (state === 'unknown') return null
      if (state !== null) {
        session = state.session.id
        if (state.session.status === 'COMPLETED') return state.connection
        if (OVER.has(state.session.status)) return null
      }
      if (!handled && session !== undefined && result?.session === session) {
        handled = true
        // Without a confirmation the popup continues to the redirectUrl with the handle.
        if (result.handle === null || onHandle !== undefined) {
          taken = true
          popup?.postMessage({ type: 'latchkey:received', session }, gateway)
          if (result.handle !== null) await onHandle?.(result.handle, result.connectionId)
          continue
        }
      }
      if (popup !== null && state !== null) {
        const { page, pageId } = state
        if (page === 'OPEN' && !popup.closed) visible = pageId
        // A browser that ends a page at once, as a phone may do, lets it report nothing.
        const gone = page === 'LEFT' || (page === 'OPEN' && popup.closed && pageId === visible)
        if (gone && !taken) {
          // The page may only have been replaced by the next one.
          if (left) return null
          left = true
          await new Promise((resolve) => setTimeout(resolve, NEXT_PAGE_MS))
          continue
        }
        left = false
        if (closedSince !== undefined && page === null) {
          const { status } = state.session
          if (status === 'PENDING' && performance.now() - closedSince > FIRST_PAGE_MS) return null
          if (status === 'CONNECTING' && !lost) {
            lost = true
            await onLost?.()
          }
        }
      }
      await wakeUp.wait(performance.now() < hurryUntil ? WATCH_EVERY_MS : pollEveryMs)
    }
  } catch (error) {
    close(popup)
    throw error
  } finally {
    clearInterval(watching)
    removeEventListener('message', onMessage)
    removeEventListener('focus', hurry)
    document.removeEventListener('visibilitychange', hurry)
    signal?.removeEventListener('abort', wakeUp.ring)
  }
}

function gatewayOf(url) {
  if (url !== undefined) return new URL(url).origin
  const own = new URL(import.meta.url)
  if (own.pathname === '/connect.js') return own.origin
  throw new TypeError('Set the option url to the address of the gateway.')
}

function close(popup) {
  popup?.close()
  return null
}

/** The status of the session; 'unknown': there is no such session; null: the gateway does not answer at the moment. */
async function fetchStatus(gateway, token) {
  let response
  try {
    response = await fetch(`${gateway}/connect/session`, {
      headers: { authorization: `Bearer ${token}` },
      credentials: 'omit',
      cache: 'no-store',
    })
  } catch {
    // The gateway is down, or this origin is not allowed. Browsers do not say which.
    return null
  }
  if (response.status === 401) return 'unknown'
  return response.ok ? response.json() : null
}

function createWakeUp() {
  let wake = () => undefined
  let rung = false
  return {
    ring() {
      rung = true
      wake()
    },
    /** Waits for `ms`, or until `ring` is called. Returns at once if it was called since the last wait. */
    async wait(ms) {
      if (!rung) {
        await new Promise((resolve) => {
          const timer = setTimeout(resolve, ms)
          wake = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      }
      rung = false
    },
  }
}

globalThis.latchkey = { ...globalThis.latchkey, connect }
