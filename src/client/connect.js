/** @typedef {import('./connect.d.ts').ConnectOptions} ConnectOptions */

const POLL_EVERY_MS = 1_000
const POPUP = 'popup,width=520,height=760'
const OVER = new Set(['FAILED', 'EXPIRED', 'REVOKED'])

/**
 * Lets the person at this page connect an account, and says what has come of it. How it goes is asked of the gateway: where a
 * page or the provider isolates itself (Cross-Origin-Opener-Policy), windows cannot see each other, and an open one
 * looks closed.
 *
 * @param {ConnectOptions} options
 */
export async function connect(options) {
  const { token, mode = 'popup', signal, onHandle, pollEveryMs = POLL_EVERY_MS } = options
  const gateway = gatewayOf(options.url)
  if (signal?.aborted) return null
  // Before anything is waited for: a browser opens windows only right after a click.
  const popup = mode === 'popup' ? open('', '_blank', options.popupFeatures ?? POPUP) : null
  const alarm = createAlarm()
  let session
  let heard
  let taken = false
  /** @param {MessageEvent} event */
  const hear = (event) => {
    if (event.origin !== gateway || popup === null || event.source !== popup) return
    if (event.data?.type !== 'latchkey:connected' || heard !== undefined) return
    heard = event.data
    alarm.ring()
  }
  addEventListener('message', hear)
  addEventListener('focus', alarm.ring)
  signal?.addEventListener('abort', alarm.ring)
  try {
    const secret = await token
    if (signal?.aborted) return leave(popup)
    const link = `${gateway}/connect/${encodeURIComponent(secret)}`
    if (popup !== null) popup.location.href = link
    else if (mode !== 'watch') {
      // The window was blocked, or none was wanted. This page ends here; its redirectUrl is where it goes on.
      location.assign(link)
      return await new Promise(() => undefined)
    }
    for (;;) {
      const state = await ask(gateway, secret)
      if (signal?.aborted) return leave(popup)
      if (state === 'gone') return null
      if (state !== null) {
        session = state.session.id
        if (state.session.status === 'COMPLETED') return state.connection
        if (OVER.has(state.session.status)) return null
      }
      if (!taken && session !== undefined && heard?.session === session) {
        taken = true
        // Unless somebody takes the handle, the window goes on to the redirectUrl with it.
        if (heard.handle === null || onHandle !== undefined) {
          popup?.postMessage({ type: 'latchkey:received', session }, gateway)
          if (heard.handle !== null) await onHandle?.(heard.handle, heard.connectionId)
          continue
        }
      }
      await alarm.wait(pollEveryMs)
    }
  } catch (error) {
    leave(popup)
    throw error
  } finally {
    removeEventListener('message', hear)
    removeEventListener('focus', alarm.ring)
    signal?.removeEventListener('abort', alarm.ring)
  }
}

function gatewayOf(url) {
  if (url !== undefined) return new URL(url).origin
  const own = new URL(import.meta.url)
  if (own.pathname === '/connect.js') return own.origin
  throw new TypeError('Give the option url: the address of the gateway.')
}

function leave(popup) {
  popup?.close()
  return null
}

/** How the session goes; 'gone' for one that is not known, null when the gateway cannot be asked at the moment. */
async function ask(gateway, token) {
  let response
  try {
    response = await fetch(`${gateway}/connect/session`, {
      headers: { authorization: `Bearer ${token}` },
      credentials: 'omit',
      cache: 'no-store',
    })
  } catch {
    // Away, or not readable from here: which of the two, browsers do not tell.
    return null
  }
  if (response.status === 401) return 'gone'
  return response.ok ? response.json() : null
}

function createAlarm() {
  let wake = () => undefined
  let rung = false
  return {
    ring() {
      rung = true
      wake()
    },
    /** Until it rings, or has rung since the last time. */
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
