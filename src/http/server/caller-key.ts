import type { Caller } from '../../access/caller.ts'

/** Whose limits count: an API key, a connect session, a session of an operator in the console, or an end user. */
export function callerKey({ apiKeyId, connectSessionId, consoleSessionId, workspaceId, endUserId }: Caller): string {
  return apiKeyId ?? connectSessionId ?? consoleSessionId ?? `${workspaceId}:${endUserId}`
}

/** The workspace of a caller. Operators, who belong to none, count by API key, or by session of the console. */
export function workspaceKey({ workspaceId, apiKeyId, consoleSessionId }: Caller): string {
  return workspaceId ?? apiKeyId ?? consoleSessionId ?? 'operators'
}
