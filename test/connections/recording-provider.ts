import { afterAll, beforeAll, beforeEach } from 'vitest'
import { startTestApp, type TestApp } from '../support/app.ts'
import { type ProviderServer, sendJson, startProvider } from '../support/provider-server.ts'

/** Answers every request with a token response, which is good for an API too, after what `before` waits for. */
export function startRecorder(before: () => Promise<void> = async () => undefined): Promise<ProviderServer> {
  let count = 0
  return startProvider(async (_request, response) => {
    await before()
    count += 1
    sendJson(response, { access_token: `access-${count}`, refresh_token: `refresh-${count}`, expires_in: 3_600 })
  })
}

/** Everything that a server has received, as one text. */
export function receivedBy({ requests }: ProviderServer): string {
  return JSON.stringify(requests.map(({ url, headers, body }) => [url.href, headers, body]))
}

const ERROR = '... on Error { code message } ... on InvalidInputError { fields { path message } }'

export interface Attacked {
  app: TestApp
  workspace: { id: string; slug: string; key: string }
  /** The server of the definition, and the attacker's. */
  good: ProviderServer
  evil: ProviderServer
  /** Called by `good` before it answers. */
  pause: { before: () => Promise<void> }
  /** Sends a mutation with the workspace's ADMIN key. Default of `payload`: nothing but `__typename`. */
  // biome-ignore lint/suspicious/noExplicitAny: the shape depends on the document; the tests assert it
  send(name: string, input: Record<string, unknown>, payload?: string, key?: string): Promise<any>
  // biome-ignore lint/suspicious/noExplicitAny: the shape depends on the document; the tests assert it
  connection(id: string): Promise<any>
}

/** The program with one workspace, a provider and an attacker's server, for all tests of a file. */
export function useAttacked(): Attacked {
  const attacked = {} as Attacked
  beforeAll(async () => {
    const app = await startTestApp()
    const pause: Attacked['pause'] = { before: async () => undefined }
    const good = await startRecorder(() => pause.before())
    Object.assign(attacked, { app, pause, good, evil: await startRecorder(), workspace: await app.createWorkspace() })
    attacked.send = async (name, input, payload = '__typename', key = attacked.workspace.key) => {
      const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}`
      const query = `mutation ($input: ${type}Input!) { ${name}(input: $input) { __typename ... on ${type}Payload { ${payload} } ${ERROR} } }`
      const { data, errors } = await app.request(query, { input }, key)
      if (errors !== undefined) throw new Error(JSON.stringify(errors))
      return data[name]
    }
    attacked.connection = async (id) => {
      const query = `query ($id: ID!) { node(id: $id) { ... on Connection { status statusReason
        credential { version lastError { reason message } } } } }`
      return (await app.request(query, { id }, attacked.workspace.key)).data.node
    }
  })
  beforeEach(() => {
    attacked.good.requests.length = 0
    attacked.evil.requests.length = 0
    attacked.pause.before = async () => undefined
  })
  afterAll(async () => {
    await attacked.app.stop()
    await attacked.good.close()
    await attacked.evil.close()
  })
  return attacked
}
