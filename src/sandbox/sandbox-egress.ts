import { SANDBOX_ORIGIN, SANDBOX_PATH } from '../catalog/sandbox-provider.ts'
import { createEgress, type Egress } from '../egress/egress.ts'
import { EgressError } from '../egress/egress-error.ts'

/** What programs have to look for in the sandbox: nothing that sends them on. */
const FOR_PROGRAMS =
  /^\/(?:token|token\/revocation|api\/.*|\.well-known\/(?:oauth-authorization-server|openid-configuration))$/

/**
 * Knows the way to the sandbox, which is at an address that nobody else may reach: this process' own. It opens that way for
 * the sandbox's name alone, to the sandbox's paths alone, and follows no redirect from there; whoever names the address
 * itself is refused as ever.
 * @param egress everything else goes through it. It is not closed by `close`.
 * @param address of the process that runs the sandbox: `http://127.0.0.1:4000`
 */
export function sandboxEgress(egress: Egress, address: () => string): Egress {
  let way: { origin: string; egress: Egress } | undefined

  function wayTo(origin: string): Egress {
    if (way?.origin !== origin) {
      const { hostname, port, protocol } = new URL(origin)
      const endpoint = `${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`
      way = { origin, egress: createEgress({ allow: [endpoint] }) }
    }
    return way.egress
  }

  return {
    async send(request) {
      const url = URL.parse(String(request.url))
      if (url?.origin !== SANDBOX_ORIGIN) return egress.send(request)
      if (!FOR_PROGRAMS.test(url.pathname)) {
        throw new EgressError('refused_url', `The sandbox has no ${url.pathname.slice(0, 100)} for programs.`)
      }
      const origin = address()
      const target = new URL(`${SANDBOX_PATH}${url.pathname}${url.search}`, origin)
      const redirect = request.redirect === 'manual' ? 'manual' : 'never'
      const response = await wayTo(origin).send({ ...request, url: target, redirect })
      url.hash = ''
      // Whoever asks for the sandbox is answered by the sandbox.
      return Object.create(response, { url: { value: url, enumerable: true } })
    },
    async close() {
      await way?.egress.close()
    },
  }
}
