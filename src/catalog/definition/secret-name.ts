const SECRET_NAME = /token|secret|password|assertion|api_?key/i
const HARMLESS_NAME = /type|expir|scope|error/i

/** Whether a value under this name in a provider's response is a secret: `id_token`, `client_secret`, but not `token_type`. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) && !isHarmlessName(name)
}

/** Whether the name says what a value is that stands beside a secret or inside of it. */
export function isHarmlessName(name: string): boolean {
  return HARMLESS_NAME.test(name)
}
