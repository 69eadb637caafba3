import { useState } from 'react'
import { mutate, useDocument, useReloadOnEvents } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { ConnectLink } from '../../components/connect-link.tsx'
import { ConnectionRow } from '../../components/connection-row.tsx'
import { Confirm, Dialog } from '../../components/dialog.tsx'
import { Empty, Loading, messageOf, Notice, PageHead, Problem } from '../../components/feedback.tsx'
import { Field, Form, textOf } from '../../components/form.tsx'
import { ButtonLink, Link, OtherSite } from '../../components/link.tsx'
import { Copy, Fact, Logo, Mark, Time } from '../../components/values.tsx'
import { connectAccount } from '../../connect-account.ts'
import { navigate } from '../../router.ts'
import type { WorkspacePageProps } from '../../routes.tsx'
import { formatNumber } from '../../texts.ts'
import { CLIENT_FIELDS, ClientFields, clientInputOf } from './client-fields.tsx'
import { DeleteIntegrationDocument, IntegrationDocument, UpdateIntegrationDocument } from './generated/graphql.ts'
import { ProviderFacts, type Shown } from './guide-parts.tsx'
import { capitalized, ScopeChecks, scopesIn, scopesOf } from './scopes.tsx'
import { WebhookSecret } from './setup-steps.tsx'
import { authName, LANGUAGE, t } from './texts.ts'
import { useFieldErrors } from './use-field-errors.ts'

type Asked = 'link' | 'rename' | 'client' | 'webhook' | 'removeClient' | 'delete'

export function IntegrationPage({ workspace, base, readOnly, slug }: WorkspacePageProps & { slug: string }) {
  const { data, error, reload } = useDocument(IntegrationDocument, {
    workspaceId: workspace.id,
    slug,
    language: LANGUAGE,
  })
  useReloadOnEvents(workspace.id, reload, ({ type }) => type.startsWith('CONNECTION_'))
  if (data === undefined)
    return error === undefined ? <Loading lines={6} /> : <Problem message={error} retry={reload} />
  const integration = data.workspace?.integration
  return (
    <>
      <Link to={`${base}/integrations`} className="back">
        ← {t('nav.integrations')}
      </Link>
      {error !== undefined && <Problem message={error} retry={reload} />}
      {integration == null ? (
        <Empty title={t('common.noMatch')} text={t('common.missing')} />
      ) : (
        <Details
          {...{ workspace, base, readOnly, integration, reload }}
          redirectUrls={data.workspace?.redirectUrls ?? []}
        />
      )}
    </>
  )
}

interface DetailsProps extends Pick<WorkspacePageProps, 'workspace' | 'base' | 'readOnly'> {
  integration: Shown
  redirectUrls: readonly string[]
  reload: () => void
}

