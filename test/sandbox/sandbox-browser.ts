/** A minimal browser: follows redirects within one origin, keeps cookies, and decides on the sandbox's consent page. */
export interface Decision {
  account: string
  decision: 'allow' | 'refuse'
}

/**
 * Opens an authorization URL, decides on the consent page, and follows redirects until one leads to `until`.
 *
 * @returns the target of that redirect
 */
export async function decideInSandbox(authorizationUrl: string, decision: Decision, until: string): Promise<URL> {
  const jar = new Map<string, string>()
  const visit = async (url: URL, form?: URLSearchParams): Promise<Response> => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const body = form === undefined ? {} : { method: 'POST', body: form }
    const response = await fetch(url, { ...body, headers: { cookie }, redirect: 'manual' })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      jar.set(name, value)
    }
    return response
  }
  let url = new URL(authorizationUrl)
  let response = await visit(url)
  for (let hops = 0; hops < 10; hops += 1) {
    const location = response.headers.get('location')
    if (location === null) {
      const html = await response.text()
      const action = /<form method="post" action="([^"]+)"/.exec(html)?.[1]
      if (action === undefined)
        throw new Error(`${response.status} at ${url.pathname}: ${html.replaceAll(/<[^>]*>/g, ' ')}`)
      url = new URL(action, url)
      response = await visit(url, new URLSearchParams({ ...decision }))
      continue
    }
    url = new URL(location, url)
    if (url.href.startsWith(until)) return url
    response = await visit(url)
  }
  throw new Error(`It does not end at ${until}.`)
}
