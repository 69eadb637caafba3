import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import {
  actionKeyIdentity,
  associatedData,
  authProviderIdentity,
  clientSecretIdentity,
  credentialIdentity,
  flowIdentity,
  initialAccessTokensIdentity,
  jobTokenIdentity,
  KEY_CHECK_IDENTITY,
  pendingIdentity,
  type RowIdentity,
  revocationIdentity,
  SEALED_TABLES,
  webhookEndpointIdentity,
  webhookSecretIdentity,
} from '../../src/vault/identities.ts'

/** These bytes are part of the stored data: a database that holds secrets cannot be read when one of them changes. */
const PINNED: [name: string, identity: RowIdentity, bytes: string][] = [
  ['credential', credentialIdentity('workspace', 'row', 7), '\x11credential.sealed\0\0\0\x017'],
  ['pending credential', pendingIdentity('workspace', 'row', 7), '\x19pending_credential.sealed\0\0\0\x017'],
  ['client secret', clientSecretIdentity('workspace', 'row', 7), '\x19integration_secret.sealed\0\0\0\x017'],
  ['auth provider', authProviderIdentity('workspace', 'row', 7), '\x14auth_provider.sealed\0\0\0\x017'],
  ['job token', jobTokenIdentity('workspace', 'row', 7), '\x15sync_job_token.sealed\0\0\0\x017'],
  ['OAuth flow', flowIdentity({ workspaceId: 'workspace', id: 'row', version: 7 }), '\x11oauth_flow.sealed\0\0\0\x017'],
  ['webhook endpoint', webhookEndpointIdentity('workspace', 'row', 7), '\x17webhook_endpoint.sealed\0\0\0\x017'],
  ['webhook secret', webhookSecretIdentity('workspace', 'row', 7), '\x15webhook_secret.sealed\0\0\0\x017'],
  [
    'initial access tokens',
    initialAccessTokensIdentity('workspace', 'row', 7),
    '\x1cinitial_access_tokens.sealed\0\0\0\x017',
  ],
  ['action key', actionKeyIdentity('workspace', 'row', 7), '\x11action_key.sealed\0\0\0\x017'],
  ['revocation', revocationIdentity('workspace', 'row', 7), '\x11revocation.sealed\0\0\0\x017'],
]
const PREFIX = '\0\0\0\x07cred/v1\0\0\0\x09workspace\0\0\0\x03row\0\0\0'

const bytesOf = (identity: RowIdentity, keyId?: string) => Buffer.from(associatedData(identity, keyId)).toString()

describe('associatedData', () => {
  it.each(PINNED)('the bytes of a %s never change', (_name, identity, bytes) => {
    expect(bytesOf(identity)).toBe(PREFIX + bytes)
  })

  it('the bytes of a key check never change', () => {
    expect(bytesOf(KEY_CHECK_IDENTITY)).toBe('\0\0\0\x07cred/v1\0\0\0\0\0\0\0\x09key-check\0\0\0\x06sealed\0\0\0\x011')
  })

  it('appends the key id for the layer that wraps the data key', () => {
    expect(bytesOf(credentialIdentity('workspace', 'row', 7), 'k1')).toBe(
      `${PREFIX}\x11credential.sealed\0\0\0\x017\0\0\0\x02k1`,
    )
  })

  it('every sealed table has a pinned identity', () => {
    const columns = PINNED.map(([, { column }]) => column).sort()
    expect(columns).toEqual(SEALED_TABLES.map(({ name }) => `${name}.sealed`).sort())
  })
})

describe('src', () => {
  it('spells the parts of associated data in vault/identities.ts only', async () => {
    const source = fileURLToPath(new URL('../../src/', import.meta.url))
    const spelling = new RegExp(
      `cred/v1|'key-check'|['"\`](?:${SEALED_TABLES.map(({ name }) => name).join('|')}|\\$\\{\\w+\\})\\.sealed['"\`]`,
    )
    const found: string[] = []
    for (const entry of await readdir(source, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name)
      if (!entry.isFile() || !path.endsWith('.ts') || path.includes('generated')) continue
      const code = (await readFile(path, 'utf8')).replaceAll(/\/\*[\s\S]*?\*\//g, '')
      if (spelling.test(code)) found.push(path.slice(source.length))
    }
    expect(found).toEqual(['vault/identities.ts'])
  })
})
