import type { IntegrationDefinition } from '../catalog/definition/definition.ts'
import type { TemplateScope } from '../catalog/template/template.ts'
import { renderJson } from '../catalog/template/template.ts'
import { renderPath } from '../catalog/template/url-template.ts'
import type { DraftBody } from '../wire/request-draft.ts'

interface TestRequestParts {
  method: string
  /** Path under the base URL. */
  path: string
  body?: DraftBody
}

/**
 * Renders the definition's test request. With a JSON body the default method is POST.
 *
 * @returns undefined when the definition has no test request
 * @throws TemplateError for a missing input
 */
export function testRequestParts(
  { testRequest }: IntegrationDefinition,
  scope: TemplateScope,
): TestRequestParts | undefined {
  if (testRequest === undefined) return undefined
  const { path, json, method = json === undefined ? 'GET' : 'POST' } = testRequest
  return {
    method,
    path: renderPath(path, scope),
    body: json === undefined ? undefined : { type: 'json', value: renderJson(json, scope) },
  }
}
