import { useEffect, useState } from 'react'
import { mutate } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { ConnectLink } from '../../components/connect-link.tsx'
import { Confirm } from '../../components/dialog.tsx'
import { messageOf, Notice } from '../../components/feedback.tsx'
import { connectAccount, OWN_END_USER } from '../../connect-account.ts'
import { navigate, setQuery, usePlace } from '../../router.ts'
import { language } from '../../texts.ts'
import type { ConnectionProps } from './connection.tsx'
import {
  DeleteConnectionDocument,
  RefreshConnectionDocument,
  TestConnectionDocument,
  UpdateConnectionDocument,
} from './generated/graphql.ts'
import { type Hint, HintText } from './hint-text.tsx'
import { SyncDialog } from './sync-dialog.tsx'
import { t } from './texts.ts'

type Asked = 'sync' | 'renew' | 'reconnect' | 'disable' | 'delete'
interface Result {
  tone: 'good' | 'bad'
  text: string
  /** What to do about it. */
  hint?: Hint | null
}

/** What can be done with a connection. What changes something that is not obvious asks first. */
export function Actions({ connection, workspaceId, base, readOnly, reload }: ConnectionProps) {
  const { id, displayName, status, credential, streams, endUser, syncJobs } = connection
  const [asked, setAsked] = useState<Asked>()
  const isOwn = endUser?.externalId === OWN_END_USER
  // The connect page comes back with the id of what was connected.
  const isBack = usePlace().query.get('connection') === id
  const [result, setResult] = useState<Result | undefined>(
    isBack ? { tone: 'good', text: t('connection.done.reconnect') } : undefined,
  )
  useEffect(() => {
    if (isBack) setQuery({ connection: '' })
  }, [isBack])
  const [busy, setBusy] = useState<string>()
  const isDisabled = status === 'DISABLED'
  const isBroken = status === 'NEEDS_REAUTH' || status === 'PENDING'
  const records = streams.reduce((sum, { recordCount }) => sum + recordCount, 0)

  const run = async (name: string, work: () => Promise<Result | undefined>) => {
    setBusy(name)
    setResult(undefined)
    try {
      setResult(await work())
    } catch (failure) {
      setResult({ tone: 'bad', text: messageOf(failure) })
    }
    setBusy(undefined)
    reload()
  }
  const done = (name: 'renew' | 'sync') => {
    setResult({ tone: 'good', text: t(`connection.done.${name}`) })
    reload()
  }
  const test = async (): Promise<Result> => {
    const payload = await mutate(TestConnectionDocument, {
      input: { connectionId: id },
      language: language === 'de' ? 'DE' : 'EN',
    })
    if (payload.__typename !== 'TestConnectionPayload') throw new Error(t('common.failed'))
    const { ok, message, hint } = payload.result
    return { tone: ok ? 'good' : 'bad', text: message, hint }
  }
  /** The console's own accounts are connected by who uses the console; others get a link. */
  const reconnect = () => {
    if (!isOwn) return setAsked('reconnect')
    const { redirectUrls } = connection.workspace
    void run('reconnect', async () => {
      await connectAccount({
        workspaceId,
        base,
        integration: { connectionId: id },
        redirectUrls,
        back: `${base}/connections/${id}`,
      })
      return undefined
    })
  }
  const CONFIRMED = {
    renew: async () => {
      await mutate(RefreshConnectionDocument, { input: { connectionId: id, force: true } })
      done('renew')
    },
    disable: async () => {
      await mutate(UpdateConnectionDocument, { input: { connectionId: id, disabled: true } })
      // The page says that it is disabled.
      setResult(undefined)
      reload()
    },
    delete: async () => {
      await mutate(DeleteConnectionDocument, { input: { connectionId: id } })
      navigate(`${base}/connections`)
    },
  }
  const enable = async (): Promise<Result> => {
    await mutate(UpdateConnectionDocument, { input: { connectionId: id, disabled: false } })
    return { tone: 'good', text: t('connection.done.enable') }
  }
  return (
    <>
      <div className="actions toolbar">
        {streams.length > 0 && (
          <Button
            kind={isBroken ? 'plain' : 'primary'}
            onClick={() => setAsked('sync')}
            disabledBecause={readOnly ?? (isDisabled ? t('connection.isDisabled') : undefined)}
          >
            {t('connection.sync')}
          </Button>
        )}
        <Button busy={busy === 'test'} onClick={() => void run('test', test)} disabledBecause={readOnly}>
          {t('connection.test')}
        </Button>
        {credential.refreshable && (
          <Button onClick={() => setAsked('renew')} disabledBecause={readOnly}>
            {t('connection.renew')}
          </Button>
        )}
        <Button
          kind={isBroken ? 'primary' : 'plain'}
          busy={busy === 'reconnect'}
          onClick={reconnect}
          disabledBecause={readOnly ?? (endUser === null ? t('connection.noEndUser') : undefined)}
        >
          {t(isOwn || endUser === null ? 'connection.reconnect' : 'link.reconnectTitle')}
        </Button>
        {isDisabled ? (
          <Button busy={busy === 'enable'} onClick={() => void run('enable', enable)} disabledBecause={readOnly}>
            {t('connection.enable')}
          </Button>
        ) : (
          <Button
            onClick={() => setAsked('disable')}
            disabledBecause={readOnly ?? (status === 'PENDING' ? t('connection.isPending') : undefined)}
          >
            {t('connection.disable')}
          </Button>
        )}
        <Button kind="danger" onClick={() => setAsked('delete')} disabledBecause={readOnly}>
          {t('connection.delete')}
        </Button>
      </div>
      {readOnly !== undefined && <p className="faint">{readOnly}</p>}
      {result !== undefined && (
        <Notice tone={result.tone}>
          <div className="health">
            <p>{result.text}</p>
            {result.hint != null && <HintText hint={result.hint} />}
          </div>
        </Notice>
      )}
      {asked === 'sync' && (
        <SyncDialog connection={connection} onStarted={() => done('sync')} onClose={() => setAsked(undefined)} />
      )}
      {asked === 'reconnect' && endUser !== null && (
        <ConnectLink
          workspaceId={workspaceId}
          base={base}
          endUser={endUser}
          connectionId={id}
          onClose={() => setAsked(undefined)}
        />
      )}
      {(asked === 'renew' || asked === 'disable' || asked === 'delete') && (
        <Confirm
          title={t(`connection.ask.${asked}`, { name: displayName })}
          text={t(`connection.ask.${asked}Text`, { count: records, jobs: syncJobs.totalCount ?? 0 })}
          action={t(`connection.${asked}`)}
          kind={asked === 'delete' ? 'danger' : 'primary'}
          onConfirm={CONFIRMED[asked]}
          onClose={() => setAsked(undefined)}
        />
      )}
    </>
  )
}
