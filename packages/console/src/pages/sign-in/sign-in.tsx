import { type FormEvent, useEffect, useState } from 'react'
import { readSession, type Session, signIn } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { Notice, Problem } from '../../components/feedback.tsx'
import { hrefOf, navigate, usePlace } from '../../router.ts'
import { t } from './texts.ts'

const PROBLEMS = ['oidc', 'role', 'busy', 'ended'] as const

export function SignIn({ onSignedIn }: { onSignedIn: (session: Session) => void }) {
  const { query } = usePlace()
  const [session, setSession] = useState<Session>()
  const [error, setError] = useState<string>()
  const [busy, setBusy] = useState(false)
  const problem = PROBLEMS.find((each) => each === query.get('problem'))
  useEffect(() => {
    document.title = t('signIn.title')
    readSession().then(setSession, (failure: Error) => setError(failure.message))
  }, [])

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const key = String(new FormData(event.currentTarget).get('key') ?? '').trim()
    if (key === '') return setError(t('signIn.missing'))
    setBusy(true)
    setError(undefined)
    try {
      await signIn(key)
      onSignedIn({ ...(await readSession()), signedIn: true })
      const back = query.get('back') ?? '/'
      navigate(back.startsWith('/') ? back : '/', { replace: true })
    } catch (failure) {
      setError(failure instanceof Error ? failure.message : String(failure))
      setBusy(false)
    }
  }

  return (
    <main className="sign-in">
      <form onSubmit={submit} className="card" noValidate>
        <img src={hrefOf('/icon.svg')} alt="" width="40" height="40" />
        <h1>{t('signIn.title')}</h1>
        {problem !== undefined && error === undefined && <Notice tone="bad">{t(`signIn.problem.${problem}`)}</Notice>}
        <label>
          <span>{t('signIn.key')}</span>
          <input
            name="key"
            type="password"
            autoComplete="off"
            spellCheck={false}
            placeholder="lk_…"
            aria-describedby="key-hint"
            aria-invalid={error !== undefined}
          />
        </label>
        <p id="key-hint" className="faint">
          {t('signIn.hint')}
        </p>
        {error !== undefined && <Notice tone="bad">{error}</Notice>}
        <Button type="submit" kind="primary" busy={busy}>
          {busy ? t('signIn.busy') : t('signIn.submit')}
        </Button>
        {session?.oidc === true && (
          <>
            <div className="or">{t('signIn.or')}</div>
            <a className="button plain" href={hrefOf('/oidc')}>
              {t('signIn.oidc')}
            </a>
          </>
        )}
      </form>
      {session === undefined && error !== undefined && <Problem message={error} retry={() => location.reload()} />}
    </main>
  )
}
