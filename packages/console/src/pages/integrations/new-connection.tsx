import { useEffect, useState } from 'react'
import { mutate, useDocument } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { Loading, messageOf, Notice, Problem } from '../../components/feedback.tsx'
import { ButtonLink } from '../../components/link.tsx'
import { Status } from '../../components/values.tsx'
import { TriggerSyncDocument } from '../../generated/graphql.ts'
import { navigate } from '../../router.ts'
import { SetUpConnectionDocument, TestNewConnectionDocument } from './generated/graphql.ts'
import { ResultNotice, type TestResult } from './guide-parts.tsx'
import { LANGUAGE, t } from './texts.ts'

interface NewConnectionProps {
  id: string
  /** Path of the workspace. */
  base: string
  readOnly: string | undefined
  /** Called when the test has changed the connection. */
  onChanged: () => void
}

/** The connection that somebody has just made in the set-up: it is tested at once, and its first sync is one step away. */
export function NewConnection({ id, base, readOnly, onChanged }: NewConnectionProps) {
  const { data, error, reload } = useDocument(SetUpConnectionDocument, { id })
  const [result, setResult] = useState<TestResult>()
  const [problem, setProblem] = useState<string>()
  const [busy, setBusy] = useState(false)
  const connection = data?.node?.__typename === 'Connection' ? data.node : null
  const isThere = connection !== null
  // biome-ignore lint/correctness/useExhaustiveDependencies: one test for each connection
  useEffect(() => {
    if (!isThere || readOnly !== undefined) return
    mutate(TestNewConnectionDocument, { language: LANGUAGE, input: { connectionId: id } }).then(
      (payload) => {
        if (payload.__typename === 'TestConnectionPayload') setResult(payload.result)
        reload()
        onChanged()
      },
      (failure: unknown) => setProblem(messageOf(failure)),
    )
  }, [id, isThere])
  const sync = async () => {
    setBusy(true)
    try {
      await mutate(TriggerSyncDocument, { input: { connectionId: id } })
      navigate(`${base}/connections/${id}`)
    } catch (failure) {
      setProblem(messageOf(failure))
      setBusy(false)
    }
  }
  if (data === undefined)
    return error === undefined ? <Loading lines={2} /> : <Problem message={error} retry={reload} />
  if (connection === null) return null
  return (
    <div className="made">
      <div className="line">
        <strong>{connection.displayName}</strong>
        <Status of={connection.status} prefix="status" />
      </div>
      {result === undefined && problem === undefined && readOnly === undefined && (
        <p className="soft" role="status">
          {t('test.running')}
        </p>
      )}
      {result !== undefined && <ResultNotice result={result} />}
      {problem !== undefined && <Notice tone="bad">{problem}</Notice>}
      <div className="actions">
        {connection.streams.length > 0 && (
          <Button kind="primary" busy={busy} onClick={() => void sync()} disabledBecause={readOnly}>
            {t('test.sync')}
          </Button>
        )}
        <ButtonLink to={`${base}/connections/${id}`}>{t('test.open')}</ButtonLink>
      </div>
    </div>
  )
}
