'use client'

import { ConnectButton } from 'latchkey-client/react'
import { useRouter } from 'next/navigation'
import { useEffect, useRef } from 'react'

const post = async (path: string, body = ''): Promise<string> => {
  const response = await fetch(path, { method: 'POST', body })
  if (!response.ok) throw new Error(`${path} answered with the status ${response.status}.`)
  return response.text()
}

const LABELS = {
  idle: 'Connect an account',
  connecting: 'Connecting …',
  lost: 'Start again',
  connected: 'Connect another account',
  ended: 'Connect an account',
  failed: 'Try again',
}

/** Opens the connect page. `url` is the address of Latchkey. */
export function Connect({ url }: { url: string }) {
  const router = useRouter()
  return (
    <ConnectButton
      url={url}
      token={() => post('/api/connect-session')}
      onHandle={(handle) => post('/api/confirm', handle)}
      onConnected={() => router.refresh()}
    >
      {({ status }) => LABELS[status]}
    </ConnectButton>
  )
}

/** Renders the page again on the server after each event. `after`: the cursor of the newest event when the page was rendered first. */
export function Live({ after }: { after: string | null }) {
  const router = useRouter()
  const first = useRef(after)
  useEffect(() => {
    const query = first.current === null ? '' : `?after=${encodeURIComponent(first.current)}`
    const updates = new EventSource(`/api/updates${query}`)
    updates.onmessage = () => router.refresh()
    return () => updates.close()
  }, [router])
  return null
}
