import { useState } from 'react'
import { mutate } from '../../api.ts'
import { Field, Form, SelectField, textOf } from '../../components/form.tsx'
import { type FieldPartsFragment, TestIntegrationDocument } from './generated/graphql.ts'
import { ResultNotice, type Shown, type TestResult } from './guide-parts.tsx'
import { LANGUAGE, t } from './texts.ts'
import { useFieldErrors } from './use-field-errors.ts'

interface TryCredentialProps {
  workspaceId: string
  integration: Shown
  readOnly: string | undefined
}

/** Tests a key that a person enters. Nothing of it is stored. */
export function TryCredential({ workspaceId, integration: { slug, auth }, readOnly }: TryCredentialProps) {
  const options = auth.options.filter((option) => option.auth.credentialFields.length > 0)
  const [method, setMethod] = useState(options[0]?.key)
  const [result, setResult] = useState<TestResult>()
  const fields =
    method === undefined
      ? auth.credentialFields
      : (options.find(({ key }) => key === method)?.auth.credentialFields ?? [])
  const { errorOf, reporting } = useFieldErrors([
    ...fields.map(({ name }) => `credential.fields.${name}`),
    ...auth.inputFields.map(({ name }) => `input.${name}`),
  ])
  const test = reporting(async (form) => {
    setResult(undefined)
    const payload = await mutate(TestIntegrationDocument, {
      language: LANGUAGE,
      input: {
        workspaceId,
        integration: slug,
        credential: {
          fields: { ...valuesOf(form, 'credential', fields), ...(method === undefined ? {} : { auth_method: method }) },
        },
        input: valuesOf(form, 'input', auth.inputFields),
      },
    })
    if (payload.__typename === 'TestIntegrationPayload') setResult(payload.result)
  })
  return (
    <>
      <Form kind="plain" action={t('test.try')} disabledBecause={readOnly} onSubmit={test}>
        {options.length > 1 && (
          <SelectField
            name="method"
            label={t('test.method')}
            options={options.map(({ key, label }) => [key, label])}
            onChange={setMethod}
          />
        )}
        <CredentialFields part="input" fields={auth.inputFields} errorOf={(name) => errorOf(`input.${name}`)} />
        <CredentialFields part="credential" fields={fields} errorOf={(name) => errorOf(`credential.fields.${name}`)} />
      </Form>
      {result !== undefined && <ResultNotice result={result} />}
    </>
  )
}

export type TryField = Pick<
  FieldPartsFragment,
  'name' | 'label' | 'description' | 'secret' | 'required' | 'example' | 'choices'
>

interface CredentialFieldsProps {
  /** Values of the credential and inputs may have the same name. */
  part: 'credential' | 'input'
  fields: readonly TryField[]
  errorOf: (name: string) => string | undefined
}

export function CredentialFields({ part, fields, errorOf }: CredentialFieldsProps) {
  return fields.map(({ name, label, description, secret, required, example, choices }) => {
    const key = `${part}.${name}`
    const hint = description === null ? {} : { hint: description }
    if (choices.length > 0) {
      const options = [
        ['', t('test.choose')] as const,
        ...choices.map(({ value, label: text }) => [value, text] as const),
      ]
      const props = { name: key, label, options, required, error: errorOf(name), ...hint }
      return <SelectField key={key} {...props} />
    }
    return (
      <Field
        key={key}
        name={key}
        label={label}
        type={secret ? 'password' : 'text'}
        required={required}
        error={errorOf(name)}
        {...hint}
        {...(example === null || secret ? {} : { placeholder: example })}
      />
    )
  })
}

/** The values of a form with `CredentialFields`. Empty ones are left out. */
export function valuesOf(
  form: FormData,
  part: 'credential' | 'input',
  fields: readonly { name: string }[],
): Record<string, string> {
  return Object.fromEntries(
    fields.flatMap(({ name }) => {
      const value = textOf(form, `${part}.${name}`)
      return value === null ? [] : [[name, value] as const]
    }),
  )
}
