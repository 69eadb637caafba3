import type { Services } from '../../graphql/kernel/context.ts'
import { createConnectScript } from './connect-js.ts'
import { connectSessionStatus } from './connect-session-status.ts'
import { createConnectPages } from './routes.ts'

/** Null: the request is for somebody else. */
export type ConnectRoutes = (request: Request) => Promise<Response | null>

/** Everything by which a person connects and a product's page learns of it. */
export function createConnectRoutes(services: Services): ConnectRoutes {
  const pages = createConnectPages(services)
  const script = createConnectScript()
  return async (request) => {
    const { pathname } = new URL(request.url)
    if (pathname === '/connect.js') return script(request)
    if (pathname === '/connect/session') return connectSessionStatus(services, request)
    return pages(request)
  }
}
