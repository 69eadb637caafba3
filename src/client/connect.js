/** @typedef {import('./connect.d.ts').ConnectOptions} ConnectOptions */

const POLL_EVERY_MS = 1_000
const POPUP = 'popup,width=520,height=760'
const OVER = new Set(['FAILED', 'EXPIRED', 'REVOKED'])

/**
 * Lets the user of this page connect an account. Polls the gateway for the result instead of watching the popup: with
 * Cross-Origin-Opener-Policy, on this page or at the provider, the windows cannot communicate and an open popup looks closed.
 *
 * @param {ConnectOptions} options
 */
export async function connect(options) {
  const { token, mode = 'popup', signal, onHandle, pollEveryMs = POLL_EVERY_MS } = options
  const gateway = gatewayOf(options.url)
  if (signal?.aborted) return null
  // Before any await, because browsers allow popups only right after a click.
  const popup = mode === 'popup' ? open('', '_blank', options.popupFeatures ?? POPUP) : null
  const wakeUp = createWakeUp()
  let session
  let result
  let handled = false
  /** @param {MessageEvent} event */
  const onMessage = (event) => {
    if (event.origin !== gateway || popup === null || event.source !== popup) return
    if (event.data?.type !== 'latchkey:connected' || result !== undefined) return
    result = event.data
    wakeUp.ring()
  }
  addEventListener('message', onMessage)
  addEventListener('focus', wakeUp.ring)
  signal?.addEventListener('abort', wakeUp.ring)
  try {
    const secret = await token
    if (signal?.aborted) return close(popup)
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
          popup?.postMessage({ type: 'latchkey:received', session }, gateway)
          if (result.handle !== null) await onHandle?.(result.handle, result.connectionId)
          continue
        }
      }
      await wakeUp.wait(pollEveryMs)
    }
  } catch (error) {
    close(popup)
    throw error
  } finally {
    removeEventListener('message', onMessage)
    removeEventListener('focus', wakeUp.ring)
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