function Details(props: DetailsProps) {
  const { base, readOnly, integration, reload } = props
  const [asked, setAsked] = useState<Asked>()
  const { id, slug, displayName, logoUrl, color, connections, streams, actions, needsOAuthClient } = integration
  const count = connections.totalCount ?? 0
  const place = `${base}/integrations/${slug}`
  const saved = () => {
    setAsked(undefined)
    reload()
  }
  return (
    <>
      <div className="with-logo">
        <Logo name={displayName} url={logoUrl} color={color} size="large" />
        <PageHead title={displayName}>
          {needsOAuthClient && <Mark tone="warn">{t('list.noClient')}</Mark>}
          {integration.pendingWebhookSecret !== null && <Mark tone="warn">{t('list.pendingSecret')}</Mark>}
        </PageHead>
      </div>
      <Toolbar {...props} ask={setAsked} />
      {readOnly !== undefined && <p className="faint">{readOnly}</p>}
      {needsOAuthClient && (
        <Notice tone="warn">
          <span>{t('integration.noClientText')}</span>
          <ButtonLink to={`${place}/setup`}>{t('integration.setUp')}</ButtonLink>
        </Notice>
      )}
      <div className="columns">
        <About integration={integration} />
        {integration.callbackUrl !== null && (
          <ClientCard integration={integration} readOnly={readOnly} ask={setAsked} />
        )}
        {integration.webhookUrl !== null && (
          <section className="card">
            <h2>{t('integration.webhook')}</h2>
            <Copy value={integration.webhookUrl} label={t('webhook.url')} />
            <dl>
              <Fact name={t('webhook.secret')}>
                {t(integration.hasWebhookSecret === true ? 'integration.isSet' : 'integration.notSet')}
              </Fact>
            </dl>
            {integration.pendingWebhookSecret !== null && <p className="reason warn">{t('integration.pendingText')}</p>}
            <Button onClick={() => setAsked('webhook')} disabledBecause={readOnly}>
              {t(integration.pendingWebhookSecret === null ? 'integration.setSecret' : 'integration.showSecret')}
            </Button>
          </section>
        )}
      </div>
      <h2>
        {t('integration.connections')} <span className="faint number">{formatNumber(count)}</span>
      </h2>
      {connections.nodes.length === 0 ? (
        <p className="faint">{t('integration.noConnections')}</p>
      ) : (
        <>
          <ul className="card list">
            {connections.nodes.map((connection) => (
              <li key={connection.id}>
                <ConnectionRow connection={connection} base={base} />
              </li>
            ))}
          </ul>
          <p className="below-list">
            <Link to={`${base}/connections?integration=${encodeURIComponent(slug)}`}>
              {t('integration.allConnections')}
            </Link>
          </p>
        </>
      )}
      <h2>{t('integration.streams')}</h2>
      {streams.length === 0 ? (
        <p className="faint">{t('integration.noStreams')}</p>
      ) : (
        <ul className="card list">
          {streams.map(({ name, primaryKey, cursorField, syncModes }) => (
            <li key={name} className="row">
              <div className="main">
                <code>{name}</code>
                <div className="facts">
                  {primaryKey.length > 0 && <span>{t('integration.key', { key: primaryKey.join(', ') })}</span>}
                  {cursorField !== null && <span>{t('integration.cursor', { field: cursorField })}</span>}
                </div>
              </div>
              <span className="side">
                {t(syncModes.includes('INCREMENTAL') ? 'integration.incremental' : 'integration.full')}
              </span>
            </li>
          ))}
        </ul>
      )}
      {actions.length > 0 && (
        <>
          <h2>{t('integration.actions')}</h2>
          <ul className="card list">
            {actions.map(({ name, title, description, readOnly: isReading, destructive }) => (
              <li key={name} className="row">
                <div className="main">
                  <div className="line">
                    <span className="title">{title}</span>
                    <code className="faint">{name}</code>
                  </div>
                  {description !== null && <p className="facts">{description}</p>}
                </div>
                <span className="side">
                  {t(destructive ? 'integration.destructive' : isReading ? 'integration.reads' : 'integration.writes')}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
      <ProviderFacts
        name={integration.provider?.displayName ?? displayName}
        guide={integration.provider?.guide ?? null}
      />
      {asked === 'link' && (
        <ConnectLink
          workspaceId={props.workspace.id}
          base={base}
          integration={integration}
          onClose={() => setAsked(undefined)}
        />
      )}
      {asked === 'rename' && (
        <Confirm
          title={t('integration.rename')}
          text={t('integration.renameText')}
          action={t('common.save')}
          onConfirm={async (form) => {
            const input = { integrationId: id, displayName: textOf(form, 'displayName') }
            await mutate(UpdateIntegrationDocument, { input })
            reload()
          }}
          onClose={() => setAsked(undefined)}
        >
          <Field name="displayName" label={t('common.name')} required defaultValue={displayName} />
        </Confirm>
      )}
      {asked === 'client' && (
        <ClientDialog integration={integration} onSaved={saved} onClose={() => setAsked(undefined)} />
      )}
      {asked === 'removeClient' && (
        <Confirm
          title={t('client.remove')}
          text={t('client.removeText', { count })}
          action={t('client.remove')}
          kind="danger"
          onConfirm={async () => {
            await mutate(UpdateIntegrationDocument, { input: { integrationId: id, oauthClient: null } })
            reload()
          }}
          onClose={() => setAsked(undefined)}
        />
      )}
      {asked === 'webhook' && (
        <Dialog title={t('integration.webhook')} onClose={() => setAsked(undefined)}>
          <WebhookSecret integration={integration} readOnly={readOnly} onSaved={saved} />
        </Dialog>
      )}
      {asked === 'delete' && (
        <Confirm
          title={t('integration.ask', { name: displayName })}
          text={t(
            count === 0 ? 'integration.askNone' : count === 1 ? 'integration.askText.one' : 'integration.askText',
            {
              count,
            },
          )}
          action={t('common.delete')}
          kind="danger"
          onConfirm={async () => {
            await mutate(DeleteIntegrationDocument, { input: { integrationId: id } })
            navigate(`${base}/integrations`)
          }}
          onClose={() => setAsked(undefined)}
        />
      )}
    </>
  )
}

function Toolbar({
  workspace,
  base,
  readOnly,
  integration,
  redirectUrls,
  ask,
}: DetailsProps & { ask: (asked: Asked) => void }) {
  const [error, setError] = useState<string>()
  const [busy, setBusy] = useState(false)
  const { slug, provider, needsOAuthClient, auth } = integration
  const place = `${base}/integrations/${slug}`
  const cannotConnect = readOnly ?? (needsOAuthClient && auth.type !== 'SELECTIVE' ? t('test.needsClient') : undefined)
  const connect = async () => {
    setBusy(true)
    setError(undefined)
    try {
      const back = `${place}/setup?step=test`
      await connectAccount({ workspaceId: workspace.id, base, integration: slug, redirectUrls, back })
    } catch (failure) {
      setError(messageOf(failure))
      setBusy(false)
    }
  }
  return (
    <>
      <div className="actions toolbar">
        <Button
          kind={needsOAuthClient ? 'plain' : 'primary'}
          busy={busy}
          onClick={() => void connect()}
          disabledBecause={cannotConnect}
        >
          {t('test.connect')}
        </Button>
        <Button onClick={() => ask('link')} disabledBecause={cannotConnect}>
          {t('link.title')}
        </Button>
        <ButtonLink to={`${place}/setup`} kind={needsOAuthClient ? 'primary' : 'plain'}>
          {t('integration.setUp')}
        </ButtonLink>
        {provider === null && <ButtonLink to={`${place}/definition`}>{t('integration.editDefinition')}</ButtonLink>}
        <Button onClick={() => ask('rename')} disabledBecause={readOnly}>
          {t('integration.rename')}
        </Button>
        <Button kind="danger" onClick={() => ask('delete')} disabledBecause={readOnly}>
          {t('common.delete')}
        </Button>
      </div>
      {error !== undefined && <Notice tone="bad">{error}</Notice>}
    </>
  )
}

function About({ integration }: { integration: Shown }) {
  const { id, slug, createdAt, provider, auth, baseUrl } = integration
  const rateLimit = provider?.guide?.rateLimit ?? null
  return (
    <section className="card">
      <h2>{t('integration.details')}</h2>
      <dl>
        <Fact name={t('integration.provider')}>{provider?.displayName ?? t('list.own')}</Fact>
        <Fact name={t('create.slug')}>
          <code>{slug}</code>
        </Fact>
        <Fact name={t('integration.auth')}>{authName(auth)}</Fact>
        <Fact name={t('integration.baseUrl')}>
          <code>{baseUrl}</code>
        </Fact>
        {rateLimit !== null && (
          <Fact name={t('integration.rateLimit')}>
            {rateLimit.text} <OtherSite url={rateLimit.url}>{t('setup.more')}</OtherSite>
          </Fact>
        )}
        {provider?.docsUrl != null && (
          <Fact name={t('integration.docs')}>
            <OtherSite url={provider.docsUrl}>{new URL(provider.docsUrl).host}</OtherSite>
          </Fact>
        )}
        <Fact name={t('common.created')}>
          <Time at={createdAt} />
        </Fact>
        <Fact name="Id">
          <code>{id}</code>
        </Fact>
      </dl>
    </section>
  )
}

interface ClientCardProps {
  integration: Shown
  readOnly: string | undefined
  ask: (asked: Asked) => void
}

function ClientCard({ integration, readOnly, ask }: ClientCardProps) {
  const { callbackUrl, oauthClient, needsOAuthClient, provider } = integration
  const words = new Map(provider?.guide?.scopes.map(({ scope, text }) => [scope, text]))
  return (
    <section className="card">
      <h2>{t('integration.client')}</h2>
      <p className="hint">{t('app.callback')}</p>
      <Copy value={callbackUrl ?? ''} label={t('app.callback')} />
      <dl>
        <Fact name={t('client.id')}>
          {oauthClient === null ? (
            <span className="faint">{t(needsOAuthClient ? 'integration.notSet' : 'integration.clientBuiltIn')}</span>
          ) : (
            <code>{oauthClient.clientId}</code>
          )}
        </Fact>
        <Fact name={t('integration.scopes')}>
          {scopesOf(integration).length === 0 ? (
            <span className="faint">{t('common.none')}</span>
          ) : (
            <ul className="scopes">
              {scopesOf(integration).map((scope) => (
                <li key={scope}>
                  <code>{scope}</code>
                  {words.has(scope) && <span className="hint">{capitalized(words.get(scope) ?? '')}</span>}
                </li>
              ))}
            </ul>
          )}
        </Fact>
        {oauthClient !== null && oauthClient.hosts.length > 0 && (
          <Fact name={t('client.hosts')}>
            <span className="tags">
              {oauthClient.hosts.map((host) => (
                <code key={host}>{host}</code>
              ))}
            </span>
          </Fact>
        )}
      </dl>
      <div className="actions">
        {(oauthClient !== null || needsOAuthClient) && (
          <Button onClick={() => ask('client')} disabledBecause={readOnly}>
            {t(oauthClient === null ? 'client.add' : 'client.change')}
          </Button>
        )}
        {oauthClient !== null && (
          <Button kind="quiet" onClick={() => ask('removeClient')} disabledBecause={readOnly}>
            {t('client.remove')}
          </Button>
        )}
      </div>
    </section>
  )
}

interface ClientDialogProps {
  integration: Shown
  onSaved: () => void
  onClose: () => void
}

/** Changes the client. A dry run says first how many connections are affected. */
function ClientDialog({ integration, onSaved, onClose }: ClientDialogProps) {
  const { errorOf, reporting } = useFieldErrors(CLIENT_FIELDS)
  const [affected, setAffected] = useState<number>()
  const save = reporting(async (form) => {
    const oauthClient = { ...clientInputOf(form, integration), scopes: scopesIn(form) }
    const input = { integrationId: integration.id, oauthClient }
    const dry = await mutate(UpdateIntegrationDocument, { input: { ...input, dryRun: true } })
    const count = dry.__typename === 'UpdateIntegrationPayload' ? dry.connectionsAffected : 0
    if (count > 0 && affected !== count) {
      setAffected(count)
      return
    }
    await mutate(UpdateIntegrationDocument, { input })
    onSaved()
  })
  return (
    <Dialog title={t(integration.oauthClient === null ? 'client.add' : 'client.change')} onClose={onClose} wide>
      <p>{t('client.changeText', { count: integration.connections.totalCount ?? 0 })}</p>
      <Form action={affected === undefined ? t('common.save') : t('definition.saveAnyway')} onSubmit={save}>
        <ClientFields integration={integration} errorOf={errorOf} />
        <ScopeChecks integration={integration} chosen={scopesOf(integration)} />
        {affected !== undefined && (
          <Notice tone="warn">
            {t(affected === 1 ? 'definition.affected.one' : 'definition.affected', { count: affected })}
          </Notice>
        )}
      </Form>
    </Dialog>
  )
}
