/** A browser without scripts. Keeps cookies and follows redirects. */
export interface Browser {
  /** Sends one request and follows no redirect. */
  visit(url: string, init?: RequestInit): Promise<Response>
  /**
   * Follows redirects until one leads to a URL that starts with `until`, which is not visited.
   * @returns that URL; rejects with the page when there is no further redirect
   */
  follow(url: string, until: string): Promise<URL>
  /** Every URL that was visited, in order. */
  visited: string[]
}

export function openBrowser(): Browser {
  const cookies = new Map<string, string>()
  const visited: string[] = []
  const browser: Browser = {
    visited,
    async visit(url, init = {}) {
      visited.push(url)
      const { host } = new URL(url)
      const own = [...cookies].filter(([key]) => key.startsWith(`${host} `)).map(([, pair]) => pair)
      const headers = new Headers(init.headers)
      if (own.length > 0) headers.set('cookie', own.join('; '))
      const response = await fetch(url, { ...init, headers, redirect: 'manual' })
      for (const cookie of response.headers.getSetCookie()) {
        const [pair = ''] = cookie.split(';')
        cookies.set(`${host} ${pair.split('=')[0]}`, pair)
      }
      return response
    },
    async follow(url, until) {
      let next = url
      for (let hops = 0; hops < 20; hops += 1) {
        if (next.startsWith(until)) return new URL(next)
        const response = await browser.visit(next)
        const location = response.headers.get('location')
        if (location === null) throw new Error(`Status ${response.status} at ${next}: ${await response.text()}`)
        next = new URL(location, next).href
      }
      throw new Error(`Redirected too often, at last to ${next}`)
    },
  }
  return browser
}

/** The body that a form without files sends. */
export const form = (fields: Record<string, string>): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams(fields).toString(),
})

/** The hidden fields of a page's form. */
export async function guardOf(browser: Browser, url: string): Promise<string> {
  return /name="guard" value="([^"]+)"/.exec(await (await browser.visit(url)).text())?.[1] ?? ''
}

/**
 * Opens the link of a connect session, unless it is already open, and goes on to the provider.
 * @param integration the one to choose when the session offers several
 * @returns the authorization URL
 */
export async function takeLink(browser: Browser, connectUrl: string, integration?: string): Promise<string> {
  const chosen: Record<string, string> = integration === undefined ? {} : { integration }
  const response = await browser.visit(connectUrl, form({ guard: await guardOf(browser, connectUrl), ...chosen }))
  return response.headers.get('location') ?? `status ${response.status}`
}
