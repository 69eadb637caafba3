import { useState } from 'react'
import { mutate } from '../../api.ts'
import { Form, SelectField, textOf } from '../../components/form.tsx'
import { Json } from '../../components/values.tsx'
import { streamsToTry, waysToTry } from './editor/fields-to-try.ts'
import { TestIntegrationDocument } from './generated/graphql.ts'
import { type DefinitionTestResult, ResultNotice } from './guide-parts.tsx'
import { LANGUAGE, t } from './texts.ts'
import { CredentialFields, valuesOf } from './try-credential.tsx'
import { useFieldErrors } from './use-field-errors.ts'

interface TryDefinitionProps {
  workspaceId: string
  /** Undefined: the text is not JSON. */
  definition: unknown
  readOnly: string | undefined
  /** Shows faults in the text. Returns whether there are some. */
  onRefused: (failure: unknown) => boolean
}

/** Tries a definition that is not saved, with values that are not stored. */
export function TryDefinition({ workspaceId, definition, readOnly, onRefused }: TryDefinitionProps) {
  const [chosen, setChosen] = useState<string>()
  const [result, setResult] = useState<DefinitionTestResult>()
  // While the text is no JSON for a moment, the fields stay, and with them what was typed.
  const [valid, setValid] = useState(definition)
  if (definition !== undefined && JSON.stringify(definition) !== JSON.stringify(valid)) setValid(definition)
  const { ways, inputs } = waysToTry(valid)
  const streams = streamsToTry(valid)
  const way = ways.find(({ key }) => key === chosen) ?? ways[0]
  const fields = way?.fields ?? []
  const part = way?.takesToken === true ? 'credential.oauthToken' : 'credential.fields'
  const { errorOf, reporting } = useFieldErrors([
    ...fields.map(({ name }) => `${part}.${name}`),
    ...inputs.map(({ name }) => `input.${name}`),
  ])
  const test = reporting(async (form) => {
    setResult(undefined)
    if (definition === undefined) throw new Error(t('definition.notJson'))
    const values = valuesOf(form, 'credential', fields)
    const credential =
      way?.takesToken === true
        ? { oauthToken: { accessToken: textOf(form, 'credential.accessToken') } }
        : { fields: { ...values, ...(way?.key == null ? {} : { auth_method: way.key }) } }
    try {
      const payload = await mutate(TestIntegrationDocument, {
        language: LANGUAGE,
        input: {
          ...{ workspaceId, definition, credential },
          input: valuesOf(form, 'input', inputs),
          stream: textOf(form, 'stream'),
        },
      })
      if (payload.__typename === 'TestIntegrationPayload') setResult(payload.result)
    } catch (failure) {
      if (onRefused(failure)) throw new Error(t('try.refused'))
      throw failure
    }
  })
  return (
    <section className="card try" aria-labelledby="try-title">
      <h2 id="try-title">{t('try.title')}</h2>
      <p className="hint">{t('try.text')}</p>
      <Form kind="plain" action={t('try.action')} disabledBecause={readOnly} onSubmit={test}>
        {ways.length > 1 && (
          <SelectField
            name="method"
            label={t('test.method')}
            options={ways.map(({ key, label }) => [key ?? '', label])}
            onChange={setChosen}
          />
        )}
        <CredentialFields part="input" fields={inputs} errorOf={(name) => errorOf(`input.${name}`)} />
        <CredentialFields part="credential" fields={fields} errorOf={(name) => errorOf(`${part}.${name}`)} />
        {streams.length > 0 && (
          <SelectField
            name="stream"
            label={t('try.stream')}
            hint={t('try.streamHint')}
            options={[...streams.map((name) => [name, name] as const), ['', t('try.noStream')]]}
          />
        )}
      </Form>
      {result !== undefined && <ResultNotice result={result} />}
      {result?.records != null && result.records.length > 0 && (
        <>
          <h3>{t('try.records')}</h3>
          <Json value={result.records} />
        </>
      )}
    </section>
  )
}
