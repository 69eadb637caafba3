import { z } from 'zod'
import { template } from '../template/template-schema.ts'
import type { Field } from './field.ts'

/**
 * The certificate with which requests authenticate themselves in the TLS handshake (RFC 8705, mutual TLS). A template that is left out
 * reads a standard field, which the credential then has.
 */
export const clientCertificateSchema = z.strictObject({
  /** PEM text, with the certificates of intermediate authorities where the service needs them. */
  certificate: template.optional(),
  /** Private key in PEM form. */
  key: template.optional(),
  /** Of a private key that is encrypted (PKCS #8). */
  passphrase: template.optional(),
})

/** An auth, as far as it decides about its client certificate. */
interface CertifiedAuth {
  type: string
  grant?: string
  clientCertificate?: z.infer<typeof clientCertificateSchema> | undefined
}

const certificateField: Field = {
  name: 'client_certificate',
  label: 'Client certificate',
  description: 'In PEM form, with the certificates of intermediate authorities.',
  secret: true,
  required: true,
}
const keyFields: readonly Field[] = [
  { name: 'client_key', label: 'Private key', description: 'In PEM form.', secret: true, required: true },
  {
    name: 'client_key_passphrase',
    label: 'Passphrase of the private key',
    description: 'Only if the private key is encrypted.',
    secret: true,
  },
]

/**
 * Whether people supply no fields, because they consent at the provider. The certificate is then that of the OAuth client, whose secret is
 * a PEM text with both certificate and key.
 */
export function isCertificateOfClient(auth: CertifiedAuth): boolean {
  return auth.type === 'oauth2' && auth.grant === 'authorization_code'
}

/** The standard fields that the templates which the definition leaves out read. */
export function certificateFieldsOf(auth: CertifiedAuth): readonly Field[] {
  const given = auth.clientCertificate
  if (given === undefined || isCertificateOfClient(auth)) return []
  return [...(given.certificate === undefined ? [certificateField] : []), ...(given.key === undefined ? keyFields : [])]
}

export interface CertificateTemplates {
  certificate: string
  key: string
  passphrase?: string | undefined
}

/** The templates of a client certificate, also those that the definition leaves out. Undefined: the auth has none. */
export function certificateTemplatesOf(auth: CertifiedAuth): CertificateTemplates | undefined {
  const given = auth.clientCertificate
  if (given === undefined) return undefined
  if (isCertificateOfClient(auth)) {
    const { certificate = CLIENT_SECRET, key = CLIENT_SECRET, passphrase } = given
    return { certificate, key, passphrase }
  }
  const { certificate = read(certificateField.name), key, passphrase } = given
  if (key !== undefined) return { certificate, key, passphrase }
  return { certificate, key: read('client_key'), passphrase: passphrase ?? read('client_key_passphrase') }
}

const CLIENT_SECRET = read('client_secret')

function read(name: string): string {
  return `{{ config['${name}'] }}`
}
