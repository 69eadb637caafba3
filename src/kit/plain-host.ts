const PLAIN_HOST = /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])$/

/**
 * Whether a parsed URL's hostname is made of what names and addresses are made of. URLs let more through, and some of it means
 * something in a Content-Security-Policy: `;` ends a directive there, and `*` is every host.
 */
export function isPlainHost(hostname: string): boolean {
  return PLAIN_HOST.test(hostname)
}
