import { type ComponentType, lazy } from 'react'

/** What every page of a workspace gets. */
export interface WorkspacePageProps {
  workspace: { id: string; slug: string; name: string }
  /** Path of the workspace. */
  base: string
  /** Parts of the path behind that of the page, such as an id. */
  rest: string[]
  /** Why nothing can be changed. Undefined: it can. */
  readOnly: string | undefined
  /** The sandbox runs in this deployment. */
  sandbox: boolean
}

type Page = ComponentType<WorkspacePageProps>

/** A page of a workspace. Its code is loaded when it is opened. */
interface Route {
  /** First part of the path in the workspace, and the key of its name in `nav.*`. */
  name: string
  load: () => Promise<Page>
}

/** The pages in the order of the menu, in groups. */
export const GROUPS = [
  [
    { name: 'home', load: async () => (await import('./pages/home/home.tsx')).Home },
    { name: 'connections', load: async () => (await import('./pages/connections/connections.tsx')).Connections },
    { name: 'end-users', load: async () => (await import('./pages/end-users/end-users.tsx')).EndUsers },
    { name: 'integrations', load: async () => (await import('./pages/integrations/integrations.tsx')).Integrations },
  ],
  [
    { name: 'syncs', load: async () => (await import('./pages/syncs/syncs.tsx')).Syncs },
    { name: 'records', load: async () => (await import('./pages/records/records.tsx')).Records },
    { name: 'events', load: async () => (await import('./pages/events/events.tsx')).Events },
    { name: 'webhooks', load: async () => (await import('./pages/webhooks/webhooks.tsx')).Webhooks },
    { name: 'queue', load: async () => (await import('./pages/queue/queue.tsx')).Queue },
  ],
  [
    { name: 'keys', load: async () => (await import('./pages/keys/keys.tsx')).Keys },
    { name: 'issuers', load: async () => (await import('./pages/issuers/issuers.tsx')).Issuers },
    {
      name: 'auth-providers',
      load: async () => (await import('./pages/auth-providers/auth-providers.tsx')).AuthProviders,
    },
    { name: 'branding', load: async () => (await import('./pages/branding/branding.tsx')).Branding },
    { name: 'audit', load: async () => (await import('./pages/audit/audit.tsx')).Audit },
  ],
] as const satisfies readonly (readonly Route[])[]

/** A page that no menu names: where the connect page leads back to. */
const CONNECTED: Route = {
  name: 'connected',
  load: async () => (await import('./pages/home/connected.tsx')).Connected,
}

export type RouteName = (typeof GROUPS)[number][number]['name']

const ROUTES: readonly Route[] = [...GROUPS.flat(), CONNECTED]

const loaded = new Map<string, Promise<Page>>()

/** Begins to load the code of a page. */
export function preloadPage(name: string): void {
  void loadPage(name)?.catch(() => undefined)
}

function loadPage(name: string): Promise<Page> | undefined {
  const route = ROUTES.find((each) => each.name === name)
  if (route === undefined) return undefined
  const loading = loaded.get(name) ?? route.load()
  loaded.set(name, loading)
  // A page whose code could not be loaded is tried again when it is opened again.
  loading.catch(() => loaded.delete(name))
  return loading
}

const PAGES = new Map(
  ROUTES.map(({ name, load }) => [name, lazy(async () => ({ default: await (loadPage(name) ?? load()) }))]),
)

/** The page with this name. Undefined: there is none. */
export function pageOf(name: string): Page | undefined {
  return PAGES.get(name)
}
