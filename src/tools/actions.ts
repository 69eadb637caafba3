import type { Caller } from '../access/caller.ts'
import type { ActionDefinition } from '../catalog/definition/action.ts'
import type { JsonSchema } from '../catalog/definition/argument-schema.ts'
import type { IntegrationDefinition } from '../catalog/definition/definition.ts'
import type { Resolution } from '../connections/resolve-connection.ts'
import type { ExecuteDeps, ExecutedResponse } from './execute-request.ts'

/** What callers see of an action. */
export interface Action {
  name: string
  title: string
  description: string | null
  /** JSON Schema 2020-12 of the arguments, which are an object. */
  inputSchema: JsonSchema
  /** The action changes nothing. */
  readOnly: boolean
  /** The action deletes or overwrites something. */
  destructive: boolean
}

export function actionsOf({ actions = [] }: IntegrationDefinition): Action[] {
  return actions.map(describeAction)
}

/** The action with this name; undefined: there is none. */
export function findAction({ actions = [] }: IntegrationDefinition, name: string): ActionDefinition | undefined {
  return actions.find((action) => action.name === name)
}

export function describeAction(action: ActionDefinition): Action {
  const { name, title = titleOf(name), description = null, input, request } = action
  return {
    name,
    title,
    description,
    inputSchema: input['type'] === undefined ? { type: 'object', ...input } : input,
    readOnly: isReadOnly(action),
    destructive: action.destructive ?? request.method === 'DELETE',
  }
}

/** Whether the action changes nothing: what the definition says, for any method. Default: only GET changes nothing. */
export function isReadOnly({ readOnly, request }: ActionDefinition): boolean {
  return readOnly ?? request.method === 'GET'
}

/** `create_issue` becomes `Create issue`. */
function titleOf(name: string): string {
  const words = name.replaceAll(/[_.-]+/g, ' ').trim()
  return words === '' ? name : `${words.charAt(0).toUpperCase()}${words.slice(1)}`
}

export interface ActionToRun {
  /** Exactly one of the two. */
  connectionId: string | null
  resolve: Resolution | null
  /** Name of the action. */
  action: string
  /** A JSON object. Null: no arguments. */
  arguments: unknown
  idempotencyKey: string | null
}

export interface RunAction {
  /** Null: the response has no value there, or is not a success. */
  output: unknown
  response: ExecutedResponse
  connectionId: string
  /** Whether the credential was renewed for this request. */
  refreshed: boolean
}

export interface ActionDeps extends ExecuteDeps {}

/** Runs an action of a connection's integration. A response with an error status is a result too. */
export async function runAction(_deps: ActionDeps, _caller: Caller, _input: ActionToRun): Promise<RunAction> {
  throw new Error('Actions cannot be run yet.')
}
