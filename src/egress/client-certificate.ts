import { createHash, X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import type { Agent } from 'undici'
import { type PemBlock, PrivateKeyError, parsePrivateKey, pemBlocks, toPem } from '../kit/private-key.ts'
import { EgressError } from './egress-error.ts'

/** A certificate with which a client authenticates itself in the TLS handshake (mutual TLS). Secret. */
export interface ClientCertificate {
  /** PEM text: the certificate, and the certificates of intermediate authorities, in any order. */
  certificate: string
  /** The private key in PEM form, which may be encrypted. */
  key: string
  passphrase?: string | undefined
  /** To whom it belongs. Connections that were opened with it are used only for requests of the same owner. */
  owner: string
}

/** What of a client certificate cannot be used. */
export type CertificatePart = 'certificate' | 'key' | 'passphrase'

/** A client certificate cannot be used. `problem` completes a sentence that begins with the part, and contains nothing of its text. */
export class ClientCertificateError extends Error {
  override readonly name = 'ClientCertificateError'
  readonly part: CertificatePart
  readonly problem: string

  constructor(part: CertificatePart, problem: string) {
    super(`The ${part === 'certificate' ? 'client certificate' : `${part} of the client certificate`} ${problem}.`)
    this.part = part
    this.problem = problem
  }
}

/** A client certificate in the form that node:tls takes. */
export interface UsableCertificate {
  /** PEM text: the certificate, and then those of the authorities. */
  cert: string
  /** The private key, not encrypted, in PEM form. */
  key: string
  validTo: Date
}

const CERTIFICATE_LABELS: ReadonlySet<string> = new Set(['CERTIFICATE', 'X509 CERTIFICATE'])

/**
 * Parses a client certificate and checks that its key belongs to it, and that it has not expired.
 * @param now time at which it must be valid
 * @throws ClientCertificateError
 */
export function readClientCertificate(
  { certificate, key: keyText, passphrase }: Omit<ClientCertificate, 'owner'>,
  now: Date,
): UsableCertificate {
  const chain = pemBlocks(certificate)
    .filter(({ label }) => CERTIFICATE_LABELS.has(label))
    .map(parseCertificate)
  if (chain.length === 0) throw new ClientCertificateError('certificate', 'is not a certificate in PEM form')
  const key = readKey(keyText, passphrase)
  const own = chain.find(({ parsed }) => parsed.checkPrivateKey(key))
  if (own === undefined) throw new ClientCertificateError('key', 'does not belong to the certificate')
  const validTo = own.parsed.validToDate
  if (validTo <= now) throw new ClientCertificateError('certificate', expiredOn(validTo))
  const usable = {
    cert: [own, ...chain.filter((each) => each !== own)].map(({ pem }) => pem).join(''),
    key: String(key.export({ type: 'pkcs8', format: 'pem' })),
    validTo,
  }
  try {
    createSecureContext({ cert: usable.cert, key: usable.key })
  } catch (error) {
    // OpenSSL refuses small keys and old hash functions.
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''
    throw new ClientCertificateError('certificate', `cannot be used for TLS${code}`)
  }
  return usable
}

function expiredOn(validTo: Date): string {
  return `has expired on ${validTo.toISOString().replace('.000Z', 'Z')}`
}

function parseCertificate({ base64 }: PemBlock): { pem: string; parsed: X509Certificate } {
  const pem = toPem({ label: 'CERTIFICATE', base64 })
  try {
    return { pem, parsed: new X509Certificate(pem) }
  } catch {
    throw new ClientCertificateError('certificate', 'is not a valid certificate')
  }
}

function readKey(text: string, passphrase: string | undefined) {
  try {
    return parsePrivateKey(text, passphrase)
  } catch (error) {
    if (!(error instanceof PrivateKeyError)) throw error
    const { problem } = error
    if (problem === 'cannot be decrypted with the passphrase') {
      throw new ClientCertificateError('passphrase', 'is not the passphrase of the private key')
    }
    throw new ClientCertificateError('key', problem)
  }
}

interface CertifiedAgentsOptions {
  /** Makes the connection pools of one client certificate. */
  createAgent: (certificate: UsableCertificate, pipelining: 0 | 1) => Agent
  /** How many client certificates have open connections at most. */
  max: number
  /** How long the connections of a client certificate are kept after its last request began. */
  idleMs: number
}

interface CertifiedAgent {
  certificate: UsableCertificate
  reusing: Agent
  /** Closes each connection after its response. */
  fresh: Agent | undefined
  idle: NodeJS.Timeout
}

/**
 * The connection pools of client certificates. No certificate uses a connection or a TLS session of another one. Those that were not used
 * for the longest time are closed when there are more than `max`, and all when they are idle; requests in flight are still completed.
 */
export class CertifiedAgents {
  readonly #options: CertifiedAgentsOptions
  /** By a hash of certificate, key and owner. The one that was used last is the last one. */
  readonly #agents = new Map<string, CertifiedAgent>()

  constructor(options: CertifiedAgentsOptions) {
    this.#options = options
  }

  /** @throws EgressError `client_certificate` when the certificate cannot be used or has expired */
  agentFor(given: ClientCertificate, { fresh }: { fresh: boolean }): Agent {
    const id = idOf(given)
    const known = this.#agents.get(id)
    this.#agents.delete(id)
    const agent = known ?? this.#create(id, given)
    const { validTo } = agent.certificate
    if (validTo.getTime() <= Date.now()) {
      this.#close(agent)
      throw unusable(new ClientCertificateError('certificate', expiredOn(validTo)))
    }
    agent.idle.refresh()
    this.#agents.set(id, agent)
    this.#evict()
    if (!fresh) return agent.reusing
    agent.fresh ??= this.#options.createAgent(agent.certificate, 0)
    return agent.fresh
  }

  /** Closes all connections. Requests in flight fail. */
  async destroy(): Promise<void> {
    const all = [...this.#agents.values()]
    this.#agents.clear()
    for (const { idle } of all) clearTimeout(idle)
    await Promise.all(all.flatMap(({ reusing, fresh }) => [reusing.destroy(), fresh?.destroy()]))
  }

  #create(id: string, given: ClientCertificate): CertifiedAgent {
    let certificate: UsableCertificate
    try {
      certificate = readClientCertificate(given, new Date())
    } catch (error) {
      throw error instanceof ClientCertificateError ? unusable(error) : error
    }
    const idle = setTimeout(() => {
      const agent = this.#agents.get(id)
      this.#agents.delete(id)
      if (agent !== undefined) this.#close(agent)
    }, this.#options.idleMs).unref()
    return { certificate, reusing: this.#options.createAgent(certificate, 1), fresh: undefined, idle }
  }

  #evict(): void {
    for (const [id, agent] of this.#agents) {
      if (this.#agents.size <= this.#options.max) return
      this.#agents.delete(id)
      this.#close(agent)
    }
  }

  #close({ reusing, fresh, idle }: CertifiedAgent): void {
    clearTimeout(idle)
    // A request that fails while its pool is being closed reports it itself.
    for (const agent of [reusing, fresh]) agent?.close().catch(() => undefined)
  }
}

function idOf({ certificate, key, passphrase = '', owner }: ClientCertificate): string {
  return createHash('sha256')
    .update(JSON.stringify([owner, certificate, key, passphrase]))
    .digest('base64')
}

function unusable(cause: ClientCertificateError): EgressError {
  return new EgressError('client_certificate', `${cause.message} ${CONNECT_AGAIN}`, { cause })
}

const CONNECT_AGAIN = 'Connect again with a certificate that is valid, and with its key.'

/** What the TLS alerts about a client certificate mean (RFC 8446 section 6.2), by the end of OpenSSL's code. */
const ALERTS: readonly (readonly [RegExp, string])[] = [
  [/ALERT_CERTIFICATE_EXPIRED$/, 'it has expired. Connect again with a new certificate.'],
  [/ALERT_CERTIFICATE_REVOKED$/, 'it was revoked. Connect again with a new certificate.'],
  [
    /ALERT_UNKNOWN_CA$/,
    'it does not know the authority that issued it. Register the certificate with the provider, or connect again with a certificate that the provider has issued, together with those of intermediate authorities.',
  ],
  [
    /ALERT_CERTIFICATE_REQUIRED$/,
    'it got none that it accepts. Connect again with a certificate that the provider has issued.',
  ],
  [
    /ALERT_(?:BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_UNKNOWN|ACCESS_DENIED)$/,
    'it does not accept it. Register the certificate with the provider, or connect again with another one.',
  ],
]

/**
 * The error for a TLS alert about the client certificate; undefined for any other code. A server that sends such an alert has not processed
 * the request, which may have been sent already (RFC 8446 section 4.4.2.4).
 *
 * @param presented whether the request had a client certificate
 */
export function certificateAlert(code: string, host: string, presented: boolean): EgressError | undefined {
  const [, why] = ALERTS.find(([pattern]) => pattern.test(code)) ?? []
  if (why === undefined) return undefined
  if (presented) return new EgressError('client_certificate', `${host} refused the client certificate: ${why}`)
  const message = `${host} asks for a client certificate, and the request has none. The definition of the integration needs clientCertificate in its auth.`
  return new EgressError('connect', message, { retryable: false })
}
