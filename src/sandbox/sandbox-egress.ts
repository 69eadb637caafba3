import { SANDBOX_ORIGIN, SANDBOX_PATH } from '../catalog/sandbox-provider.ts'
import { createEgress, type Egress } from '../egress/egress.ts'
import { EgressError } from '../egress/egress-error.ts'

/** The paths of the sandbox that are for programs and not for browsers. */
const FOR_PROGRAMS =
  /^\/(?:token|token\/revocation|api\/.*|\.well-known\/(?:oauth-authorization-server|openid-configuration))$/

/**
 * Sends requests for the sandbox to this process, whose own address the egress policy does not allow. This works only for the
 * sandbox's host name and its paths, and redirects are not followed. Requests to the address itself are refused as before.
 *
 * @param egress sends all other requests. `close` does not close it
 * @param address the base URL of the process that runs the sandbox, such as `http://127.0.0.1:4000`
 */
export function sandboxEgress(egress: Egress, address: () => string): Egress {
  let direct: { origin: string; egress: Egress } | undefined

  function egressTo(origin: string): Egress {
    if (direct?.origin !== origin) {
      const { hostname, port, protocol } = new URL(origin)
      const endpoint = `${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`
      direct = { origin, egress: createEgress({ allow: [endpoint] }) }
    }
    return direct.egress
  }

  return {
    async send(request) {
      const url = URL.parse(String(request.url))
      if (url?.origin !== SANDBOX_ORIGIN) return egress.send(request)
      if (!FOR_PROGRAMS.test(url.pathname)) {
        throw new EgressError('refused_url', `The sandbox has no path ${url.pathname.slice(0, 100)} for programs.`)
      }
      const origin = address()
      const target = new URL(`${SANDBOX_PATH}${url.pathname}${url.search}`, origin)
      const redirect = request.redirect === 'manual' ? 'manual' : 'never'
      const response = await egressTo(origin).send({ ...request, url: target, redirect })
      url.hash = ''
      // The response shows the sandbox's URL, not the address of this process.
      return Object.create(response, { url: { value: url, enumerable: true } })
    },
    async close() {
      await direct?.egress.close()
    },
  }
}
