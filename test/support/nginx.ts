import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, untilAnswers } from './listening.ts'
import { NGINX_PATH } from './services.ts'

/** A running nginx. */
export interface Nginx {
  url: string
  stop(): Promise<void>
}

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** A line of an `htpasswd` file, with a salted SHA-1 hash (RFC 2307). */
function passwordLine(user: string, password: string): string {
  const salt = randomBytes(8)
  const digest = createHash('sha1').update(password).update(salt).digest()
  return `${user}:{SSHA}${Buffer.concat([digest, salt]).toString('base64')}\n`
}

const configOf = (folder: string, port: number, server: string) => `
daemon off; master_process off; pid ${folder}/nginx.pid; error_log stderr crit;
events {}
http {
  access_log off; default_type application/json;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  server {
    listen 127.0.0.1:${port};
    ${server}
  }
}
`

/**
 * Starts nginx on a free port of 127.0.0.1. It serves files behind HTTP basic authentication.
 * @param files contents by name, given the server's URL
 */
export async function startNginx(
  user: { name: string; password: string },
  files: (url: string) => Record<string, string>,
): Promise<Nginx> {
  const port = await freePort()
  return runNginx(port, async (folder) => {
    await mkdir(join(folder, 'files'))
    const texts = Object.entries(files(`http://127.0.0.1:${port}`))
    for (const [name, text] of texts) await writeFile(join(folder, 'files', name), text)
    await writeFile(join(folder, 'htpasswd'), passwordLine(user.name, user.password))
    return `root ${folder}/files; auth_basic "files"; auth_basic_user_file ${folder}/htpasswd;`
  })
}

/**
 * Starts nginx as a reverse proxy: it forwards some paths and answers 404 for all others.
 * @param port a free port, chosen by the caller because the upstreams may have to know it first
 * @param upstreams URL by path prefix, as `location` and `proxy_pass` take them
 */
export function startReverseProxy(port: number, upstreams: Readonly<Record<string, string>>): Promise<Nginx> {
  const locations = Object.entries(upstreams).map(([path, upstream]) => `location ${path} { proxy_pass ${upstream}; }`)
  return runNginx(port, async () => ['location / { return 404; }', ...locations].join('\n'))
}

/** Starts nginx with the given directives of its `server` block. */
export function startNginxWith(port: number, directives: string): Promise<Nginx> {
  return runNginx(port, async () => directives)
}

/** @param prepare writes the server's files into its folder and returns the directives of its `server` block */
async function runNginx(port: number, prepare: (folder: string) => Promise<string>): Promise<Nginx> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-nginx-'))
  const url = `http://127.0.0.1:${port}`
  const config = join(folder, 'nginx.conf')
  await writeFile(config, configOf(folder, port, await prepare(folder)))
  const child = spawn(NGINX_PATH, ['-p', folder, '-c', config], { stdio: 'inherit' })
  running.add(child)
  const ended = Promise.withResolvers<void>()
  child.once('error', ended.reject)
  child.once('close', () => {
    running.delete(child)
    ended.resolve()
  })
  const failed = ended.promise.then(() => Promise.reject(new Error('nginx exited before it accepted connections.')))
  await Promise.race([untilAnswers(url), failed])
  failed.catch(() => undefined)
  return {
    url,
    async stop() {
      child.kill('SIGTERM')
      await ended.promise
      await rm(folder, { recursive: true, force: true })
    },
  }
}
