import { isDeepStrictEqual } from 'node:util'
import type { IntegrationDefinition } from '../catalog/definition/definition.ts'
import { readPath } from '../catalog/definition/path.ts'
import type { ProviderReply } from './provider-reply.ts'

export type ResponseRule = NonNullable<IntegrationDefinition['responseErrors']>[number]

/** The first of the definition's `responseErrors` that an answer fits. The body is looked at only for a rule with a path. */
export function matchingRule(
  rules: readonly ResponseRule[] | undefined,
  reply: Pick<ProviderReply, 'status' | 'body'>,
): ResponseRule | undefined {
  return (rules ?? []).find((rule) => fits(rule, reply))
}

/** A path without `equals` fits when something stands there: not null, false, nor an empty text or list. */
function fits(rule: ResponseRule, reply: Pick<ProviderReply, 'status' | 'body'>): boolean {
  if (rule.status !== undefined && rule.status !== reply.status) return false
  if (rule.path === undefined) return true
  const value = readPath(reply.body, rule.path)
  if (rule.equals !== undefined) return isDeepStrictEqual(value, rule.equals)
  const empty = value === '' || (Array.isArray(value) && value.length === 0)
  return value !== undefined && value !== null && value !== false && !empty
}
