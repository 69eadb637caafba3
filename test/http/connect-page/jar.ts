/** A minimal browser: keeps cookies and does not follow redirects. */
export class Jar {
  readonly cookies = new Map<string, string>()

  async get(url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Response> {
    return this.#send(url, { method, headers })
  }

  /** Submits a form like a browser on a page of the same origin. */
  async post(
    url: string,
    form: Record<string, string> = {},
    headers: Record<string, string> = SAME_ORIGIN,
  ): Promise<Response> {
    return this.#send(url, { method: 'POST', headers, body: new URLSearchParams(form) })
  }

  /** Submits the form of a credential. After a failure it is the form again, to which the browser is sent. */
  async submit(
    url: string,
    form: Record<string, string> = {},
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const sent = await this.post(url, form)
    const target = sent.headers.get('location')
    return target !== null && new URL(target).pathname === new URL(url).pathname ? this.get(target, headers) : sent
  }

  /** Connects an account by the form of a credential, from the link to the end. @returns where the browser is sent afterwards */
  async connect(connectUrl: string, integration: string, form: Record<string, string>): Promise<URL> {
    const targetOf = (response: Response) => response.headers.get('location') ?? ''
    await this.get(connectUrl)
    const shown = targetOf(await this.post(connectUrl, { integration }))
    const finish = targetOf(await this.post(shown, form))
    return new URL(targetOf(await this.get(finish)))
  }

  async #send(url: string, init: RequestInit & { headers: Record<string, string> }): Promise<Response> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { ...init.headers, ...(cookie === '' ? {} : { cookie }) }
    const response = await fetch(url, { ...init, headers, redirect: 'manual' })
    for (const set of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
      this.cookies.set(name, value)
    }
    return response
  }
}

export const SAME_ORIGIN: Readonly<Record<string, string>> = { 'sec-fetch-site': 'same-origin', origin: 'null' }
