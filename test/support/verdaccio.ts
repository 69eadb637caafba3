import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, untilAnswers } from './listening.ts'
import { repositoryRoot, startProcess } from './program.ts'

/** A running verdaccio, a package registry with users, tokens and a paged search. */
export interface Verdaccio {
  url: string
  /** Token that the registry issued to a user who may read and publish. */
  token: string
  publish(name: string, version: string): Promise<void>
  stop(): Promise<void>
}

/** Reading requires a token. There is no upstream registry. */
const CONFIG = `
storage: ./storage
uplinks: {}
auth:
  htpasswd: { file: ./htpasswd, algorithm: bcrypt, rounds: 4 }
packages:
  '**': { access: $authenticated, publish: $authenticated }
web: { enable: false }
log: { type: stdout, format: json, level: warn }
`

/** Starts verdaccio on a free port of 127.0.0.1, with a new folder and one user. */
export async function startVerdaccio(): Promise<Verdaccio> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-verdaccio-'))
  const configFile = join(folder, 'config.yaml')
  await writeFile(configFile, CONFIG)
  const url = `http://127.0.0.1:${await freePort()}`
  const registry = await startProcess({
    args: [join(repositoryRoot, 'node_modules/verdaccio/bin/verdaccio'), '--config', configFile, '--listen', url],
    cwd: folder,
    ready: /http address/,
  })
  const stop = async () => {
    await registry.stop()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    // It prints its address before it listens.
    await untilAnswers(`${url}/-/ping`)
    const token = await addUser(url)
    return { url, token, publish: (name, version) => publish(url, token, name, version), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function addUser(url: string): Promise<string> {
  const name = 'reader'
  const body: unknown = await put(`${url}/-/user/org.couchdb.user:${name}`, { name, password: 'correct horse battery' })
  if (typeof body === 'object' && body !== null && 'token' in body && typeof body.token === 'string') return body.token
  throw new Error('The registry issued no token.')
}

/** Publishes a package as `npm publish` does. */
async function publish(url: string, token: string, name: string, version: string): Promise<void> {
  const archive = Buffer.from(`${name}@${version}`)
  const file = `${name}-${version}.tgz`
  const shasum = createHash('sha1').update(archive).digest('hex')
  const manifest = {
    name,
    version,
    description: `Package ${name}`,
    dist: { tarball: `${url}/${name}/-/${file}`, shasum },
  }
  await put(
    `${url}/${name}`,
    {
      _id: name,
      name,
      'dist-tags': { latest: version },
      versions: { [version]: manifest },
      _attachments: {
        [file]: { content_type: 'application/octet-stream', data: archive.toString('base64'), length: archive.length },
      },
    },
    token,
  )
}

async function put(url: string, body: unknown, token?: string): Promise<unknown> {
  const response = await fetch(url, {
    method: 'PUT',
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`PUT ${url}: ${response.status} ${await response.text()}`)
  return response.json()
}
