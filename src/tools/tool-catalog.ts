import { createHash } from 'node:crypto'
import type { AllowedTools } from '../access/tool-callers.ts'
import { definitionOf } from '../catalog/catalog.ts'
import type { Integration } from '../db/generated/client.ts'
import type { Logger } from '../kit/log.ts'
import { type Action, actionsOf } from './actions.ts'

/** An action of an integration as a tool. */
export interface ActionTool {
  /** `<slug of the integration>_<name of the action>`; a longer one is shortened, see `toolNameOf`. */
  name: string
  integration: Integration
  action: Action
}

/** Several clients accept no longer names. */
const MAX_NAME = 64
const HASH_LENGTH = 8
const NOT_ALLOWED = /[^A-Za-z0-9_-]/g

/**
 * The name of an action's tool. A name that is too long, or has characters which tools cannot have, ends in a hash of the whole
 * name, so that no two actions share one.
 */
export function toolNameOf(slug: string, action: string): string {
  const whole = fullNameOf(slug, action)
  const plain = whole.replace(NOT_ALLOWED, '_')
  if (plain === whole && whole.length <= MAX_NAME) return whole
  const hash = createHash('sha256').update(whole).digest('hex').slice(0, HASH_LENGTH)
  return `${plain.slice(0, MAX_NAME - HASH_LENGTH - 1)}_${hash}`
}

export function fullNameOf(slug: string, action: string): string {
  return `${slug}_${action}`
}

const SLUG = /^[a-z0-9-]{1,63}$/

export function isSlug(text: string): boolean {
  return SLUG.test(text)
}

/** The slug in the name of a tool, which ends at the first `_`. `isCut`: a longer slug may have been cut there. Null: it has none. */
export function slugIn(name: string): { text: string; isCut: boolean } | null {
  const text = name.slice(0, Math.max(0, name.indexOf('_')))
  return isSlug(text) ? { text, isCut: text.length === MAX_NAME - HASH_LENGTH - 1 } : null
}

/** How a tool session stores that an action is allowed. It stays the same when the slug of the integration changes. */
export function allowedKey(integrationId: string, action: string): string {
  return `${integrationId} ${action}`
}

/** Whether an action of an integration is a tool. */
type Allows = (integration: Integration, action: Action) => boolean

export const ALL: Allows = () => true
export const READING: Allows = (_integration, { readOnly }) => readOnly

export function allowedBy({ actions, readOnly }: AllowedTools): Allows {
  if (actions === null) return READING
  return ({ id }, action) => actions.has(allowedKey(id, action.name)) && (action.readOnly || !readOnly)
}

/** The tools of integrations, as their definitions are now. */
export function toolsOf(integrations: readonly Integration[], allows: Allows, logger: Logger): ActionTool[] {
  return integrations.flatMap((integration) =>
    actionsOfIntegration(integration, logger)
      .filter((action) => allows(integration, action))
      .map((action) => ({ name: toolNameOf(integration.slug, action.name), integration, action })),
  )
}

/** No actions where this version does not accept the definition: the tools of other integrations still work. */
function actionsOfIntegration(integration: Integration, logger: Logger): Action[] {
  try {
    return actionsOf(definitionOf(integration))
  } catch (error) {
    logger.error({ err: error, integrationId: integration.id }, 'the actions of an integration cannot be offered')
    return []
  }
}
