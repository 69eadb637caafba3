import { useState } from 'react'
import { Check, Field } from '../../components/form.tsx'
import type { Shown } from './guide-parts.tsx'
import { t } from './texts.ts'

/** The scopes that the definition requests, in all of its ways to connect. */
function defaultScopes({ auth }: Pick<Shown, 'auth'>): string[] {
  return [...new Set([...auth.scopes, ...auth.options.flatMap((option) => option.auth.scopes)])]
}

/** The scopes that an integration requests: those of its client, or else those of the definition. */
export function scopesOf(integration: Pick<Shown, 'auth' | 'oauthClient'>): readonly string[] {
  const own = integration.oauthClient?.scopes ?? []
  return own.length > 0 ? own : defaultScopes(integration)
}

/** The scopes that were chosen before there is a client, which would hold them. Kept until the tab is closed. Null: none. */
export function useScopeDraft({
  id,
}: Pick<Shown, 'id'>): [string[] | null, (scopes: readonly string[] | null) => void] {
  const key = `latchkey:scopes:${id}`
  const [draft, setDraft] = useState<string[] | null>(() => JSON.parse(sessionStorage.getItem(key) ?? 'null'))
  return [
    draft,
    (scopes) => {
      if (scopes === null) sessionStorage.removeItem(key)
      else sessionStorage.setItem(key, JSON.stringify(scopes))
      setDraft(scopes === null ? null : [...scopes])
    },
  ]
}

/** Checkboxes for the scopes that are known, with what they allow, and a field for others. */
export function ScopeChecks({ integration, chosen }: { integration: Shown; chosen: readonly string[] }) {
  const described = integration.provider?.guide?.scopes ?? []
  const usual = defaultScopes(integration)
  const known = [
    ...described,
    ...usual
      .filter((scope) => !described.some((each) => each.scope === scope))
      .map((scope) => ({ scope, text: undefined, requested: true })),
  ]
  const others = chosen.filter((scope) => !known.some((each) => each.scope === scope))
  const group = (requested: boolean) => known.filter((each) => each.requested === requested)
  return (
    <>
      {[true, false].map((requested) =>
        group(requested).length === 0 ? null : (
          <fieldset key={String(requested)}>
            <legend>{t(requested ? 'scopes.usual' : 'scopes.more')}</legend>
            {group(requested).map(({ scope, text }) => (
              <Check
                key={scope}
                name="scope"
                value={scope}
                label={text === undefined ? scope : capitalized(text)}
                {...(text === undefined ? {} : { hint: <code>{scope}</code> })}
                defaultChecked={chosen.includes(scope)}
              />
            ))}
          </fieldset>
        ),
      )}
      <Field
        name="otherScopes"
        label={t('scopes.others')}
        hint={t('scopes.othersHint')}
        defaultValue={others.join(' ')}
        multiline={others.length > 3}
      />
    </>
  )
}

export function capitalized(text: string): string {
  return text.slice(0, 1).toLocaleUpperCase() + text.slice(1)
}

/** The scopes that a form with `ScopeChecks` names. */
export function scopesIn(form: FormData): string[] {
  const others = String(form.get('otherScopes') ?? '').split(/[\s,]+/)
  return [...new Set([...form.getAll('scope').map(String), ...others])].filter((scope) => scope !== '')
}
