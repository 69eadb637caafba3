import { Field, textOf } from '../../components/form.tsx'
import type { OAuthClientInput } from './generated/graphql.ts'
import type { Shown } from './guide-parts.tsx'
import { t } from './texts.ts'

/** Paths of the input that the fields stand for. */
export const CLIENT_FIELDS = ['clientId', 'clientSecret', 'hosts', 'redirectUrl'].map((name) => `oauthClient.${name}`)

interface ClientFieldsProps {
  integration: Shown
  errorOf: (path: string) => string | undefined
}

/** The fields of the OAuth client. The secret is never shown: an empty field keeps it. */
export function ClientFields({ integration: { oauthClient, provider }, errorOf }: ClientFieldsProps) {
  const [hosts, redirectUrl] = [errorOf('oauthClient.hosts'), errorOf('oauthClient.redirectUrl')]
  // Most clients have no settings of their own, so the fields are folded until they matter.
  const isOpen = hosts !== undefined || redirectUrl !== undefined || oauthClient?.redirectUrl != null
  return (
    <>
      <Field
        name="clientId"
        label={t('client.id')}
        required
        defaultValue={oauthClient?.clientId ?? ''}
        error={errorOf('oauthClient.clientId')}
      />
      <Field
        name="clientSecret"
        type="password"
        label={t('client.secret')}
        required={oauthClient === null && provider !== null}
        {...(oauthClient !== null
          ? { hint: t('client.secretKept') }
          : provider === null
            ? { hint: t('client.secretPublic') }
            : {})}
        error={errorOf('oauthClient.clientSecret')}
      />
      <details className="more" open={isOpen}>
        <summary>{t('client.more')}</summary>
        <Field
          name="hosts"
          label={t('client.hosts')}
          hint={t('client.hostsHint')}
          multiline
          defaultValue={(oauthClient?.hosts ?? []).join('\n')}
          error={hosts}
        />
        <Field
          name="redirectUrl"
          type="url"
          label={t('client.redirectUrl')}
          hint={t('client.redirectUrlHint')}
          defaultValue={oauthClient?.redirectUrl ?? ''}
          error={redirectUrl}
        />
      </details>
    </>
  )
}

/** The input of a form with `ClientFields`. */
export function clientInputOf(form: FormData, { oauthClient, provider }: Shown): OAuthClientInput {
  const clientId = textOf(form, 'clientId') ?? ''
  const secret = textOf(form, 'clientSecret')
  const isNew = clientId !== oauthClient?.clientId
  const hosts = String(form.get('hosts') ?? '')
    .split(/[\s,]+/)
    .filter((host) => host !== '')
  const sameHosts = hosts.join() === (oauthClient?.hosts ?? []).join()
  return {
    clientId,
    // A client of an own definition may have no secret. For others, the server asks for it.
    ...(secret !== null ? { clientSecret: secret } : isNew && provider === null ? { clientSecret: null } : {}),
    ...(sameHosts ? {} : { hosts: hosts.length === 0 ? null : hosts }),
    redirectUrl: textOf(form, 'redirectUrl'),
  }
}
