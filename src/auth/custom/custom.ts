import { z } from 'zod'
import type { Custom } from '../../catalog/definition/auth.ts'
import { fieldsSchema } from '../../catalog/definition/field.ts'
import { FieldErrors, LatchkeyError, UnsupportedError } from '../../kit/errors.ts'
import {
  acceptedKind,
  type CredentialField,
  describeFields,
  fieldKinds,
  readFieldValues,
} from '../../wire/credential-fields.ts'
import { applyPlacement } from '../../wire/placement.ts'
import { RenewalError } from '../../wire/renewal-error.ts'
import { addFinisher } from '../../wire/request-draft.ts'
import { distinctSecrets, isFieldKind, secretsOf } from '../simple/secret-value.ts'
import { readStored, StoredCredentialError, type StoredCustom, storedSchemas } from '../stored-credential.ts'
import type { AuthStrategy, Renewal } from '../strategy.ts'
import type { CustomStrategies, CustomStrategy } from './custom-strategy.ts'

/** Adapts a strategy that the deployment adds. @throws UnsupportedError when the deployment does not have it */
export function custom({ strategy: name, options = {} }: Custom, strategies: CustomStrategies): AuthStrategy<Custom> {
  const found = strategies.get(name)
  if (found === undefined) {
    throw new UnsupportedError(
      `This deployment has no strategy ${name}. Known: ${[...strategies.keys()].join(', ') || 'none'}.`,
    )
  }
  const fields = fieldsOf(found, options)
  const kinds = fieldKinds(fields, ['basic', 'secretText', 'fields']).filter(isFieldKind)
  return {
    type: 'custom',
    describe: () => ({ type: 'CUSTOM', scopes: [], credentialFields: fields, options: [] }),
    check(_auth, input, { path }) {
      const errors = new FieldErrors()
      const kind = acceptedKind(input, kinds, fields, path)
      const { values, pathOf } = readFieldValues(input, kind, fields, path, errors, { multiline: true })
      errors.throwIfAny()
      for (const [field, problem] of Object.entries(found.check?.(values, options) ?? {})) {
        if (problem !== undefined) errors.add(pathOf(field), problem)
      }
      errors.throwIfAny()
      return { type: 'custom', strategy: name, fields: values, data: {} }
    },
    open(_auth, stored, { input, kept, clock = () => new Date() }) {
      const credential = readCustom(name, stored)
      const tools = { place: applyPlacement, finish: addFinisher, now: clock }
      const opened = found.open(credential, { options, input, kept, ...tools })
      const expiresAt = opened.expiresAt ?? (credential.expiresAt && new Date(credential.expiresAt))
      const renewed = found.renew === undefined || Object.keys(credential.data).length > 0
      return {
        apply: (draft) => opened.apply(draft),
        ready: opened.ready ?? renewed,
        expiresAt: expiresAt || undefined,
        refreshable: found.renew !== undefined,
        singleUse: opened.singleUse,
        scopes: credential.scopes ?? [],
        get secrets() {
          return distinctSecrets([...secretsOf(fields, credential.fields), ...(opened.secrets ?? [])])
        },
      }
    },
    async renew(_auth, stored, context): Promise<Renewal> {
      const { renew } = found
      if (renew === undefined) throw new UnsupportedError(`The strategy ${name} cannot renew credentials.`)
      const { expiresAt: _end, ...credential } = readCustom(name, stored)
      const failure = (...args: ConstructorParameters<typeof RenewalError>) => new RenewalError(...args)
      const {
        data,
        expiresAt,
        scopes = [],
        kept,
      } = await renew
        .call(found, credential, { ...context, options, failure })
        .catch((error: unknown) => Promise.reject(asRenewalError(name, error)))
      const renewed: StoredCustom = {
        ...credential,
        data: plainJson(name, data),
        expiresAt: expiresAt?.toISOString(),
        scopes: [...scopes],
      }
      return { stored: renewed, scopes, expiresAt, kept }
    },
  }
}

/** The fields of a strategy. With unsuitable options a strategy may throw or return something else. */
function fieldsOf(strategy: CustomStrategy, options: Readonly<Record<string, unknown>>): CredentialField[] {
  const message = `The strategy ${strategy.name} returns invalid fields for these options. Ask the operator to check the strategy.`
  let fields: unknown
  try {
    fields = strategy.fields(options)
  } catch (cause) {
    throw new UnsupportedError(message, { cause })
  }
  const parsed = fieldsSchema.safeParse(fields)
  if (parsed.success) return describeFields(parsed.data)
  throw new UnsupportedError(message)
}

function readCustom(name: string, stored: unknown): StoredCustom {
  const credential = readStored(storedSchemas.custom, stored)
  if (credential.strategy === name) return credential
  throw new StoredCredentialError('The stored credential belongs to another strategy.')
}

/** Another error of a strategy may contain secrets. Only the log gets it. */
function asRenewalError(name: string, error: unknown): unknown {
  if (error instanceof LatchkeyError) return error
  const message = `The strategy ${name} failed to renew the credential.`
  return new RenewalError(message, {
    reason: 'PROVIDER_UNAVAILABLE',
    retryable: true,
    indeterminate: true,
    cause: error,
  })
}

const jsonObject = z.record(z.string(), z.json())

function plainJson(name: string, data: unknown): StoredCustom['data'] {
  const parsed = jsonObject.safeParse(data)
  if (parsed.success) return parsed.data
  const message = `The strategy ${name} returned data that is not a JSON object.`
  throw new RenewalError(message, { reason: 'MALFORMED_RESPONSE', retryable: true, indeterminate: true })
}
