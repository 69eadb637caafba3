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
 * Several ways, of which the credential picks one: by the field `auth_method` beside the fields of that way, or by being
 * of a kind that only one of them takes.
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
    throw new StoredCredentialError('The stored credential is of a method that this definition no longer has.')
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

/** Tokens, secret texts and pairs have no place for the field; they mean the one option that takes them. */
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
  const takers = auth.options.filter((option) => takes(resolve(option.auth), input, context))
  const [option] = takers
  if (option !== undefined && takers.length === 1) return { option, inner: input }
  const problem = takers.length === 0 ? 'is not accepted by this integration' : 'does not say which method is meant'
  const message = `${problem}. Give fields with ${authMethodField.name} (${keysOf(auth)})`
  throw new InvalidInputError([{ path: [...context.path, kind], message }])
}

/** An option that finds the value wrong takes it all the same. */
function takes(strategy: BoundStrategy, input: CredentialInput, context: CheckContext): boolean {
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
