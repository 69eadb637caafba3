/** A browser without scripts: keeps cookies, and follows redirects. */
export interface Browser {
  /** One request, no redirect followed. */
  visit(url: string, init?: RequestInit): Promise<Response>
  /**
   * Follows redirects until one leads to a URL that begins with `until`, which is not visited.
   * @returns that URL; where nothing more is redirected, rejects with the page that stands there
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

/** What a form without files sends. */
export const form = (fields: Record<string, string>): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams(fields).toString(),
})

/** What the form of a page repeats. */
export async function guardOf(browser: Browser, url: string): Promise<string> {
  return /name="guard" value="([^"]+)"/.exec(await (await browser.visit(url)).text())?.[1] ?? ''
}

/**
 * Takes the link of a connect session, or has taken it already, and goes on to the provider.
 * @param integration where there are several to choose from
 * @returns the authorization URL
 */
export async function takeLink(browser: Browser, connectUrl: string, integration?: string): Promise<string> {
  const chosen: Record<string, string> = integration === undefined ? {} : { integration }
  const response = await browser.visit(connectUrl, form({ guard: await guardOf(browser, connectUrl), ...chosen }))
  return response.headers.get('location') ?? `status ${response.status}`
}
