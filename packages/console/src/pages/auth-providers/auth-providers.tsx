import { PageHead } from '../../components/feedback.tsx'
import type { WorkspacePageProps } from '../../routes.tsx'
import { t } from '../../texts.ts'

export function AuthProviders(_props: WorkspacePageProps) {
  return <PageHead title={t('nav.auth-providers')} />
}
