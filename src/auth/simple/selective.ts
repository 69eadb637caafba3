import type { Auth, Selective } from '../../catalog/definition/auth.ts'
import { authMethodField } from '../../catalog/definition/auth-fields.ts'
import { isRecord } from '../../catalog/template/value.ts'
import { InvalidInputError } from '../../kit/errors.ts'
import {
  type CredentialInput,
  credentialKinds,
  describedFieldsOf,
  givenKinds,
  WrongKindError,
} from '../../wire/credential-fields.ts'
import { readStored, StoredCredentialError, type StoredSelective, storedSchemas } from '../stored-credential.ts'
import type { AuthStrategy, BoundStrategy, CheckContext } from '../strategy.ts'

type Option = Selective['options'][number]

/**
 * Several ways of authenticating. The credential selects one: with the field `auth_method` next to its other fields, or
 * because only one option accepts its kind.
 */
export function selective(resolve: (auth: Auth) => BoundStrategy): AuthStrategy<Selective> {
  return {
    type: 'selective',
    describe(auth, options) {
      return {
        type: 'SELECTIVE',
        scopes: [],
        credentialFields: describedFieldsOf(auth, options),
        options: auth.options.map(({ key, label, auth: inner }) => ({
          key,
          label,
          auth: resolve(inner).describe(options),
        })),
      }
    },
    check(auth, input, context): StoredSelective {
      const { option, inner } = isRecord(input.fields)
        ? pickByField(auth, { ...input, fields: input.fields }, context)
        : pickByKind(auth, input, context, resolve)
      const stored = resolve(option.auth).check(inner, context)
      return { type: 'selective', fields: { [authMethodField.name]: option.key }, inner: stored }
    },
    open(auth, stored, context) {
      const { option, inner } = read(auth, stored)
      return resolve(option.auth).open(inner, context)
    },
    async renew(auth, stored, context) {
      const { option, inner, credential } = read(auth, stored)
      const renewal = await resolve(option.auth).renew(inner, context)
      return { ...renewal, stored: { ...credential, inner: renewal.stored } }
    },
  }
}

function read(auth: Selective, stored: unknown) {
  const credential = readStored(storedSchemas.selective, stored)
  const option = auth.options.find(({ key }) => key === credential.fields[authMethodField.name])
  if (option === undefined) {
    throw new StoredCredentialError('The stored credential uses an auth method that the definition no longer has.')
  }
  return { option, inner: credential.inner, credential }
}

interface Picked {
  option: Option
  inner: CredentialInput
}

function pickByField(
  auth: Selective,
  input: CredentialInput & { fields: Readonly<Record<string, unknown>> },
  { path }: CheckContext,
): Picked {
  const { [authMethodField.name]: given, ...fields } = input.fields
  const option = auth.options.find(({ key }) => key === given)
  if (option !== undefined) return { option, inner: { ...input, fields } }
  const problem = given === undefined ? 'is missing: it must be' : 'must be'
  const message = `${problem} one of ${keysOf(auth)}`
  throw new InvalidInputError([{ path: [...path, 'fields', authMethodField.name], message }])
}

/** Kinds other than `fields` cannot name the option. They select the only option that accepts their kind. */
function pickByKind(
  auth: Selective,
  input: CredentialInput,
  context: CheckContext,
  resolve: (auth: Auth) => BoundStrategy,
): Picked {
  const [kind, ...others] = givenKinds(input)
  if (kind === undefined || others.length > 0) {
    const message = `must have exactly one of ${credentialKinds.join(', ')}`
    throw new InvalidInputError([{ path: [...context.path], message }])
  }
  const accepting = auth.options.filter((option) => accepts(resolve(option.auth), input, context))
  const [option] = accepting
  if (option !== undefined && accepting.length === 1) return { option, inner: input }
  const problem =
    accepting.length === 0 ? 'is not accepted by this integration' : 'does not say which auth method it is for'
  const message = `${problem}. Give fields with ${authMethodField.name} (${keysOf(auth)})`
  throw new InvalidInputError([{ path: [...context.path, kind], message }])
}

/** Whether an option accepts this kind of credential, even if it rejects the value. */
function accepts(strategy: BoundStrategy, input: CredentialInput, context: CheckContext): boolean {
  try {
    strategy.check(input, context)
    return true
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error
    return !(error instanceof WrongKindError)
  }
}

function keysOf(auth: Selective): string {
  return auth.options.map(({ key }) => key).join(', ')
}
