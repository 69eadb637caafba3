import { CONSOLE_SESSION_SECONDS, ConsoleToken } from '../../access/console-sessions.ts'
import { isLocalHost } from '../../config.ts'

/** Reads a header by its name in lower case. */
export type ReadHeader = (name: string) => string | null | undefined

/** Header that the console sends with each request. A page of another origin can send it only after a preflight request. */
export const CONSOLE_HEADER = 'x-latchkey-console'

/** Finds the cookie of the console in requests that may use it. */
export interface ConsoleCookie {
  /**
   * The session of a request over HTTP. Null: there is no cookie, or the request may not use it: `isOwnRequest` refuses it, or it has
   * an Authorization header, which comes first.
   */
  ofRequest(header: ReadHeader): ConsoleToken | null
  /** The session of a WebSocket handshake, which must have the origin of the console. Null as above. */
  ofHandshake(header: ReadHeader): ConsoleToken | null
  /**
   * Whether one of our own pages sent the request. Cookies alone do not show that: browsers send those of `http://localhost:4000` to it
   * from pages of every other port of `localhost`, which SameSite does not prevent.
   */
  isOwnRequest(header: ReadHeader): boolean
  /** The Set-Cookie header that signs a browser in. */
  set(token: string): string
  /** The Set-Cookie header that signs a browser out. */
  clear(): string
}

/** @param publicUrl how browsers reach this deployment. The port may be known only after the start. */
export function createConsoleCookie(publicUrl: () => string): ConsoleCookie {
  /**
   * With `__Host-`, which needs TLS, no other host can set the cookie. Without TLS the name has the port, because the programs on the
   * ports of one host share their cookies.
   */
  const name = () => {
    const { protocol, port } = new URL(publicUrl())
    return protocol === 'https:' ? '__Host-latchkey_console' : `latchkey_console_${port || '80'}`
  }
  const attributes = () => `Path=/; HttpOnly; SameSite=Strict${publicUrl().startsWith('https:') ? '; Secure' : ''}`

  const read = (header: ReadHeader): ConsoleToken | null => {
    if (header('authorization') != null) return null
    const own = name()
    for (const pair of (header('cookie') ?? '').split(';')) {
      const equals = pair.indexOf('=')
      if (equals > 0 && pair.slice(0, equals).trim() === own) return new ConsoleToken(pair.slice(equals + 1).trim())
    }
    return null
  }

  /** Whether the origin of a page is ours. A local deployment may be opened under several names of this machine. */
  const isOwnOrigin = (origin: string, header: ReadHeader): boolean => {
    const own = new URL(publicUrl())
    if (origin === own.origin) return true
    const given = URL.parse(origin)
    return (
      own.protocol === 'http:' &&
      given?.protocol === 'http:' &&
      isLocalHost(own.hostname) &&
      isLocalHost(given.hostname) &&
      given.host === header('host')
    )
  }

  const isSameOrigin = (header: ReadHeader): boolean => {
    const site = header('sec-fetch-site')
    const origin = header('origin')
    if (site != null && site !== 'same-origin') return false
    if (origin != null && !isOwnOrigin(origin, header)) return false
    return site != null || origin != null
  }
  const isOwnRequest = (header: ReadHeader) => header(CONSOLE_HEADER) === '1' && isSameOrigin(header)

  return {
    ofRequest: (header) => (isOwnRequest(header) ? read(header) : null),
    // A handshake cannot have a header of ours. Every browser sends its origin, which no page can set.
    ofHandshake: (header) => (header('origin') != null && isSameOrigin(header) ? read(header) : null),
    isOwnRequest,
    set: (token) => `${name()}=${token}; ${attributes()}; Max-Age=${CONSOLE_SESSION_SECONDS}`,
    clear: () => `${name()}=; ${attributes()}; Max-Age=0`,
  }
}

/** Reads headers as Node gives them. */
export function headersOf(headers: Readonly<Record<string, string | string[] | undefined>>): ReadHeader {
  return (name) => headers[name]?.toString()
}
